"""A batch of e-mails to the servers of its recipients: grouped by receiver, and all receivers at once.

Domains with the same hosts are one receiver and share connections: thousands of companies have their mail at Google.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence

from clarion.channels.calls.guard import Guard, networks
from clarion.channels.email import headers
from clarion.channels.email.dkim import Signer
from clarion.channels.email.mx.config import MxConfig, lane_of
from clarion.channels.email.mx.connecting import Connector
from clarion.channels.email.mx.routes import Hosts, Routes, Unroutable
from clarion.channels.email.mx.sites import Site
from clarion.channels.email.mx.sts import Policies, Policy
from clarion.channels.email.names import LookupFailed, Names, NoSuchName
from clarion.channels.email.relay import greeting
from clarion.channels.email.sessions import Slots
from clarion.channels.port import EmailOutgoing, Outcome
from clarion.channels.provider import Finding, Provider, Surroundings
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.core.settings import Settings

_MOST_SITES = 5_000


class MxTransport:
    """See `clarion.channels.port.Transport`."""

    name = "mx"
    channel = "email"

    def __init__(self, config: MxConfig, settings: Settings, ids: Ids, signer: Signer | None) -> None:
        self._config = config
        self._ids = ids
        self._signer = signer
        self._servers = settings.dns_servers
        self._name = config.name or greeting(settings.public_url)
        others = (*config.own_names.replace(",", " ").split(), settings.bounce_domain)
        self._own = frozenset(name.strip(".").lower() for name in (self._name, *others) if name) - {"localhost"}
        self._guard = Guard(networks("networks", config.networks))
        self._sites: dict[tuple[Hosts, object], Site] = {}
        self._routes: Routes | None = None
        self._connector: Connector | None = None
        self._policies: Policies | None = None
        self._slots = Slots(config.connections)

    async def open(self) -> None:
        """Read certificates and who answers for DNS; connections are made when there is something to send."""
        loop = asyncio.get_running_loop()
        config = self._config
        names = await asyncio.to_thread(Names, self._servers)
        self._slots = Slots(config.connections)
        retry_ms = config.retry_seconds * 1000
        self._routes = Routes(names, self._guard, own=self._own, ipv6=config.ipv6, retry_ms=retry_ms, now=loop.time)
        context = await asyncio.to_thread(ssl.create_default_context, cafile=config.authorities or None)
        if config.mta_sts:
            seconds = min(config.timeout_seconds, config.batch_seconds)
            self._policies = Policies(names, self._guard, context=context, timeout_seconds=seconds, now=loop.time)
        self._connector = await asyncio.to_thread(
            lambda: Connector(
                name=self._name,
                own=self._own,
                port=config.port,
                timeout_seconds=config.timeout_seconds,
                authorities=config.authorities,
                now=loop.time,
            )
        )

    async def close(self) -> None:
        """End all connections; those at work when their message is through."""
        sites, self._sites = self._sites, {}
        await asyncio.gather(*(site.close() for site in sites.values()))

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        outcomes: dict[int, Outcome] = {}
        by_domain: dict[str, list[int]] = {}
        for number, message in enumerate(messages):
            try:
                by_domain.setdefault(headers.parse(message.to_address).domain.lower(), []).append(number)
            except Invalid as error:
                outcomes[number] = Outcome("permanent", error.message)
        by_site: dict[int, tuple[Site, list[int]]] = {}
        found = await asyncio.gather(*(self._site(domain) for domain in by_domain))
        for numbers, there in zip(by_domain.values(), found, strict=True):
            if isinstance(there, Outcome):
                outcomes.update(dict.fromkeys(numbers, there))
            else:
                by_site.setdefault(id(there), (there, []))[1].extend(numbers)
        await asyncio.gather(*(self._send(site, numbers, messages, outcomes) for site, numbers in by_site.values()))
        self._forget_some()
        return [outcomes[number] for number in range(len(messages))]

    async def check(self) -> Sequence[Finding]:
        """Whether DNS answers, and knows us by the name that we give."""
        try:
            addresses = await Names(self._servers).addresses(self._name)
        except NoSuchName:
            return [
                Finding("warning", f"{self._name}, as we call ourselves, is not in DNS: many receivers refuse that")
            ]
        except LookupFailed as error:
            return [Finding("error" if error.silent else "warning", str(error))]
        return [Finding("ok", f"DNS answers, and knows {self._name} at {', '.join(addresses) or 'no address'}")]

    async def _send(
        self, site: Site, numbers: Sequence[int], messages: Sequence[EmailOutgoing], outcomes: dict[int, Outcome]
    ) -> None:
        answers = await site.send([messages[number] for number in numbers])
        outcomes.update(zip(numbers, answers, strict=True))

    async def _site(self, domain: str) -> Site | Outcome:
        """Who takes the domain's mail, or what becomes of it otherwise."""
        assert self._routes is not None, "not open"
        assert self._connector is not None, "not open"
        try:
            hosts, policy = await asyncio.gather(self._routes.hosts(domain), self._policy(domain))
        except Unroutable as failure:
            return failure.outcome
        limits = self._config.limits(domain, [one.host for one in hosts])
        if policy is not None:
            hosts = tuple(one for one in hosts if policy.allows(one.host))
            limits = limits._replace(tls="verify")
            if not hosts:
                return self._routes.unsafe(domain)
        site = self._sites.get((hosts, limits))
        if site is None:
            site = self._sites[hosts, limits] = Site(
                hosts,
                limits,
                routes=self._routes,
                connector=self._connector,
                signer=self._signer,
                slots=self._slots,
                timeout_seconds=self._config.timeout_seconds,
                batch_seconds=self._config.batch_seconds,
                jitter=self._ids.jitter,
                now=asyncio.get_running_loop().time,
            )
        return site

    async def _policy(self, domain: str) -> Policy | None:
        return None if self._policies is None else await self._policies.of(domain)

    def _forget_some(self) -> None:
        if len(self._sites) > _MOST_SITES:
            self._sites = {key: site for key, site in self._sites.items() if not site.is_idle}


def _build(config: MxConfig, given: Surroundings) -> MxTransport:
    return MxTransport(config, given.settings, given.ids, given.signer)


PROVIDER = Provider(
    kind="mx",
    channel="email",
    title="Straight to the recipients' mail servers",
    config=MxConfig,
    build=_build,
    features=frozenset(("tls", "several connections", "batches", "tracking", "bounces", "check")),
    identity=lane_of,
)
