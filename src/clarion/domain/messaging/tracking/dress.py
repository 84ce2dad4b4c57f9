"""The last touches on an e-mail before it is handed over: pixel, tracked links, the ways to unsubscribe and to bounce.

What is put in leads to a server that recipients can reach: the sending domain's own tracking host, `public_url`, or for
the local inbox, whose readers sit at this machine, the address this server listens on. Without any, e-mails go out
untouched, but for `{{ses:openTracker}}` and the `ses:` attributes, which no recipient shall see.

A message may say for itself what is tracked, in the header `X-Clarion-Tracking`: `off`, `opens`, `clicks` or `on`. It
can only take away from what the settings allow, and no recipient sees it.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

import msgspec

from clarion.channels.email.tracking import OPEN_TRACKER, UNSUBSCRIBE_PATH, Token, Tokens, Tracker
from clarion.channels.email.verp import Verp
from clarion.channels.port import EmailOutgoing, Outgoing
from clarion.core.settings import Settings
from clarion.domain.messaging.domains.model import SendingDomain
from clarion.domain.messaging.domains.service import Domains

# The whole URL must fit into a header of 870 characters.
_LONGEST_ENDPOINT = 300
_CHOICE = "x-clarion-tracking"
_CHOICES = {"off": (False, False), "opens": (True, False), "clicks": (False, True), "on": (True, True)}


class Dresser:
    """Dresses the messages of a lane. `url` is where this machine reaches the server, "" when it has none.

    `domains` know where links and bounces of a sender lead, `verp` makes the addresses that bounces come back to:
    without a bounce domain they go to whom the message names.
    """

    def __init__(
        self, tokens: Tokens, settings: Settings, url: str, *, domains: Domains | None = None, verp: Verp | None = None
    ) -> None:
        self._tokens = tokens
        self._opens = settings.track_opens
        self._clicks = settings.track_clicks
        self._public = settings.public_url.rstrip("/")
        self._base = self._public or (url if settings.email_transport == "inbox" else "")
        self._domains = domains
        self._verp = verp
        self._plain = Tracker(tokens, "")
        self._trackers: dict[str, Tracker] = {}

    def __call__(self, message: Outgoing) -> Outgoing:
        """The message as it is to be handed over; the same every time. Of raw e-mails only the way back changes, and
        all else stays as it is."""
        if not isinstance(message, EmailOutgoing):
            return message
        sending = self._sending(message)
        return_path = self._return_path(message, sending)
        if message.raw is not None:
            return msgspec.structs.replace(message, return_path=return_path) if return_path else message
        html, text = message.html, message.text
        headers, opens, clicks = _chosen(message.headers)
        if html is not None:
            base = sending.tracking_url if sending and sending.tracking_url else self._base
            identity = reference(message.app_id, message.message_id)
            html = self._tracked(html, identity, base, opens=opens, clicks=clicks)
        if text is not None and OPEN_TRACKER in text:
            text = text.replace(OPEN_TRACKER, "")
        return msgspec.structs.replace(
            message,
            html=html,
            text=text,
            headers=headers,
            return_path=return_path or message.return_path,
            unsubscribe_url=self._unsubscribe(message, sending),
        )

    def _sending(self, message: EmailOutgoing) -> SendingDomain | None:
        if self._domains is None:
            return None
        domain = message.from_address.rpartition("@")[2].rstrip("> ").lower()
        return self._domains.now().of(domain)

    def _return_path(self, message: EmailOutgoing, sending: SendingDomain | None) -> str:
        if self._verp is None:
            return ""
        own = sending.bounce_domain if sending else ""
        return self._verp.address(message.message_id, message.sent_at_ms, own)

    def _tracked(self, html: str, identity: str, base: str, *, opens: bool, clicks: bool) -> str:
        if not base:
            return self._plain.rewrite(html, identity, opens=False, clicks=False)
        tracker = self._trackers.get(base)
        if tracker is None:
            tracker = self._trackers[base] = Tracker(self._tokens, base)
        return tracker.rewrite(html, identity, opens=self._opens and opens, clicks=self._clicks and clicks)

    def _unsubscribe(self, message: EmailOutgoing, sending: SendingDomain | None) -> str:
        """Where a campaign's or journey's recipient unsubscribes; only a public server can promise to be there."""
        about = message.context
        base = sending.tracking_url if sending and sending.tracking_url else self._public
        if not base or not ("CampaignId" in about or "JourneyId" in about):
            return message.unsubscribe_url
        endpoint = quote(about.get("EndpointId", ""), safe="")
        place = endpoint if len(endpoint) <= _LONGEST_ENDPOINT else ""
        token = Token("one_click", reference(message.app_id, message.message_id), url=place)
        return f"{base}{UNSUBSCRIBE_PATH}{self._tokens.sign(token)}"


def _chosen(headers: list[tuple[str, str]]) -> tuple[list[tuple[str, str]], bool, bool]:
    """The headers without the message's own choice, and what it allows: opens, clicks. What is no choice is off."""
    for name, value in headers:
        if name.lower() == _CHOICE:
            rest = [pair for pair in headers if pair[0].lower() != _CHOICE]
            opens, clicks = _CHOICES.get(value.strip().lower(), (False, False))
            return rest, opens, clicks
    return headers, True, True


def reference(app_id: str, message_id: str) -> str:
    """A message as tokens name it: by project and id, so that its events can be found."""
    return app_id + message_id


def referred(token: Token) -> tuple[str, str]:
    """Project and id of the message a token names."""
    return token.message_id[:32], token.message_id[32:]


def endpoint_of(token: Token) -> str:
    """The endpoint id in the token of an unsubscribe URL, "" when it was too long for one."""
    return unquote(token.url) if token.kind == "one_click" else ""
