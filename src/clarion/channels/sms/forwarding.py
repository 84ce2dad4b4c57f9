"""Texts of people on their way out again: to a webhook, signed, or to a topic of Amazon SNS.

    https://host/path#whsec_…          {"type": "sms.inbound", "timestamp": "…", "data": {…}}, as Standard Webhooks
    arn:aws:sns:region:account:name    the data alone, as Pinpoint publishes it

Whoever gets it tells repeats by `inboundMessageId`, which is the message's id as well. Source: spec of SMS, 7.4.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels import signatures
from clarion.channels.calls.guard import Guard, networks
from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.channels.calls.web import Web
from clarion.core.clock import SystemClock, iso_ms, to_ms
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings

MEMBER = "Destination"
SECONDS = 10.0
MOST_CLIENTS = 64
"""Clients of topics that are kept; each has connections of its own."""

_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}")


class Messenger:
    """Brings texts; keeps its connections and clients."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._guard = Guard(networks("callout_networks", settings.callout_networks), http=settings.callout_http)
        self._lock = threading.Lock()
        self._web: Web | None = None
        self._topics: OrderedDict[tuple[str, str], Any] = OrderedDict()

    def check(self, destination: str) -> str:
        """The destination without its secret. Raises Invalid."""
        if _TOPIC.fullmatch(destination):
            return destination
        if destination.startswith("arn:"):
            raise Invalid(f"{MEMBER}: must be the ARN of a topic of SNS that is not FIFO, or a URL")
        url, _ = self._webhook(destination)
        return url

    def bring(self, destination: str, role: str, payload: Mapping[str, str], at_ms: int) -> None:
        """Bring one text. Raises Invalid, and Unavailable when it was not taken."""
        if _TOPIC.fullmatch(destination):
            self._publish(destination, role, msgspec.json.encode(payload).decode())
            return
        url, secrets = self._webhook(destination)
        body = msgspec.json.encode({"type": "sms.inbound", "timestamp": iso_ms(at_ms), "data": payload})
        # Receivers compare the signature's time with their own, wherever our clock stands.
        seconds = to_ms(SystemClock().now()) // 1000
        headers = signatures.headers(secrets, f"msg_{payload.get('inboundMessageId', '')}", seconds, body)
        try:
            self._opened().ask("POST", url, body, headers=headers, unread=True)
        except CalloutFailed as error:
            raise Unavailable(error.reason) from error

    def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            web, self._web = self._web, None
            clients = list(self._topics.values())
            self._topics.clear()
        for client in clients:
            client.close()
        if web is not None:
            web.close()

    def _webhook(self, destination: str) -> tuple[str, Sequence[bytes]]:
        url, _, fragment = destination.partition("#")
        try:
            self._guard.target(url)
        except Invalid as error:
            raise Invalid(f"{MEMBER}: {error.message}") from error
        try:
            return url, signatures.secrets_of(fragment)
        except ValueError as error:
            raise Invalid(f"{MEMBER}: must end with #whsec_…, the secret that signs: {error}") from error

    def _opened(self) -> Web:
        with self._lock:
            if self._web is None:
                authorities = self._settings.callout_authorities
                try:
                    self._web = Web(self._guard, Limits(seconds=SECONDS), authorities=authorities)
                except OSError as error:
                    raise Unavailable(f"setting callout_authorities: {error}") from error
            return self._web

    def _publish(self, topic: str, role: str, message: str) -> None:
        from clarion.channels.sms import topics

        with self._lock:
            client = self._topics.get((topic, role))
            if client is None:
                client = self._topics[topic, role] = topics.connected(self._settings, topic, role, SECONDS)
            self._topics.move_to_end((topic, role))
            if len(self._topics) > MOST_CLIENTS:
                # Not closed: somebody may be publishing. It goes when they are through.
                self._topics.popitem(last=False)
        topics.publish(client, topic, message)
