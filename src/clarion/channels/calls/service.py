"""Calling out with patience: tries again, many at once, signed, and lets go when the process ends."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import urlsplit

from clarion.channels import signatures
from clarion.channels.calls import dialling
from clarion.channels.calls.circuit import FAILURES, Rules, State
from clarion.channels.calls.circuits import Circuits, CircuitView
from clarion.channels.calls.guard import Guard, networks
from clarion.channels.calls.port import CalloutFailed, Dial, Limits, Refused
from clarion.channels.calls.web import Reply, Resolve, Web
from clarion.core.clock import Clock, SystemClock, perf_seconds, to_ms
from clarion.core.errors import ClarionError, Invalid, Unavailable
from clarion.core.settings import Settings

if TYPE_CHECKING:
    from clarion.channels.calls.aws import Aws

T = TypeVar("T")

ACCOUNT_HEADER = "X-Amz-Pinpoint-AccountId"

Signing = Callable[[str], Sequence[bytes]]
"""The secrets that sign a project's calls to URLs; raises ClarionError when they cannot be had."""

_ENDPOINTS = tuple(f"{name}_endpoint_url" for name in "lambda personalize connect sts kinesis firehose".split())

_FUNCTION = re.compile(
    r"(arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:|([0-9]{12}:)?function:)?[A-Za-z0-9_-]{1,64}(:(\$LATEST|[A-Za-z0-9_-]{1,128}))?"
)
_CAMPAIGN = re.compile(r"arn:aws[a-zA-Z-]*:connect-campaigns:[a-z0-9-]+:[0-9]{12}:campaign/[A-Za-z0-9-]{1,256}")
_MODEL = re.compile(r"arn:aws[a-zA-Z-]*:personalize:[a-z0-9-]+:[0-9]{12}:campaign/[A-Za-z0-9_-]{1,63}")


class Callout(Protocol):
    """The port: what a slice or a transport needs of `Callouts`."""

    def call(self, uri: str, payload: bytes, *, app_id: str = "") -> bytes:
        """The answer of a function (name or ARN) or a URL to a payload; raises CalloutFailed. A URL is called with the
        signature of the project `app_id`, if one is named."""
        ...

    def once(self, uri: str, payload: bytes, *, app_id: str, message_id: str) -> bytes:
        """`call` without trying again, for whoever does so itself. The same `message_id` tells receivers that it is the
        same message. A destination that fails again and again is left alone: CalloutFailed `resting`."""
        ...

    def recommend(self, model: str, user_id: str, count: int) -> list[str]:
        """Ids that a model of Amazon Personalize, by ARN, recommends; raises CalloutFailed."""
        ...

    def dial(self, center: str, role: str, dials: Sequence[Dial]) -> Mapping[str, Refused]:
        """Have a contact center call at most `port.DIALS` people: a campaign of Amazon Connect (ARN) with the rights of
        a role, or a URL. Answers whom it refuses, by token; raises CalloutFailed."""
        ...

    def batch(self, calls: Sequence[Callable[[], T]]) -> list[T | CalloutFailed]:
        """What many calls, some side by side, brought; in order."""
        ...


