"""What every transport promises, over all of them."""

from __future__ import annotations

import asyncio
import email
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from clarion.channels.counting import CountingTransport
from clarion.channels.email import mime
from clarion.channels.email.relay import Relay
from clarion.channels.email.smtp import SmtpTransport
from clarion.channels.inbox import InboxMessage, InboxTransport
from clarion.channels.port import EmailOutgoing, Outcome, Transport
from clarion.core.clock import VirtualClock
from tests.channels.certificates import self_signed
from tests.channels.email.receivers import internet
from tests.channels.letters import letter
from tests.channels.servers import Mailbox, check_password, mail_server, run


class Kept:
    """An inbox sink that is a list."""

    def __init__(self) -> None:
        self.messages: list[InboxMessage] = []

    def store(self, messages: list[InboxMessage]) -> None:
        self.messages += messages


class Setup:
    """A transport, and what has arrived at the other end: (recipient, content) pairs, or None if nobody knows."""

    def __init__(self, transport: Transport[EmailOutgoing], arrived: Callable[[], list[tuple[str, bytes]]] | None):
        self.transport = transport
        self.arrived = arrived


Factory = Callable[[], AbstractAsyncContextManager[Setup]]


@asynccontextmanager
async def counting() -> AsyncIterator[Setup]:
    yield Setup(CountingTransport(), None)


@asynccontextmanager
async def inbox() -> AsyncIterator[Setup]:
    kept = Kept()
    yield Setup(
        InboxTransport(kept, VirtualClock()), lambda: [(message.to_address, message.raw) for message in kept.messages]
    )


def smtp(mode: str, folder: Path) -> Factory:
    tls, authorities = self_signed(folder)
    servers: dict[str, dict[str, Any]] = {
        "none": {},
        "opportunistic-plain": {},
        "opportunistic-tls": {"tls": tls},
        "starttls": {"tls": tls, "require_starttls": True},
        "tls": {"tls": tls, "implicit": True},
        "auth": {"tls": tls, "authenticator": check_password, "auth_required": True},
    }
    relays: dict[str, dict[str, Any]] = {
        "none": {"tls": "none"},
        "opportunistic-plain": {"tls": "opportunistic"},
        "opportunistic-tls": {"tls": "opportunistic"},
        "starttls": {"tls": "starttls", "authorities": authorities},
        "tls": {"tls": "tls", "authorities": authorities},
        "auth": {"tls": "starttls", "authorities": authorities, "username": "lea", "password": "secret"},
    }

    @asynccontextmanager
    async def factory() -> AsyncIterator[Setup]:
        mailbox = Mailbox()
        async with mail_server(mailbox, **servers[mode]) as port:
            relay = Relay(host="localhost", port=port, timeout_seconds=10, **relays[mode])
            transport = SmtpTransport(relay, connections=3)
            yield Setup(transport, lambda: [(mail.recipient, mail.content) for mail in mailbox.received])
            if mode not in ("none", "opportunistic-plain"):
                assert all(mail.encrypted for mail in mailbox.received)

    return factory


@asynccontextmanager
async def straight() -> AsyncIterator[Setup]:
    async with internet({"example.com": {"MX": ["10 mx.example.com."]}}) as net:
        mailbox = Mailbox()
        await net.enter(mail_server(mailbox, host=net.address("mx.example.com"), port=net.port))
        transport = await net.transport(per_site=3)
        await transport.close()
        yield Setup(transport, lambda: [(mail.recipient, mail.content) for mail in mailbox.received])


SMTP_MODES = ["none", "opportunistic-plain", "opportunistic-tls", "starttls", "tls", "auth"]


@pytest.fixture(params=["counting", "inbox", "mx", *(f"smtp {mode}" for mode in SMTP_MODES)])
def factory(request: pytest.FixtureRequest, tmp_path: Path) -> Factory:
    kind, _, mode = request.param.partition(" ")
    return {"counting": counting, "inbox": inbox, "mx": straight}.get(kind) or smtp(mode, tmp_path)


def letters(count: int, start: int = 0) -> list[EmailOutgoing]:
    return [
        letter(message_id=f"{n:032x}", to_address=f"user{n}@example.com", subject=f"Größe {n}", text=f".{n}\n..\n.\n")
        for n in range(start, start + count)
    ]


def handed_over(outcomes: list[Outcome]) -> bool:
    return all(outcome.status in ("sent", "delivered") and outcome.response.startswith("250") for outcome in outcomes)


def test_a_batch_arrives_whole_and_unchanged(factory: Factory) -> None:
    async def scenario() -> None:
        async with factory() as setup:
            await setup.transport.open()
            batch = letters(25)
            outcomes = await setup.transport.send(batch)
            assert len(outcomes) == 25
            assert handed_over(outcomes)
            if setup.arrived is not None:
                expected = {(mail.recipient, mail.content) for mail in map(mime.build, batch)}
                assert set(setup.arrived()) == expected
                assert len(setup.arrived()) == 25
                for recipient, content in setup.arrived():
                    found = email.message_from_bytes(content, policy=default)
                    assert found["To"] == recipient
                    number = recipient.removeprefix("user").removesuffix("@example.com")
                    assert found["Subject"] == f"Größe {number}"
                    text = next(iter(found.iter_parts())).get_payload(decode=True)
                    assert text == f".{number}\r\n..\r\n.\r\n".encode()
            await setup.transport.close()

    run(scenario())


def test_nothing_to_send_is_no_trouble(factory: Factory) -> None:
    async def scenario() -> None:
        async with factory() as setup:
            await setup.transport.open()
            assert await setup.transport.send([]) == []
            await setup.transport.close()

    run(scenario())


def test_batches_can_overlap(factory: Factory) -> None:
    async def scenario() -> None:
        async with factory() as setup:
            await setup.transport.open()
            results = await asyncio.gather(*(setup.transport.send(letters(8, start)) for start in range(0, 80, 8)))
            assert all(handed_over(outcomes) for outcomes in results)
            if setup.arrived is not None:
                assert {recipient for recipient, _ in setup.arrived()} == {f"user{n}@example.com" for n in range(80)}
                assert len(setup.arrived()) == 80
            await setup.transport.close()

    run(scenario())


def test_it_can_be_closed_and_opened_again(factory: Factory) -> None:
    async def scenario() -> None:
        async with factory() as setup:
            for start in (0, 5):
                await setup.transport.open()
                assert handed_over(await setup.transport.send(letters(5, start)))
                await setup.transport.close()

    run(scenario())


def test_one_bad_message_harms_no_other(factory: Factory) -> None:
    async def scenario() -> None:
        async with factory() as setup:
            if setup.arrived is None:
                pytest.skip("it does not look at messages")
            await setup.transport.open()
            batch = letters(4)
            batch[1].to_address = "nobody"
            batch[2].headers = [("X-Note", "v" * 900)]
            outcomes = await setup.transport.send(batch)
            assert [outcome.status in ("sent", "delivered") for outcome in outcomes] == [True, False, False, True]
            assert [outcome.status for outcome in outcomes[1:3]] == ["permanent", "permanent"]
            assert "'nobody' is not an e-mail address" in outcomes[1].detail
            assert "X-Note is longer than 870" in outcomes[2].detail
            assert sorted(recipient for recipient, _ in setup.arrived()) == ["user0@example.com", "user3@example.com"]
            await setup.transport.close()

    run(scenario())


def test_it_says_what_it_is(factory: Factory) -> None:
    async def scenario() -> None:
        async with factory() as setup:
            assert setup.transport.channel == "email"
            assert setup.transport.name in ("smtp", "inbox", "counting", "mx")

    run(scenario())
