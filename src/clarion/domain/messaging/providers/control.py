"""The control API's calls for providers. They are the installation's, so they are for admins of its own account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from clarion.channels import catalog
from clarion.channels.provider import Finding
from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid, Unavailable
from clarion.domain.messaging.providers.carriers import Carriers
from clarion.domain.messaging.providers.service import Providers
from clarion.domain.messaging.providers.store import ProviderRow
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing

Text = Annotated[str, msgspec.Meta(min_length=1)]
Value = str | int | float | bool | None
Channel = Literal["email", "sms", "voice", "custom"]


class AddRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A new provider: of which kind, and the members of its config by their names."""

    name: Text
    channel: Channel
    kind: Text
    config: dict[str, Value] = {}


class UpdateRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """What to change; null resets a member of the config."""

    name: Text
    config: dict[str, Value] = {}
    enabled: bool | None = None
    position: int | None = None
    rate: float | None = None


class OneRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """The provider of a name."""

    name: Text


class Provider(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A provider. `config` is without what is secret; `secrets` names the secret members that are set. `problem` says
    why it cannot be used."""

    name: str
    channel: str
    kind: str
    title: str
    position: int
    enabled: bool
    rate: float
    version: int
    creation_date: str
    last_modified_date: str
    config: dict[str, Any] = {}
    secrets: list[str] = []
    problem: str | None = None


class ProviderList(msgspec.Struct, kw_only=True, rename="pascal"):
    """All providers, those of a channel in the order in which they are asked."""

    providers: list[Provider]


class Kind(msgspec.Struct, kw_only=True, rename="pascal"):
    """A kind of provider that there can be: the members of its config, the secret ones, and what it can do."""

    channel: str
    kind: str
    title: str
    members: list[str]
    secrets: list[str]
    features: list[str]


class KindList(msgspec.Struct, kw_only=True, rename="pascal"):
    """All kinds."""

    kinds: list[Kind]


class CheckAnswer(msgspec.Struct, kw_only=True, rename="pascal"):
    """What was found out, and whether nothing of it is an error."""

    good: bool
    findings: list[Finding]


class ProvidersControl:
    """Handler of `providers`. `carriers` by channel ("sms"); `account` is the installation's own."""

    def __init__(self, providers: Providers, carriers: Mapping[str, Carriers], account: str) -> None:
        self._providers = providers
        self._carriers = carriers
        self._account = account

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        path = "/clarion/v1/providers"
        control.add("GET", path, Nothing, ProviderList, self.list_providers, summary="List the providers.")
        control.add("GET", f"{path}/kinds", Nothing, KindList, self.list_kinds, summary="List what can be configured.")
        control.add("GET", f"{path}/one", OneRequest, Provider, self.show_provider, summary="Show a provider.")
        control.add("POST", path, AddRequest, Provider, self.add_provider, summary="Configure a new provider.")
        control.add(
            "POST", f"{path}/update", UpdateRequest, Provider, self.update_provider, summary="Change a provider."
        )
        control.add("POST", f"{path}/remove", OneRequest, Provider, self.remove_provider, summary="Remove a provider.")
        control.add(
            "POST",
            f"{path}/check",
            OneRequest,
            CheckAnswer,
            self.check_provider,
            summary="Ask a provider whether it lets us in.",
        )

    def list_providers(self, ctx: Context, request: Nothing) -> ProviderList:
        ctx.check_installation(self._account)
        return ProviderList(providers=[self._shown(row) for row in self._providers.every()])

    def list_kinds(self, ctx: Context, request: Nothing) -> KindList:
        ctx.check_installation(self._account)
        kinds = [
            Kind(
                channel=one.channel,
                kind=one.kind,
                title=one.title,
                members=one.config.members(),
                secrets=list(one.config.SECRET),
                features=sorted(one.features),
            )
            for one in catalog.PROVIDERS
        ]
        return KindList(kinds=kinds)

    def show_provider(self, ctx: Context, request: OneRequest) -> Provider:
        ctx.check_installation(self._account)
        return self._shown(self._providers.get(request.name))

    def add_provider(self, ctx: Context, request: AddRequest) -> Provider:
        ctx.check_installation(self._account)
        return self._shown(self._providers.add(request.name, request.channel, request.kind, request.config))

    def update_provider(self, ctx: Context, request: UpdateRequest) -> Provider:
        ctx.check_installation(self._account)
        row = self._providers.update(
            request.name,
            request.config,
            enabled=request.enabled,
            position=request.position,
            rate=request.rate,
        )
        return self._shown(row)

    def remove_provider(self, ctx: Context, request: OneRequest) -> Provider:
        ctx.check_installation(self._account)
        return self._shown(self._providers.remove(request.name))

    def check_provider(self, ctx: Context, request: OneRequest) -> CheckAnswer:
        ctx.check_installation(self._account)
        configured = self._providers.opened(self._providers.get(request.name))
        findings = self._carriers[configured.row.channel].check(configured)
        return CheckAnswer(good=all(one.level != "error" for one in findings), findings=findings)

    def _shown(self, row: ProviderRow) -> Provider:
        problem, secrets = None, list[str]()
        title, config = row.kind, msgspec.json.decode(row.config)
        config.pop("version", None)
        try:
            opened = self._providers.opened(row)
            title = opened.kind.title
            secrets = [name for name in opened.config.SECRET if getattr(opened.config, name)]
        except (Invalid, Unavailable, msgspec.ValidationError) as error:
            problem = getattr(error, "message", str(error))
        return Provider(
            name=row.name,
            channel=row.channel,
            kind=row.kind,
            title=title,
            position=row.position,
            enabled=row.enabled,
            rate=row.rate,
            version=row.version,
            creation_date=iso_ms(row.created_ms),
            last_modified_date=iso_ms(row.modified_ms),
            config={name: value for name, value in config.items() if value not in ("", None)},
            secrets=secrets,
            problem=problem,
        )
