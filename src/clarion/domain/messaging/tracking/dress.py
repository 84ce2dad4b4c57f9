"""The last touches on an e-mail before it is handed over: pixel, tracked links, the ways to unsubscribe and to bounce.

What is put in leads to a server that recipients can reach: the sending domain's own tracking host, `public_url`, or for
the local inbox, whose readers sit at this machine, the address this server listens on. Without any, e-mails go out
untouched, but for `{{ses:openTracker}}` and the `ses:` attributes, which no recipient shall see.

Templates lead recipients to their pages by `{{PreferencesUrl}}` and `{{UnsubscribeUrl}}` (SES calls it
`{{amazonSESUnsubscribeUrl}}`), in HTML and text. A message that names a topic (`X-Clarion-Topic`) is left by topic.

A message may say for itself what is tracked, in the header `X-Clarion-Tracking`: `off`, `opens`, `clicks` or `on`. It
can only take away from what the settings allow, and no recipient sees it.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

import msgspec

from clarion.channels.email.inbound.intake import unsubscribe_address
from clarion.channels.email.tracking import (
    OPEN_TRACKER,
    PREFERENCES_MARK,
    PREFERENCES_PATH,
    UNSUBSCRIBE_MARKS,
    UNSUBSCRIBE_PATH,
    Kind,
    Token,
    Tokens,
    Tracker,
)
from clarion.channels.email.verp import Verp
from clarion.channels.port import EmailOutgoing, Outgoing
from clarion.core.settings import Settings
from clarion.domain.messaging.domains.model import SendingDomain
from clarion.domain.messaging.domains.service import Domains
from clarion.domain.messaging.withholding import topic_of

# The whole URL must fit into a header of 870 characters.
_LONGEST_ENDPOINT = 300
_TOPIC = "topic"
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
        self._takes_mail = settings.inbound_smtp_port > 0
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
        topic = topic_of(headers)
        base = sending.tracking_url if sending and sending.tracking_url else self._base
        if html is not None:
            identity = reference(message.app_id, message.message_id)
            html = self._tracked(html, identity, base, opens=opens, clicks=clicks)
            html = self._linked(html, message, topic, base)
        if text is not None:
            text = self._linked(text.replace(OPEN_TRACKER, ""), message, topic, base)
        leaves = bool(topic) or "CampaignId" in message.context or "JourneyId" in message.context
        public = sending.tracking_url if sending and sending.tracking_url else self._public
        one_click = self._url("one_click", message, topic, public) if leaves and public else message.unsubscribe_url
        return msgspec.structs.replace(
            message,
            html=html,
            text=text,
            headers=headers,
            return_path=return_path or message.return_path,
            unsubscribe_url=one_click,
            unsubscribe_address=unsubscribe_address(return_path) if leaves and return_path and self._takes_mail else "",
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

    def _linked(self, content: str, message: EmailOutgoing, topic: str, base: str) -> str:
        """The content with the addresses of the recipient's pages in place of their marks; none without a server."""
        if PREFERENCES_MARK in content:
            url = self._url("preferences", message, topic, base) if base else ""
            content = content.replace(PREFERENCES_MARK, url)
        for mark in UNSUBSCRIBE_MARKS:
            if mark in content:
                url = self._url("one_click", message, topic, base) if base else ""
                content = content.replace(mark, url)
        return content

    def _url(self, kind: Kind, message: EmailOutgoing, topic: str, base: str) -> str:
        """One of the recipient's pages. It promises to be there, so mail headers name only a public server."""
        endpoint = quote(message.context.get("EndpointId", ""), safe="")
        place = endpoint if len(endpoint) <= _LONGEST_ENDPOINT else ""
        tags = ((_TOPIC, topic),) if topic else ()
        token = Token(kind, reference(message.app_id, message.message_id), url=place, tags=tags)
        path = PREFERENCES_PATH if kind == "preferences" else UNSUBSCRIBE_PATH
        return f"{base}{path}{self._tokens.sign(token)}"


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
    """The endpoint id in the token of a recipient's page, "" when it was too long for one."""
    return unquote(token.url) if token.kind in ("one_click", "preferences") else ""


def named_topic(token: Token) -> str:
    """The topic of the message, in the token of a recipient's page; "" for none."""
    return dict(token.tags).get(_TOPIC, "")
