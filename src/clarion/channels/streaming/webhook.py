"""Webhooks in the form of Standard Webhooks: `https://host/path#whsec_…`, a POST a batch.

    {"type": "events", "timestamp": "2027-03-04T09:15:02.120Z", "data": [record, …]}

The secret is the URL's fragment, which no client ever sends along. An id stands for its records, so a batch that is
sent again has the id it had. Taken is what is answered with 2xx; the answer's body is not read. Only addresses are
called that `calls.guard` lets pass.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from http import HTTPStatus

from clarion.channels import signatures
from clarion.channels.calls.answers import Malformed
from clarion.channels.calls.guard import Guard, networks
from clarion.channels.calls.port import CalloutFailed, Limits
from clarion.channels.calls.web import Rejected, Web, asked_to_wait
from clarion.channels.streaming import port
from clarion.channels.streaming.address import Stream
from clarion.channels.streaming.catalog import Surroundings
from clarion.channels.streaming.port import MEMBER, Failed, Record, StreamFailed
from clarion.core.clock import SystemClock, iso, perf_seconds, to_ms
from clarion.core.errors import Invalid, Unavailable

_RECORDS = 1_000
_BYTES = (1 << 20) - 4_096
"""With what is around them under 1 MiB, which most servers take."""
_BEGIN_SECONDS = 9.0
"""No further request of a batch is begun after this, so that `send` ends in time."""
_WORDS: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: port.DENIED,
    HTTPStatus.FORBIDDEN: port.DENIED,
    HTTPStatus.NOT_FOUND: port.MISSING,
    HTTPStatus.GONE: "Gone",
    HTTPStatus.REQUEST_TIMEOUT: port.TIMED_OUT,
    HTTPStatus.TOO_EARLY: port.THROTTLED,
    HTTPStatus.TOO_MANY_REQUESTS: port.THROTTLED,
    HTTPStatus.SERVICE_UNAVAILABLE: port.UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT: port.TIMED_OUT,
}
_MAY_ASK = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def open_stream(stream: Stream, given: Surroundings) -> Webhook:
    """See `catalog.open_destination`."""
    url, _, fragment = stream.uri.partition("#")
    settings = given.settings
    guard = Guard(networks("callout_networks", settings.callout_networks), http=settings.callout_http)
    try:
        guard.target(url)
    except Invalid as error:
        raise Invalid(f"{MEMBER}: {error.message}") from error
    try:
        secrets = signatures.secrets_of(fragment)
    except ValueError as error:
        raise Invalid(f"{MEMBER}: must end with #whsec_…, the secret that signs: {error}") from error
    return Webhook(url, secrets, guard, given)


class Webhook:
    """See `port.Destination`."""

    limits = port.Limits(_RECORDS, _BYTES, _BYTES)

    def __init__(self, url: str, secrets: Sequence[bytes], guard: Guard, given: Surroundings) -> None:
        self._url = url
        self._secrets = secrets
        self._guard = guard
        self._given = given
        self._lock = threading.Lock()
        self._web: Web | None = None
        self._closed = False
        self._most = _RECORDS
        """Records of one request; fewer once a larger one was too large."""

    def check(self) -> None:
        """Posts an empty batch of type `ping`."""
        try:
            self._post("ping", ())
        except StreamFailed as error:
            if error.final:
                raise Invalid(f"{MEMBER}: {error.message}") from error
            raise Unavailable(error.message) from error

    def send(self, records: Sequence[Record]) -> Sequence[Failed]:
        until = perf_seconds() + _BEGIN_SECONDS
        done, failed = 0, list[Failed]()
        while done < len(records):
            part = records[done : done + self._most]
            try:
                if perf_seconds() > until:
                    raise StreamFailed(port.TIMED_OUT, "requests take too long")
                self._post("events", part)
            except StreamFailed as error:
                if error.code == port.TOO_LARGE:
                    if len(part) > 1:
                        self._most = len(part) // 2
                        continue
                    failed.append(Failed(done, error.code, error.message, final=True))
                elif done == 0:
                    raise
                else:
                    return [*failed, *(Failed(at, error.code, error.message) for at in range(done, len(records)))]
            done += len(part)
        return failed

    def close(self) -> None:
        with self._lock:
            self._closed = True
            web = self._web
        if web is not None:
            web.close()

    def _post(self, what: str, records: Sequence[Record]) -> None:
        """One request. Raises StreamFailed."""
        data = b",".join([record.data[:-1] for record in records])
        now = iso(self._given.clock.now())
        body = b'{"type":"%b","timestamp":"%b","data":[%b]}' % (what.encode(), now.encode(), data)
        message_id = f"msg_{hashlib.sha256(data or now.encode()).hexdigest()[:32]}"
        # Receivers compare the signature's time with their own, wherever our clock stands.
        seconds = to_ms(SystemClock().now()) // 1000
        headers = signatures.headers(self._secrets, message_id, seconds, body)
        try:
            self._opened().ask("POST", self._url, body, headers=headers, unread=True)
        except CalloutFailed as error:
            raise _meaning(error) from error
        except Unavailable as error:
            raise StreamFailed(port.CLOSING, error.message) from error

    def _opened(self) -> Web:
        with self._lock:
            if self._closed:
                raise StreamFailed(port.CLOSING, "closed")
            if self._web is None:
                given = self._given
                limits = Limits(seconds=given.seconds)
                authorities = given.settings.callout_authorities
                try:
                    self._web = Web(self._guard, limits, authorities=authorities, resolve=given.resolve)
                except OSError as error:
                    raise StreamFailed(port.UNAVAILABLE, f"setting callout_authorities: {error}") from error
            return self._web


def _meaning(error: CalloutFailed) -> StreamFailed:
    """The port's error for a call's."""
    if isinstance(error, Rejected):
        if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return StreamFailed(port.TOO_LARGE, error.reason)
        usual = port.REFUSED if error.status < 500 else "InternalFailure"
        code = _WORDS.get(error.status, usual)
        wait = asked_to_wait(error.headers) if error.status in _MAY_ASK else None
        return StreamFailed(code, error.reason, retry_after_seconds=wait, final=error.final)
    cause = error.__cause__
    if isinstance(cause, TimeoutError):
        code = port.TIMED_OUT
    elif isinstance(cause, OSError):
        code = port.NOT_CONNECTED
    elif isinstance(cause, Malformed):
        code = port.MALFORMED_ANSWER
    else:
        code = port.DENIED
    return StreamFailed(code, error.reason, final=error.final)
