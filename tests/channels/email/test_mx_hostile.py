"""Receivers that are slow, away, suspicious or busy: each is the trouble of its own mail, and of no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from clarion.channels.email.mx.sites import Site
from clarion.channels.email.mx.transport import MxTransport
from clarion.channels.port import Outcome
from tests.channels.email.receivers import Records, bounce_of, internet, mails, recipients
from tests.channels.servers import Answer, Drop, Hang, run

TWO: Records = {"slow.test": {"MX": ["10 mx.slow.test."]}, "good.test": {"MX": ["10 mx.good.test."]}}
Answers = Callable[[str, str, int, int], Answer]


def at(step: str, what: Answer) -> Answers:
    return lambda at, argument, connection, message: what if at == step else None


def two() -> Records:
    return {name: dict(kinds) for name, kinds in TWO.items()}


def site_of(transport: MxTransport, host: str) -> Site:
    (site,) = [site for (hosts, _), site in transport._sites.items() if hosts[0].host == host]
    return site


@pytest.mark.parametrize("step", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
def test_a_receiver_that_says_nothing_holds_up_nobody_else(step: str) -> None:
    async def scenario() -> None:
        async with internet(two()) as net:
            slow = await net.host("mx.slow.test", at(step, Hang()))
            good = await net.host("mx.good.test")
            transport = await net.transport(batch_seconds=2, timeout_seconds=30)
            batch = mails("a@slow.test", "b@good.test", "c@slow.test", "d@good.test")
            sending = asyncio.create_task(transport.send(batch))
            while len(good.received) < 2:
                await asyncio.sleep(0)
            assert not sending.done()  # and they did not wait
            outcomes = await sending
            assert [outcome.status for outcome in outcomes] == ["temporary", "sent", "temporary", "sent"]
            for outcome in (outcomes[0], outcomes[2]):
                assert (outcome.blame, outcome.uncertain) == ("message", False)
                assert (outcome.retry_after_ms or 0) > 200_000
                assert (bounce_of(outcome).bounce_type, bounce_of(outcome).action) == ("Transient", "delayed")
            before = slow.connections
            again = await transport.send(mails("e@slow.test", "f@good.test"))
            assert [outcome.status for outcome in again] == ["temporary", "sent"]
            assert "left alone" in again[0].detail
        assert slow.connections == before
        assert slow.received == []

    run(scenario())


def test_what_was_passed_on_without_an_answer_is_uncertain() -> None:
    async def scenario() -> None:
        async with internet(two()) as net:
            await net.host("mx.slow.test", at("CONTENT", Drop()))
            (outcome,) = await (await net.transport()).send(mails("a@slow.test"))
        assert (outcome.status, outcome.uncertain) == ("temporary", True)

    run(scenario())


def test_a_receiver_that_is_away_is_left_alone_longer_each_time() -> None:
    async def scenario() -> None:
        async with internet(two()) as net:
            net.address("mx.slow.test")
            transport = await net.transport()
            waits = []
            for _ in range(3):
                first, second = await transport.send(mails("a@slow.test", "b@slow.test"))
                assert [first.status, first.blame, second.status] == ["temporary", "message", "temporary"]
                assert bounce_of(first).status == "4.4.1"
                waits.append(round((first.retry_after_ms or 0) / 60_000))
                site_of(transport, "mx.slow.test")._rests_until = 0.0
            assert waits == [1, 3, 9]

    run(scenario())


@pytest.mark.parametrize(
    ("step", "line"),
    [
        ("RCPT", "450 4.2.0 greylisted, see https://postgrey.test"),
        ("RCPT", "451 4.7.1 try again in five minutes"),
        ("MAIL", "451 4.3.0 not now"),
        ("CONTENT", "452 4.3.1 out of space"),
        ("RCPT", "530 5.7.0 Must issue a STARTTLS command first"),
    ],
)
def test_a_greylisted_mail_comes_again_in_minutes_and_no_other_waits(step: str, line: str) -> None:
    def once(where: str, argument: str, connection: int, message: int) -> Answer:
        return line if where == step and message == 1 else None

    async def scenario() -> None:
        async with internet(two()) as net:
            slow = await net.host("mx.slow.test", once)
            transport = await net.transport(per_site=1, retry_seconds=240)
            first, second = await transport.send(mails("a@slow.test", "b@slow.test"))
            assert (first.status, first.blame, first.retry_after_ms) == ("temporary", "message", 240_000)
            assert bounce_of(first).bounce_type == "Transient"
            assert second.status == "sent"
            (again,) = await transport.send(mails("a@slow.test"))
            assert again.status == "sent"
        assert recipients(slow) == ["b@slow.test", "a@slow.test"]

    run(scenario())


@pytest.mark.parametrize(
    ("step", "line"),
    [("CONNECT", "421 4.7.0 too many"), ("MAIL", "421 4.7.28 unusual rate"), ("RCPT", "451 slow down")],
)
def test_who_says_slow_down_is_left_alone_for_a_while(step: str, line: str) -> None:
    async def scenario() -> None:
        async with internet(two()) as net:
            slow = await net.host("mx.slow.test", at(step, line))
            await net.host("mx.good.test")
            transport = await net.transport(per_site=1)
            outcomes = await transport.send(mails("a@slow.test", "b@good.test"))
            # Not throttled: that would slow down the lane, and with it everybody else.
            assert [(outcome.status, outcome.blame) for outcome in outcomes] == [
                ("temporary", "message"),
                ("sent", "message"),
            ]
            assert 30_000 < (outcomes[0].retry_after_ms or 0) <= 61_000
            before = slow.connections
            again = await transport.send(mails("a@slow.test", "b@good.test"))
            assert [outcome.status for outcome in again] == ["temporary", "sent"]
        assert slow.connections == before

    run(scenario())


def test_a_receiver_that_takes_few_connections_is_not_left_alone() -> None:
    def two_at_most(step: str, argument: str, connection: int, message: int) -> Answer:
        return "421 4.7.0 too many connections" if step == "CONNECT" and connection > 2 else None

    async def scenario() -> None:
        async with internet(two()) as net:
            slow = await net.host("mx.slow.test", two_at_most)
            transport = await net.transport(per_site=5)
            batch = mails(*(f"{number}@slow.test" for number in range(40)))
            assert [outcome.status for outcome in await transport.send(batch)] == ["sent"] * 40
            assert [outcome.status for outcome in await transport.send(batch[:2])] == ["sent"] * 2
        assert len(slow.received) == 42

    run(scenario())


def test_connections_are_never_more_than_allowed() -> None:
    async def scenario() -> None:
        records: Records = {f"d{number}.test": {"MX": [f"10 mx.d{number}.test."]} for number in range(6)}
        async with internet(records) as net:
            hosts = [await net.host(f"mx.d{number}.test") for number in range(6)]
            transport = await net.transport(connections=4, per_site=2)
            batch = mails(*(f"{number}@d{number % 6}.test" for number in range(60)))
            results = await asyncio.gather(transport.send(batch[:30]), transport.send(batch[30:]))
            assert all(outcome.status == "sent" for outcomes in results for outcome in outcomes)
        assert max(host.most_open for host in hosts) <= 2
        assert sum(len(host.received) for host in hosts) == 60

    run(scenario())


def test_a_rate_is_kept_and_what_is_too_much_goes_back_without_blame() -> None:
    async def scenario() -> list[Outcome]:
        async with internet(two()) as net:
            await net.host("mx.slow.test")
            transport = await net.transport(sites="slow.test rate=5", batch_seconds=1, per_site=2)
            return await transport.send(mails(*(f"{number}@slow.test" for number in range(20))))

    outcomes = run(scenario())
    sent = sum(outcome.status == "sent" for outcome in outcomes)
    assert 1 <= sent <= 7
    rest = {(one.status, one.blame, one.events) for one in outcomes if one.status != "sent"}
    assert rest == {("throttled", "provider", ())}


def test_more_mail_than_there_was_time_for_goes_back_without_blame() -> None:
    """The receiver works, if slowly: it is not left alone, and no attempt counts."""

    def slow_after_three(step: str, argument: str, connection: int, message: int) -> Answer:
        return Hang() if step == "MAIL" and message > 3 else None

    async def scenario() -> None:
        async with internet(two()) as net:
            await net.host("mx.slow.test", slow_after_three)
            transport = await net.transport(batch_seconds=2, per_site=1)
            outcomes = await transport.send(mails(*(f"{number}@slow.test" for number in range(6))))
            assert [outcome.status for outcome in outcomes] == ["sent"] * 3 + ["throttled"] * 3
            assert {outcome.blame for outcome in outcomes[3:]} == {"provider"}
            (again,) = await transport.send(mails("a@slow.test"))
            assert again.status == "sent"

    run(scenario())


def test_a_hard_refusal_is_the_recipients_own() -> None:
    def unknown(step: str, argument: str, connection: int, message: int) -> Answer:
        return "550 5.1.1 no such user" if step == "RCPT" and "nobody@" in argument else None

    async def scenario() -> None:
        async with internet(two()) as net:
            await net.host("mx.slow.test", unknown)
            nobody, lea = await (await net.transport()).send(mails("nobody@slow.test", "lea@slow.test"))
        assert (nobody.status, nobody.retry_after_ms, lea.status) == ("permanent", None, "sent")
        assert (bounce_of(nobody).bounce_type, bounce_of(nobody).bounce_sub_type) == ("Permanent", "NoEmail")

    run(scenario())
