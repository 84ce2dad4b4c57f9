"""What a kind of provider is: how it is configured, what it can do, and how its transport is built.

A provider is one file that ends with `PROVIDER = Provider(…)`, and one line in `catalog.PROVIDERS`. Its config is what
an operator types (`clarion provider add`) or, of push services, what a project's channel holds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

import msgspec

from clarion.channels.feedback import Feedback, Nobody
from clarion.channels.port import Outgoing, Transport
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings

if TYPE_CHECKING:
    from clarion.channels.calls.service import Callout
    from clarion.channels.email.dkim import Signer
    from clarion.wire.http.asgi import Response
    from clarion.wire.http.plain import PlainRequest

Feature = Literal[
    "receipts", "inbound", "tls", "several connections", "batches", "tracking", "bounces", "price", "check"
]


class Config(msgspec.Struct, kw_only=True, frozen=True):
    """Base of what is configured. What is not configured is ''. Members in `SECRET` are sealed where they are stored,
    and nothing shows them: a config prints the names of its members only."""

    SECRET: ClassVar[tuple[str, ...]] = ()

    version: int = 1

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._given())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, ...) for name in self._given()]

    def _given(self) -> list[str]:
        return [name for name in self.members() if getattr(self, name)]

    @classmethod
    def members(cls) -> list[str]:
        """The names of what can be configured."""
        return [name for name in cls.__struct_fields__ if name != "version"]


class ProviderConfig(Config, kw_only=True, frozen=True):
    """Base of the configs of providers: numbers, words and switches only, each with a default if it can have one."""

    def check(self) -> None:
        """Raises Invalid naming the member that cannot be meant. Asks nobody."""


ConfigT = TypeVar("ConfigT", bound=Config)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a provider's transport is built in. `name` is what the operator calls this provider; `signer` signs e-mails
    with the keys of sending domains."""

    name: str
    settings: Settings
    clock: Clock
    ids: Ids
    feedback: Feedback = dataclasses.field(default_factory=Nobody)
    callout: Callout | None = None
    signer: Signer | None = None


class Finding(msgspec.Struct, frozen=True):
    """Something that a check found: `level` "ok", "warning" (it will fail some day) or "error" (it fails now)."""

    level: Literal["ok", "warning", "error"]
    text: str


class Checked(Protocol):
    """A transport that can be asked whether its credentials are good, without sending anything to anybody."""

    async def check(self) -> Sequence[Finding]: ...


Webhook = Callable[["PlainRequest"], "Response"]
"""Answers what a provider posts to `/providers/{name}`; checks its signature first. Runs in a thread."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Provider(Generic[ConfigT]):
    """A kind of provider.

    `identity` names what of a message has a lane of its own beside the provider (its origination number, its sending
    domain): one credential and one identity, one lane. `serves` says whether it can carry the message at all. `webhook`
    makes what answers the provider's own calls. A provider that `listens` has to be open for things to come in, not
    only while there is something to send.
    """

    kind: str
    channel: str
    title: str
    config: type[ConfigT]
    build: Callable[[ConfigT, Surroundings], Transport[Any]]
    features: frozenset[Feature] = frozenset()
    identity: Callable[[ConfigT, Outgoing], str] = lambda config, message: ""
    serves: Callable[[ConfigT, Outgoing], bool] = lambda config, message: True
    webhook: Callable[[ConfigT, Surroundings], Webhook] | None = None
    listens: bool = False
