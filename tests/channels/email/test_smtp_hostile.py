"""The SMTP transport against relays that refuse, hang, drop and lie: every message gets its outcome."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable

import pytest

from clarion.channels.email.relay import Relay
from clarion.channels.email.smtp import SmtpTransport
from clarion.channels.port import Bounce, EmailOutgoing, Outcome
from tests.channels.letters import letter
from tests.channels.servers import Answer, Drop, Hang, Script, run


def letters(*names: str) -> list[EmailOutgoing]:
    return [letter(message_id=f"id-{name}", to_address=f"{name}@example.com") for name in names]


def send(
    answer: Callable[[str, str, int, int], Answer],
    *batches: list[EmailOutgoing],
    connections: int = 1,
    timeout: float = 5.0,
) -> tuple[list[list[Outcome]], Script]:
    """Send batches one after the other through a scripted server."""

    async def scenario() -> tuple[list[list[Outcome]], Script]:
        script = Script(answer)
        async with script.serve() as port:
            relay = Relay(host="127.0.0.1", port=port, timeout_seconds=timeout)
            transport = SmtpTransport(relay, connections=connections)
            await transport.open()
            results = [await transport.send(batch) for batch in batches]
            await transport.close()
        return results, script

    return run(scenario())


def statuses(outcomes: list[Outcome]) -> list[str]:
    return [outcome.status for outcome in outcomes]


def bounce_of(outcome: Outcome) -> Bounce | None:
    if not outcome.events:
        return None
    (bounce,) = outcome.events
    assert isinstance(bounce, Bounce)
    return bounce


def recipients(script: Script) -> list[str]:
    return [mail.recipient.removeprefix("TO:<").removesuffix("@example.com>") for mail in script.received]


def refusing(step: str, line: str) -> Callable[[str, str, int, int], Answer]:
    """Refuses the message to bad@example.com (its sender, for MAIL) with `line` at `step`."""
    bad = {"now": False}

    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        if at == "RCPT":
            bad["now"] = "bad@" in argument
        if at == "MAIL":
            bad["now"] = "bad@" in argument
        return line if at == step and bad["now"] else None

    return answer


@pytest.mark.parametrize(
    ("step", "line", "status", "kind"),
    [
        ("RCPT", "550 5.1.1 no such user", "permanent", ("Permanent", "NoEmail")),
        ("RCPT", "550 no such user here", "permanent", ("Permanent", "NoEmail")),
        ("RCPT", "550 mailbox unavailable", "permanent", ("Permanent", "General")),
        ("RCPT", "553 5.1.3 bad address", "permanent", ("Permanent", "General")),
        ("RCPT", "552 5.2.2 mailbox full", "permanent", ("Transient", "MailboxFull")),
        ("RCPT", "554 5.7.1 relay access denied", "permanent", ("Undetermined", "Undetermined")),
        ("RCPT", "550 relaying denied", "permanent", ("Undetermined", "Undetermined")),
        ("RCPT", "450 4.2.1 greylisted", "temporary", ("Transient", "General")),
        ("RCPT", "450 4.1.1 not sure who that is", "temporary", ("Transient", "General")),
        ("RCPT", "452 4.2.2 mailbox full", "temporary", ("Transient", "MailboxFull")),
        ("RCPT", "451 try again", "temporary", ("Transient", "General")),
        ("RCPT", "450 4.2.1 user receives mail too fast", "throttled", None),
        ("RCPT", "454 4.7.0 Throttling failure: Maximum sending rate exceeded.", "throttled", None),
        ("RCPT", "530 5.7.0 Authentication required", "temporary", None),
        ("MAIL", "550 5.7.1 sender not verified", "permanent", None),
        ("MAIL", "451 4.3.0 try later", "temporary", None),
        ("MAIL", "552 5.3.4 message too big", "permanent", ("Transient", "MessageTooLarge")),
        ("DATA", "554 5.5.1 no valid recipients", "permanent", ("Transient", "ContentRejected")),
        ("CONTENT", "554 5.7.1 this is spam", "permanent", ("Transient", "ContentRejected")),
        ("CONTENT", "554 virus found", "permanent", ("Transient", "ContentRejected")),
        ("CONTENT", "552 5.3.4 too big", "permanent", ("Transient", "MessageTooLarge")),
        ("CONTENT", "552 too much", "permanent", ("Transient", "MessageTooLarge")),
        ("CONTENT", "550 5.1.1 unknown after all", "permanent", ("Permanent", "NoEmail")),
        ("CONTENT", "451 4.3.0 queue full", "temporary", ("Transient", "General")),
        ("CONTENT", "452 4.3.1 out of space, rate limited", "throttled", None),
    ],
)
def test_a_refusal_concerns_its_message_only(step: str, line: str, status: str, kind: tuple[str, str] | None) -> None:
    batch = letters("one", "bad", "two")
    if step == "MAIL":
        batch[1].from_address = "bad@acme.test"
    (outcomes,), script = send(refusing(step, line), batch)
    assert statuses(outcomes) == ["sent", status, "sent"]
    assert outcomes[1].response == line
    assert line in outcomes[1].detail
    assert not outcomes[1].uncertain
    bounce = bounce_of(outcomes[1])
    assert (bounce and (bounce.bounce_type, bounce.bounce_sub_type)) == kind
    if bounce is not None:
        assert bounce.diagnostic_code == f"smtp; {line}"
        assert bounce.action == ("failed" if status == "permanent" else "delayed")
    assert recipients(script) == ["one", "two"]
    assert script.connections == 1
    if step != "CONTENT":
        assert "1 RSET" in script.log


def test_several_lines_are_one_answer() -> None:
    (outcomes,), _ = send(
        refusing("RCPT", "550-5.1.1 The account\r\n550-5.1.1 does not\r\n550 5.1.1 exist"), letters("bad")
    )
    assert outcomes[0].response == "550 5.1.1 The account 5.1.1 does not 5.1.1 exist"
    bounce = bounce_of(outcomes[0])
    assert bounce is not None
    assert bounce.status == "5.1.1"


@pytest.mark.parametrize(
    ("greeting", "status"),
    [
        ("421 4.3.2 too many connections", "throttled"),
        ("421 closing", "throttled"),
        ("554 go away", "temporary"),
        ("HTTP/1.1 400 Bad Request", "temporary"),
        ("", "temporary"),
        ("220", "sent"),
    ],
)
def test_greetings(greeting: str, status: str) -> None:
    (outcomes,), script = send(lambda step, *_: greeting if step == "CONNECT" else None, letters("a", "b"), timeout=0.5)
    assert statuses(outcomes) == [status, status]
    assert not any(outcome.events for outcome in outcomes)
    assert len(script.received) == (2 if status == "sent" else 0)


def test_a_server_that_is_not_there() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

        async def scenario() -> list[Outcome]:
            transport = SmtpTransport(Relay(host="127.0.0.1", port=port))
            await transport.open()
            try:
                return await transport.send(letters("a", "b", "c"))
            finally:
                await transport.close()

        outcomes = run(scenario())
    assert statuses(outcomes) == ["temporary"] * 3
    assert f"127.0.0.1:{port}" in outcomes[0].detail


def test_a_host_that_does_not_exist() -> None:
    async def scenario() -> list[Outcome]:
        transport = SmtpTransport(Relay(host="", port=1))
        await transport.open()
        return await transport.send(letters("a"))

    assert statuses(run(scenario())) == ["temporary"]


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize("how", [Hang(), Drop()], ids=["hangs", "drops"])
def test_a_server_that_falls_silent(step: str, how: Answer) -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return how if at == step and connection == 1 else None

    (first, second), script = send(answer, letters("a"), letters("b"), timeout=0.4)
    assert statuses(first) == ["temporary"]
    assert first[0].uncertain == (step == "CONTENT")
    assert not first[0].events
    if step == "CONTENT":
        assert "uncertain" in first[0].detail
    elif step in ("MAIL", "RCPT", "DATA"):
        assert step in first[0].detail
    assert statuses(second) == ["sent"]
    assert recipients(script) == ["b"]


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "CONTENT", "RSET"])
@pytest.mark.parametrize("line", ["not a reply", "999 what", "250-" + "x" * 40_000, "100 hm", "\0\xff"])
def test_nonsense_is_survived(step: str, line: str) -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        if connection == 1 and at == step:
            return line
        return "550 5.1.1 nobody" if at == "RCPT" and "bad@" in argument else None

    (first, second), _ = send(answer, letters("bad", "a"), letters("b"), timeout=0.4)
    assert len(first) == 2
    assert statuses(second) == ["sent"]


@pytest.mark.parametrize("after", [0, 100])
def test_a_connection_lost_amid_the_content_is_uncertain(after: int) -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return Drop(after) if at == "READ" and (connection, message) == (1, 2) else None

    (outcomes,), script = send(answer, letters("a", "b", "c", "d"))
    assert statuses(outcomes) == ["sent", "temporary", "sent", "sent"]
    # Without a byte read, the client may have noticed before it wrote anything.
    assert outcomes[1].uncertain or after == 0
    assert outcomes[1].uncertain == ("uncertain whether it was taken" in outcomes[1].detail)
    assert recipients(script) == ["a", "c", "d"]
    assert script.connections == 2


@pytest.mark.parametrize("goodbye", ["421 4.7.0 that is enough", Drop()], ids=["421", "drop"])
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_wants_a_new_connection_every_ten_messages(goodbye: Answer, step: str) -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return goodbye if at == step and message > 10 else None

    names = [f"u{n}" for n in range(95)]
    (outcomes,), script = send(answer, letters(*names), connections=3)
    assert statuses(outcomes) == ["sent"] * 95
    assert Counter(recipients(script)) == Counter(names)


def test_a_server_that_closes_after_every_message() -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return Drop() if at == "MAIL" and message > 1 else None

    (outcomes,), script = send(answer, letters("a", "b", "c"))
    assert statuses(outcomes) == ["sent"] * 3
    assert recipients(script) == ["a", "b", "c"]
    assert script.connections == 3


def test_421_on_a_new_connection_is_an_answer() -> None:
    (outcomes,), script = send(lambda at, *_: "421 4.3.0 not now" if at == "MAIL" else None, letters("a", "b"))
    assert statuses(outcomes) == ["temporary", "temporary"]
    assert script.connections == 2


def test_an_idle_connection_that_was_closed_is_replaced() -> None:
    async def scenario() -> tuple[list[list[Outcome]], list[int]]:
        relay_port = 0
        results, connections = [], []
        transport: SmtpTransport | None = None
        for _ in range(2):
            script = Script(lambda *_: None)
            async with script.serve(relay_port) as port:
                relay_port = port
                if transport is None:
                    transport = SmtpTransport(Relay(host="127.0.0.1", port=port), connections=2)
                    await transport.open()
                results.append(await transport.send(letters("a", "b")))
                connections.append(script.connections)
        assert transport is not None
        await transport.close()
        return results, connections

    results, connections = run(scenario())
    assert [statuses(outcomes) for outcomes in results] == [["sent", "sent"]] * 2
    assert all(count >= 1 for count in connections)


def test_connections_that_are_refused_leave_the_work_to_the_others() -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return "421 only two at a time" if at == "CONNECT" and connection > 2 else None

    names = [f"u{n}" for n in range(60)]
    (outcomes,), script = send(answer, letters(*names), connections=8)
    assert statuses(outcomes) == ["sent"] * 60
    assert Counter(recipients(script)) == Counter(names)


def test_connections_that_hang_do_not_hold_up_the_batch() -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return Hang() if at == "CONNECT" and connection > 1 else None

    async def scenario() -> tuple[list[Outcome], float]:
        script = Script(answer)
        async with script.serve() as port:
            transport = SmtpTransport(Relay(host="127.0.0.1", port=port, timeout_seconds=20), connections=5)
            await transport.open()
            loop = asyncio.get_running_loop()
            start = loop.time()
            outcomes = await transport.send(letters(*"abcdefgh"))
            took = loop.time() - start
            await transport.close()
        return outcomes, took

    outcomes, took = run(scenario())
    assert statuses(outcomes) == ["sent"] * 8
    assert took < 10


def test_a_server_that_is_gone_for_good_ends_the_batch_once() -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return (
            "554 banned" if at == "CONNECT" and connection > 2 else (Drop() if at == "DATA" and message == 2 else None)
        )

    (outcomes,), script = send(answer, letters(*[f"u{n}" for n in range(50)]), connections=2)
    assert Counter(statuses(outcomes)) == {"sent": 2, "temporary": 48}
    assert len(script.received) == 2
    assert script.connections <= 4


def test_a_bug_in_the_signer_costs_one_message() -> None:
    class Broken:
        def sign(self, domain: str, content: bytes, at_ms: int) -> bytes:
            if b"bad@" in content:
                raise ZeroDivisionError("no key today")
            return b""

    async def scenario() -> list[Outcome]:
        script = Script(lambda *_: None)
        async with script.serve() as port:
            transport = SmtpTransport(Relay(host="127.0.0.1", port=port), connections=1, signer=Broken())
            await transport.open()
            outcomes = await transport.send(letters("a", "bad", "b"))
            await transport.close()
        return outcomes

    outcomes = run(scenario())
    assert statuses(outcomes) == ["sent", "temporary", "sent"]
    assert "no key today" in outcomes[1].detail
