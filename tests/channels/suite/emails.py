"""Stages of e-mail: a relay, the recipients' own servers, and Amazon SES."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from clarion.channels.email.smtp import PROVIDER, SmtpConfig
from clarion.channels.port import EmailOutgoing
from clarion.channels.provider import Surroundings
from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings
from tests.channels.certificates import self_signed
from tests.channels.email import test_ses
from tests.channels.email.receivers import internet
from tests.channels.letters import letter
from tests.channels.servers import Answer, Drop, Hang, Mailbox, Script, check_password, mail_server
from tests.channels.sms.rest import Misbehaviour, Reply, Rest
from tests.channels.suite.stage import Mood, Scene, Stage


def _letters(count: int, start: int) -> Sequence[EmailOutgoing]:
    return [
        letter(message_id=f"{number:032x}", to_address=f"user{number}@one.test")
        for number in range(start, start + count)
    ]


def _broken() -> EmailOutgoing:
    return letter(message_id="f" * 32, to_address="nobody")


def _answer(mood: Mood) -> Answer:
    """At the end of a message's content, which is when it is taken."""
    return {"hangs": Hang(), "cuts": Drop()}.get(mood)


@asynccontextmanager
async def _relay(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    if mood == "stranger":
        tls, authorities = self_signed(folder)
        mailbox = Mailbox()
        async with mail_server(mailbox, tls=tls, authenticator=check_password, auth_required=True) as port:
            yield _scene(port, lambda: len(mailbox.received), authorities=authorities, tls="starttls")
        return
    script = Script(lambda step, *_: _answer(mood) if step == "CONTENT" else None)
    async with script.serve() as port:
        away = 1 if mood == "away" else port
        yield _scene(away, lambda: len(script.received), username="", password="", tls="none")


def _scene(port: int, arrived: Callable[[], int], **members: Any) -> Scene:
    given = {"username": "lea", "password": "stolen", "timeout_seconds": 1, **members}
    around = Surroundings(name="main", settings=Settings(), clock=VirtualClock(), ids=SeededIds())
    return Scene(PROVIDER.build(SmtpConfig(host="localhost", port=port, **given), around), arrived)


@asynccontextmanager
async def _receivers(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    async with internet({"one.test": {"MX": ["10 mx.one.test."]}}) as net:
        script = Script(lambda *_: None)
        if mood == "away":
            net.address("mx.one.test")
        else:
            script = await net.host("mx.one.test", lambda step, *_: _answer(mood) if step == "CONTENT" else None)
        yield Scene(await net.transport(timeout_seconds=1), lambda: len(script.received))


@asynccontextmanager
async def _ses(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    told: dict[Mood, Reply | Misbehaviour] = {
        "ill": Reply(503),
        "stranger": Reply(403, {}, {"x-amzn-errortype": "AccessDeniedException"}),
        "busy": Reply(429, {}, {"x-amzn-errortype": "TooManyRequestsException"}),
        "hangs": "hang",
        "cuts": "reset",
    }
    peer = Rest(lambda asked: told.get(mood) or Reply(200, {"MessageId": "1"}))
    async with peer.serve() as url:
        where = "http://127.0.0.1:1" if mood == "away" else url
        yield Scene(test_ses.build(where, timeout_seconds=1), lambda: len(peer.asked))


STAGES = [
    Stage(
        "ses",
        _ses,
        _letters,
        _broken,
        frozenset(("well", "away", "ill", "stranger", "busy", "hangs", "cuts")),
        secrets=["not-shown"],
    ),
    Stage(
        "smtp", _relay, _letters, _broken, frozenset(("well", "away", "stranger", "hangs", "cuts")), secrets=["stolen"]
    ),
    # Each recipient's server is its own: that one is away is nothing that others suffer from.
    Stage("mx", _receivers, _letters, _broken, frozenset(("well", "away", "hangs", "cuts")), blames="message"),
]
