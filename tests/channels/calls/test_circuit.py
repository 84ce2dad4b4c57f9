"""Circuits: whatever happens in whatever order, what a circuit promises."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from clarion.channels.calls.circuit import Admission, Circuit, Rules, State

RULES = Rules(failures=3, pause_ms=1_000, longest_ms=4_000, obeyed_ms=60_000, probe_ms=500)


def opened(failures: int = 3) -> Circuit:
    circuit = Circuit(RULES)
    for _ in range(failures):
        circuit.failed(circuit.admit(0).ticket, 0)
    return circuit


def test_it_opens_at_so_many_failures_in_a_row() -> None:
    circuit = Circuit(RULES)
    for failing in (True, True, False, True, True):
        ticket = circuit.admit(0).ticket
        if failing:
            circuit.failed(ticket, 0)
        else:
            circuit.succeeded()
    assert circuit.state is State.CLOSED
    circuit.failed(circuit.admit(0).ticket, 0)
    assert (circuit.state, circuit.admit(0)) == (State.OPEN, Admission(0, 1_000))


def test_the_pause_doubles_up_to_its_bound_and_begins_anew_after_a_success() -> None:
    circuit, now, pauses = opened(), 0, []
    for _ in range(5):
        pauses.append(circuit.until_ms - now)
        now = circuit.until_ms
        probe = circuit.admit(now).ticket
        assert probe
        assert not circuit.admit(now).ticket
        circuit.failed(probe, now)
    assert pauses == [1_000, 2_000, 4_000, 4_000, 4_000]
    now = circuit.until_ms
    assert circuit.admit(now).ticket
    circuit.succeeded()
    assert circuit.is_well
    for _ in range(3):
        circuit.failed(circuit.admit(now).ticket, now)
    assert circuit.until_ms == now + 1_000


def test_what_is_asked_for_opens_it_at_once_and_is_obeyed_within_reason() -> None:
    for asked, given in ((30_000, 30_000), (10, 1_000), (86_400_000, 60_000)):
        circuit = Circuit(RULES)
        circuit.failed(circuit.admit(0).ticket, 0, asked)
        assert circuit.admit(0) == Admission(0, given)


def test_late_failures_change_nothing_and_a_late_success_closes_it() -> None:
    circuit = Circuit(RULES)
    tickets = [circuit.admit(0).ticket for _ in range(6)]
    for ticket in tickets[:3]:
        circuit.failed(ticket, 0)
    circuit.failed(tickets[3], 500)
    assert circuit.until_ms == 1_000
    probe = circuit.admit(1_000).ticket
    circuit.failed(tickets[4], 1_000)
    assert circuit.state is State.HALF_OPEN
    circuit.failed(probe, 1_000)
    assert circuit.state is State.OPEN
    circuit.succeeded()
    assert circuit.is_well
    circuit.failed(tickets[5], 1_000)
    assert circuit.is_well


def test_a_probe_that_ends_without_a_word_makes_room_for_another() -> None:
    circuit = opened()
    circuit.abandoned(circuit.admit(1_000).ticket, 1_200)
    assert circuit.admit(1_200).ticket


class Machine(RuleBasedStateMachine):
    """Calls that begin and end in any order, against a plain count of what has happened."""

    def __init__(self) -> None:
        super().__init__()
        self.circuit = Circuit(RULES)
        self.now = 0
        self.under_way: list[int] = []
        self.probe = 0
        self.open_until: int | None = None

    @rule(ms=st.sampled_from([0, 1, 499, 1_000, 4_000]))
    def time_goes_by(self, ms: int) -> None:
        self.now += ms

    @rule()
    def begin(self) -> None:
        was, until = self.circuit.state, self.circuit.until_ms
        admission = self.circuit.admit(self.now)
        assert bool(admission.ticket) != bool(admission.wait_ms)
        if was is State.CLOSED:
            assert admission.ticket
        elif was is State.OPEN:
            assert bool(admission.ticket) == (self.now >= until)
            self.probe = admission.ticket
        else:
            assert not admission.ticket
            assert admission.wait_ms <= RULES.probe_ms
        if admission.ticket:
            assert admission.ticket not in self.under_way
            self.under_way.append(admission.ticket)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data(), wait=st.sampled_from([0, 0, 0, 2_500]), known=st.booleans())
    def end_badly(self, data: st.DataObject, wait: int, known: bool) -> None:
        ticket = self._ended(data)
        before, until, failures = self.circuit.state, self.circuit.until_ms, self.circuit.failures
        self.circuit.failed(ticket, self.now, wait, known=known)
        if before is State.OPEN or (before is State.HALF_OPEN and ticket != self.probe):
            assert (self.circuit.state, self.circuit.until_ms) == (before, until)
        elif before is State.HALF_OPEN:
            assert self.circuit.state is State.OPEN
            assert self.circuit.until_ms - self.now >= max(RULES.pause_ms, wait)
        elif self.circuit.state is State.OPEN:
            assert wait or failures + 1 >= RULES.failures
            assert RULES.pause_ms <= self.circuit.until_ms - self.now <= max(RULES.longest_ms, wait)

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def end_well(self, data: st.DataObject) -> None:
        self._ended(data)
        self.circuit.succeeded()
        assert self.circuit.is_well

    @precondition(lambda self: self.under_way)
    @rule(data=st.data())
    def vanish(self, data: st.DataObject) -> None:
        ticket = self._ended(data)
        was = self.circuit.state
        self.circuit.abandoned(ticket, self.now)
        if was is State.HALF_OPEN and ticket == self.probe:
            assert self.circuit.state is State.OPEN
            assert self.circuit.until_ms == self.now
        else:
            assert self.circuit.state is was

    @invariant()
    def nobody_is_left_out_for_ever(self) -> None:
        """Half open means that somebody is probing; open, that the pause ends."""
        if self.circuit.state is State.HALF_OPEN:
            assert self.probe in self.under_way
        if self.circuit.state is State.OPEN:
            assert self.circuit.until_ms <= self.now + max(RULES.longest_ms, 2_500)
        if self.circuit.state is State.CLOSED:
            assert self.circuit.failures < RULES.failures

    def _ended(self, data: st.DataObject) -> int:
        ticket = data.draw(st.sampled_from(self.under_way))
        self.under_way.remove(ticket)
        return ticket


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_any_order = Machine.TestCase
