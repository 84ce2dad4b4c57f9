"""Kinds of providers for tests, and what they note."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, ClassVar

from clarion.channels.port import Outcome, Outgoing, SmsOutgoing
from clarion.channels.provider import Finding, Provider, ProviderConfig, Surroundings
from clarion.core.errors import Invalid
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, text

SENT = Outcome("sent")


class PigeonConfig(ProviderConfig, kw_only=True, frozen=True):
    """Of pigeons."""

    SECRET = ("password",)

    host: str
    port: int = 25
    tls: bool = False
    speed: float = 1.5
    password: str = ""

    def check(self) -> None:
        if self.host == "nowhere":
            raise Invalid("host: must be somewhere")


class Pigeon:
    """A transport that notes what happens to it. `held`: it answers once it is let go."""

    name = "pigeon"
    channel = "sms"
    all: ClassVar[list[Pigeon]] = []

    def __init__(self, config: PigeonConfig, given: Surroundings) -> None:
        if config.password == "broken":
            raise Invalid("password: does not open")
        self.config = config
        self.given = given
        self.log: list[str] = []
        self.held: asyncio.Event | None = None
        Pigeon.all.append(self)

    async def open(self) -> None:
        if self.config.host == "away":
            raise OSError("there is nobody")
        self.log.append("open")

    async def close(self) -> None:
        self.log.append("close")

    async def send(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        self.log.append(f"send {len(messages)}")
        if self.held is not None:
            await self.held.wait()
        return [SENT] * len(messages)

    async def check(self) -> Sequence[Finding]:
        self.log.append("check")
        return [Finding("ok" if self.config.password == "good" else "error", "asked")]


def _webhook(config: PigeonConfig, given: Surroundings) -> Any:
    def answer(request: PlainRequest) -> Response:
        return text(200, f"{given.name} {config.host} {request.path}")

    return answer


PIGEON: Provider[PigeonConfig] = Provider(
    kind="pigeon",
    channel="sms",
    title="Pigeons",
    config=PigeonConfig,
    build=Pigeon,
    identity=lambda config, message: getattr(message, "origination_number", ""),
    serves=lambda config, message: not message.to_address.startswith("+1"),
    webhook=_webhook,
    listens=True,
)

SNAIL: Provider[PigeonConfig] = Provider(kind="snail", channel="sms", title="Snails", config=PigeonConfig, build=Pigeon)


def message(to: str = "+491511234567", origin: str = "") -> SmsOutgoing:
    return SmsOutgoing(
        message_id="f" * 32, account="1", app_id="a" * 32, to_address=to, body="hello", origination_number=origin
    )
