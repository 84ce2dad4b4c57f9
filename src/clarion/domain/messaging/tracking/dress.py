"""The last touches on an e-mail before it is handed over: pixel, tracked links, the way to unsubscribe.

What is put in leads to a server that recipients can reach: `public_url`, or for the local inbox, whose readers
sit at this machine, the address this server listens on. Without either, e-mails go out untouched, but for
`{{ses:openTracker}}` and the `ses:` attributes, which no recipient shall see.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

import msgspec

from clarion.channels.email.tracking import OPEN_TRACKER, UNSUBSCRIBE_PATH, Token, Tokens, Tracker
from clarion.channels.port import EmailOutgoing, Outgoing
from clarion.core.settings import Settings

# The whole URL must fit into a header of 870 characters.
_LONGEST_ENDPOINT = 300


class Dresser:
    """Dresses the messages of a lane. `url` is where this machine reaches the server, "" when it has none."""

    def __init__(self, tokens: Tokens, settings: Settings, url: str) -> None:
        self._tokens = tokens
        self._opens = settings.track_opens
        self._clicks = settings.track_clicks
        self._public = settings.public_url.rstrip("/")
        base = self._public or (url if settings.email_transport == "inbox" else "")
        self._plain = Tracker(tokens, "")
        self._tracker = Tracker(tokens, base) if base else None

    def __call__(self, message: Outgoing) -> Outgoing:
        """The message as it is to be handed over; the same every time. Raw e-mails, and all else, stay as they are."""
        if not isinstance(message, EmailOutgoing) or message.raw is not None:
            return message
        html, text = message.html, message.text
        if html is not None:
            html = self._tracked(html, reference(message.app_id, message.message_id))
        if text is not None and OPEN_TRACKER in text:
            text = text.replace(OPEN_TRACKER, "")
        return msgspec.structs.replace(message, html=html, text=text, unsubscribe_url=self._unsubscribe(message))

    def _tracked(self, html: str, identity: str) -> str:
        if self._tracker is None:
            return self._plain.rewrite(html, identity, opens=False, clicks=False)
        return self._tracker.rewrite(html, identity, opens=self._opens, clicks=self._clicks)

    def _unsubscribe(self, message: EmailOutgoing) -> str:
        """Where a campaign's or journey's recipient unsubscribes; only a public server can promise to be there."""
        about = message.context
        if not self._public or not ("CampaignId" in about or "JourneyId" in about):
            return message.unsubscribe_url
        endpoint = quote(about.get("EndpointId", ""), safe="")
        place = endpoint if len(endpoint) <= _LONGEST_ENDPOINT else ""
        token = Token("one_click", reference(message.app_id, message.message_id), url=place)
        return f"{self._public}{UNSUBSCRIBE_PATH}{self._tokens.sign(token)}"


def reference(app_id: str, message_id: str) -> str:
    """A message as tokens name it: by project and id, so that its events can be found."""
    return app_id + message_id


def referred(token: Token) -> tuple[str, str]:
    """Project and id of the message a token names."""
    return token.message_id[:32], token.message_id[32:]


def endpoint_of(token: Token) -> str:
    """The endpoint id in the token of an unsubscribe URL, "" when it was too long for one."""
    return unquote(token.url) if token.kind == "one_click" else ""
