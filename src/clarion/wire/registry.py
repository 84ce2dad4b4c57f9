"""Which function answers which operation.

A slice mounts an object whose public methods are named as botocore names the operations. Without decorator
a method is an ordinary synchronous function and runs in the thread pool:

    class AppsOperations:
        def create_app(self, ctx: Context, request: CreateAppRequest) -> ApplicationResponse: ...

    registry.mount("pinpoint", AppsOperations(apps))

`@inline`, `@raw_body` and `@partial` change how it is called, or say what it lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

from clarion.wire.model import Operation, Service
from clarion.wire.tables import pinpoint, pinpoint_email, pinpoint_sms_voice, pinpoint_sms_voice_v2

F = TypeVar("F", bound=Callable[..., object])

SERVICES: Mapping[str, Service] = {
    service.name: service
    for service in (
        pinpoint.SERVICE,
        pinpoint_email.SERVICE,
        pinpoint_sms_voice.SERVICE,
        pinpoint_sms_voice_v2.SERVICE,
    )
}

_INLINE, _RAW, _PARTIAL = "_wire_inline", "_wire_raw_body", "_wire_partial"


class RawRequest(NamedTuple):
    """Input of a `@raw_body` operation: path members by attribute name, and the body as it was sent
    (decompressed, without transfer framing), not parsed and not known to be JSON."""

    labels: Mapping[str, str]
    body: bytes


class Mounted(NamedTuple):
    """A function that answers an operation, and how to call it."""

    call: Callable[[Any, Any], object]
    inline: bool
    raw_body: bool
    partial: str


class Coverage(NamedTuple):
    """One line of COVERAGE.md; `missing` says what a partial operation lacks."""

    service: str
    operation: str
    function: str
    missing: str


def inline(function: F) -> F:
    """Call the operation on the event loop. It must not block; it may return a
    `concurrent.futures.Future` of its answer."""
    setattr(function, _INLINE, True)
    return function


def raw_body(function: F) -> F:
    """Call the operation with a `RawRequest` in place of its decoded input, to decode the body itself
    (`wire.codec.read_json` gives the errors their usual words). It may answer encoded JSON as bytes."""
    setattr(function, _RAW, True)
    return function


def partial(missing: str) -> Callable[[F], F]:
    """Record in COVERAGE.md what this operation does not do yet."""

    def mark(function: F) -> F:
        setattr(function, _PARTIAL, missing)
        return function

    return mark


def is_inline(function: Callable[..., object]) -> bool:
    """Whether `function` is marked `@inline`."""
    return bool(getattr(function, _INLINE, False))


class Registry:
    """All mounted operations. Filled while the server is built, only read afterwards."""

    def __init__(self) -> None:
        self._mounted: dict[tuple[str, str], Mounted] = {}

    def mount(self, service: str, operations: object) -> None:
        """Mount every public method of `operations`.

        Raises ValueError when a public method is no operation of `service`, or is mounted already.
        """
        names = {operation.python_name for operation in SERVICES[service].operations}
        for name in dir(operations):
            if name.startswith("_") or not callable(call := getattr(operations, name)):
                continue
            if name not in names:
                raise ValueError(f"{type(operations).__name__}.{name} is no operation of {service}")
            if (service, name) in self._mounted:
                raise ValueError(f"{service} {name} is mounted twice")
            self._mounted[service, name] = Mounted(
                call, is_inline(call), getattr(call, _RAW, False), getattr(call, _PARTIAL, "")
            )

    def find(self, service: Service, operation: Operation) -> Mounted | None:
        """What answers the operation; None while it is not implemented."""
        return self._mounted.get((service.name, operation.python_name))

    def coverage(self) -> Iterator[Coverage]:
        """Every operation of every service, in the tables' order; `function` is empty for an
        unimplemented one."""
        for service in SERVICES.values():
            for operation in service.operations:
                mounted = self.find(service, operation)
                function = "" if mounted is None else _qualified(mounted.call)
                missing = "" if mounted is None else mounted.partial
                yield Coverage(service.name, operation.name, function, missing)


def _qualified(call: Callable[..., object]) -> str:
    return f"{call.__module__}.{getattr(call, '__qualname__', call)}"