class Callouts:
    """See `Callout`. Connects to nothing before the first call. Raises Invalid for settings that cannot be meant.

    `clock` is that of whoever calls `once`: by it destinations are left alone. Without `signing` nothing is signed.
    """

    def __init__(
        self,
        settings: Settings,
        limits: Limits | None = None,
        *,
        resolve: Resolve | None = None,
        clock: Clock | None = None,
        signing: Signing | None = None,
    ) -> None:
        check(settings)
        self.limits = limits or Limits()
        self._settings = settings
        self._guard = Guard(networks("callout_networks", settings.callout_networks), http=settings.callout_http)
        self._resolve = resolve
        self._signing = signing
        self._circuits = Circuits(clock or SystemClock(), Rules(failures=min(FAILURES, settings.delivery_attempts)))
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._web: Web | None = None
        self._aws: Aws | None = None
        self._pool: ThreadPoolExecutor | None = None

    def check_uri(self, member: str, uri: str) -> None:
        """Raise Invalid naming the member unless it is a URL that may be called, or a function's name or ARN."""
        if is_url(uri):
            self.check_url(member, uri)
        elif not _FUNCTION.fullmatch(uri):
            raise Invalid(f"{member}: must be a Lambda function's name or ARN, or an https:// URL")

    def check_url(self, member: str, url: str) -> None:
        """Raise Invalid naming the member unless the URL may be called, as far as its text tells."""
        try:
            self._guard.target(url)
        except Invalid as error:
            raise Invalid(f"{member}: {error.message}") from error

    def check_webhook(self, member: str, url: str, account: str) -> None:
        """Ask a URL whether it expects calls of this account. Raises Invalid naming the member when it does not."""
        try:
            answer = self._opened_web().ask("HEAD", url)
        except CalloutFailed as error:
            raise Invalid(f"{member}: {error.reason}") from error
        if answer.headers.get(ACCOUNT_HEADER.lower(), "").strip() != account:
            raise Invalid(f"{member}: the answer to a HEAD request must carry {ACCOUNT_HEADER}: {account}")

    def call(self, uri: str, payload: bytes, *, app_id: str = "") -> bytes:
        """See `Callout.call`. Raises Unavailable while the process ends."""
        self._check_size(payload)
        if is_url(uri):
            message_id = f"msg_{hashlib.sha256(payload).hexdigest()[:32]}"
            headers = self._signed(payload, app_id, message_id)
            return self._patiently(lambda: self._posted(uri, payload, headers).body)
        return self._patiently(lambda: self._opened_aws().invoke(uri, payload))

    def once(self, uri: str, payload: bytes, *, app_id: str, message_id: str) -> bytes:
        """See `Callout.once`. Raises Unavailable while the process ends."""
        self._check_size(payload)
        if is_url(uri):
            headers = self._signed(payload, app_id, message_id)
            return self._circuits.guarded(uri, message_id, lambda: self._posted(uri, payload, headers).body)
        return self._circuits.guarded(uri, message_id, lambda: self._opened_aws().invoke(uri, payload))

    def circuits(self) -> list[CircuitView]:
        """Destinations that have failed and not worked since, as `once` met them in this process."""
        return self._circuits.views()

    def circuit_counts(self) -> dict[State, int]:
        """How many of them are in each state."""
        return self._circuits.counts()

    def recommend(self, model: str, user_id: str, count: int) -> list[str]:
        """See `Callout.recommend`."""
        return self._patiently(lambda: self._opened_aws().recommend(model, user_id, count))

    def dial(self, center: str, role: str, dials: Sequence[Dial]) -> Mapping[str, Refused]:
        """See `Callout.dial`."""
        if is_url(center):
            return dialling.answered(center, dials, self.call(center, dialling.asked(dials)))
        return self._patiently(lambda: self._opened_aws().dial(center, role, dials))

    def batch(self, calls: Sequence[Callable[[], T]]) -> list[T | CalloutFailed]:
        """See `Callout.batch`. Calls whose turn does not come in `limits.batch_seconds` fail without being made."""
        if len(calls) <= 1:
            return [_caught(call) for call in calls]
        until = perf_seconds() + self.limits.batch_seconds
        waiting: Iterator[tuple[int, Callable[[], T]]] = iter(enumerate(calls))
        lock, found = threading.Lock(), dict[int, T | CalloutFailed]()
        late = CalloutFailed(f"its turn did not come within {self.limits.batch_seconds:g} seconds").left_alone(1_000)

        def work() -> None:
            while True:
                with lock:
                    number, call = next(waiting, (-1, None))
                if call is None:
                    return
                found[number] = late if perf_seconds() > until else _caught(call)

        pool = self._opened_pool()
        running = [pool.submit(work) for _ in range(min(self.limits.at_once, len(calls)))]
        try:
            for one in running:
                one.result()
        except CancelledError as error:
            raise Unavailable("this process is ending") from error
        return [found[number] for number in range(len(calls))]

    def close(self) -> None:
        """Break off what is under way and call nobody any more; callers get Unavailable."""
        self._closing.set()
        with self._lock:
            web, pool = self._web, self._pool
        if web is not None:
            web.close()
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

    def _posted(self, url: str, payload: bytes, headers: Mapping[str, str]) -> Reply:
        return self._opened_web().ask("POST", url, payload, headers=headers)

    def _signed(self, payload: bytes, app_id: str, message_id: str) -> Mapping[str, str]:
        if self._signing is None or not app_id:
            return {}
        try:
            secrets = self._signing(app_id)
        except ClarionError as error:
            raise CalloutFailed(f"it cannot be signed: {error.message}", ill=False) from error
        # Receivers compare the signature's time with their own, wherever our clock stands.
        return signatures.headers(secrets, message_id, to_ms(SystemClock().now()) // 1000, payload)

    def _check_size(self, payload: bytes) -> None:
        if len(payload) > self.limits.payload:
            raise CalloutFailed(f"the payload is larger than {self.limits.payload} bytes", final=True)

    def _patiently(self, ask: Callable[[], T]) -> T:
        for failed in range(1, self.limits.tries + 1):
            try:
                return ask()
            except CalloutFailed as error:
                if error.final:
                    raise
                if failed == self.limits.tries:
                    raise error.tried(failed) from error.__cause__
            if self._closing.wait(self.limits.pause_seconds * 2 ** (failed - 1)):
                raise Unavailable("this process is ending")
        raise AssertionError("no try allowed")

    def _opened_web(self) -> Web:
        with self._lock:
            self._check_open()
            if self._web is None:
                authorities = self._settings.callout_authorities
                try:
                    self._web = Web(self._guard, self.limits, authorities=authorities, resolve=self._resolve)
                except OSError as error:
                    raise CalloutFailed(f"setting callout_authorities: {error}", final=True) from error
            return self._web

    def _opened_aws(self) -> Aws:
        with self._lock:
            self._check_open()
            if self._aws is None:
                try:
                    from clarion.channels.calls.aws import Aws
                except ModuleNotFoundError as error:
                    raise CalloutFailed(
                        f"needs the package {error.name}, which is not installed", final=True
                    ) from error
                self._aws = Aws(self._settings, self.limits)
            return self._aws

    def _opened_pool(self) -> ThreadPoolExecutor:
        with self._lock:
            self._check_open()
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.limits.threads, thread_name_prefix="callout")
            return self._pool

    def _check_open(self) -> None:
        if self._closing.is_set():
            raise Unavailable("this process is ending")


def is_url(uri: str) -> bool:
    """Whether it is meant as a URL and not as a function's or a model's name."""
    return "://" in uri


def is_model(uri: str) -> bool:
    """Whether it is the ARN of a campaign of Amazon Personalize."""
    return bool(_MODEL.fullmatch(uri))


def is_contact_center(center: str) -> bool:
    """Whether it is the ARN of an outbound campaign of Amazon Connect."""
    return bool(_CAMPAIGN.fullmatch(center))


def check(settings: Settings) -> None:
    """Raise Invalid naming the setting that cannot be meant. Looks at no file and no network."""
    networks("callout_networks", settings.callout_networks)
    for name in _ENDPOINTS:
        text = getattr(settings, name)
        endpoint = urlsplit(text)
        if text and (endpoint.scheme not in ("http", "https") or not endpoint.hostname):
            raise Invalid(f"{name}: must be http://host:port or https://host:port")
    if bool(settings.callout_access_key_id) != bool(settings.callout_secret_access_key):
        raise Invalid("callout_access_key_id: needs callout_secret_access_key, and the other way round")


def _caught(call: Callable[[], T]) -> T | CalloutFailed:
    try:
        return call()
    except CalloutFailed as error:
        return error
