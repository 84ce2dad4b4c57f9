"""The circuits of all destinations. Only of those that have failed lately is anything kept."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from clarion.channels.calls.circuit import Circuit, Rules, State
from clarion.channels.calls.port import CalloutFailed
from clarion.core.clock import Clock

T = TypeVar("T")

_MOST = 10_000
"""Destinations; of more, the one that has been kept longest is taken for well."""


class CircuitView(NamedTuple):
    """A destination that fails, named without its query: since when, how often in a row, until when it is left alone
    (Unix ms; 0 while it is still called), and the last reason."""

    destination: str
    state: State
    failures: int
    since_ms: int
    until_ms: int
    reason: str


class _Kept:
    def __init__(self, rules: Rules) -> None:
        self.circuit = Circuit(rules)
        self.reason = ""
        self.under_way = 0
        self.refused: set[str] = set()
        """Messages that were answered with an error since it last worked."""


class Circuits:
    """Safe between threads; pauses are of `clock`."""

    def __init__(self, clock: Clock, rules: Rules | None = None) -> None:
        self._clock = clock
        self._rules = rules or Rules()
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def guarded(self, destination: str, message_id: str, call: Callable[[], T]) -> T:
        """What the call brings. Raises CalloutFailed, `resting` when the destination is left alone: because of this
        call, or so that it was not made at all.

        A destination that answers, and always the same message with an error, may well work for others: that counts
        once.
        """
        kept, ticket = self._admitted(destination)
        try:
            found = call()
        except CalloutFailed as error:
            if error.ill:
                self._failed(destination, kept, ticket, error, message_id)
            else:
                self._answered(destination, kept, ticket)
            raise
        except BaseException:
            with self._lock:
                kept.circuit.abandoned(ticket, self._clock.now_ms())
                self._over(destination, kept)
            raise
        self._answered(destination, kept, ticket)
        return found

    def views(self) -> list[CircuitView]:
        """Every destination that has failed and not worked since, by name."""
        with self._lock:
            kept = [(name, one) for name, one in self._kept.items() if not one.circuit.is_well]
            found = [_view(name, one.circuit, one.reason) for name, one in kept]
        return sorted(found, key=lambda view: view.destination)

    def counts(self) -> dict[State, int]:
        """How many destinations that have failed are in each state."""
        states = Counter(view.state for view in self.views())
        return {state: states[state] for state in State}

    def _admitted(self, destination: str) -> tuple[_Kept, int]:
        with self._lock:
            kept = self._kept.get(destination)
            if kept is None:
                if len(self._kept) >= _MOST:
                    del self._kept[next(iter(self._kept))]
                kept = self._kept[destination] = _Kept(self._rules)
            ticket, wait_ms = kept.circuit.admit(self._clock.now_ms())
            if ticket:
                kept.under_way += 1
                return kept, ticket
            refused = CalloutFailed(f"not called, as it failed before: {kept.reason}", ill=True)
            raise refused.left_alone(wait_ms, kept.circuit.since_ms)

    def _answered(self, destination: str, kept: _Kept, ticket: int) -> None:
        with self._lock:
            kept.circuit.succeeded()
            kept.refused.clear()
            self._over(destination, kept)

    def _failed(self, destination: str, kept: _Kept, ticket: int, error: CalloutFailed, message_id: str) -> None:
        now = self._clock.now_ms()
        with self._lock:
            known = error.answered and message_id in kept.refused
            kept.circuit.failed(ticket, now, error.retry_after_ms or 0, known=known)
            if error.answered and len(kept.refused) < self._rules.failures:
                kept.refused.add(message_id)
            kept.reason = error.reason
            self._over(destination, kept)
            if kept.circuit.state is not State.CLOSED:
                error.left_alone(max(kept.circuit.until_ms - now, 1), kept.circuit.since_ms)

    def _over(self, destination: str, kept: _Kept) -> None:
        kept.under_way -= 1
        if kept.circuit.is_well and not kept.under_way and self._kept.get(destination) is kept:
            del self._kept[destination]


def _view(destination: str, circuit: Circuit, reason: str) -> CircuitView:
    until_ms = 0 if circuit.state is State.CLOSED else circuit.until_ms
    return CircuitView(_shown(destination), circuit.state, circuit.failures, circuit.since_ms, until_ms, reason)


def _shown(destination: str) -> str:
    return destination.partition("?")[0].partition("#")[0]
