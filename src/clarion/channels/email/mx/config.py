"""What can be said about sending straight to receivers, and what holds for the large ones.

`sites` tells receivers apart by the end of their MX hosts' names or of the recipient's domain:

    google.com connections=20 rate=50; bank.test tls=verify

Large receivers have a lane each, so that one that is slow, or that we may not hurry, holds up nobody else's mail.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

from clarion.channels.calls.guard import networks
from clarion.channels.port import EmailOutgoing, Outgoing
from clarion.channels.provider import ProviderConfig
from clarion.core.errors import Invalid

Tls = Literal["opportunistic", "require", "verify"]
"""`opportunistic` encrypts if the server can, `require` insists on it, `verify` on a certificate for the MX host, too.

Only the last keeps others from listening in, and many receivers cannot do it: MX names come from DNS unsigned.
"""


class Limits(NamedTuple):
    """What holds for one receiver: most connections, messages a second (0: any number), encryption."""

    connections: int
    rate: float
    tls: Tls


class MxConfig(ProviderConfig, kw_only=True, frozen=True):
    """Sending straight to receivers. `name` is what we call ourselves (it should have an address that leads back to
    it; "": the host of `public_url`), `own_names` what else this machine is called: mail that leads back here is
    refused.

    `connections` is for all receivers together, `per_site` for each. `networks` may be sent to although they are not
    public. `mta_sts`: what a domain insists on by RFC 8461 is kept to, on top of `tls`. `batch_seconds`: what has not
    been handed over by then goes back, so that a slow receiver holds up nobody.
    """

    name: str = ""
    own_names: str = ""
    tls: Tls = "opportunistic"
    connections: int = 100
    per_site: int = 5
    rate_per_site: float = 0
    sites: str = ""
    ipv6: bool = True
    mta_sts: bool = True
    networks: str = ""
    timeout_seconds: int = 30
    batch_seconds: int = 30
    retry_seconds: int = 300
    port: int = 25
    authorities: str = ""

    def check(self) -> None:
        """See `ProviderConfig.check`."""
        if self.tls not in get_args(Tls):
            raise Invalid(f"tls: must be one of {', '.join(get_args(Tls))}")
        bounds = (("connections", 10_000), ("per_site", 1_000), ("timeout_seconds", 600), ("batch_seconds", 600))
        for member, most in (*bounds, ("retry_seconds", 86_400), ("port", 65_535)):
            if not 1 <= getattr(self, member) <= most:
                raise Invalid(f"{member}: must be from 1 to {most}")
        if self.name and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}", self.name):
            raise Invalid("name: must be the name of a host")
        if self.rate_per_site < 0:
            raise Invalid("rate_per_site: must be 0 (any number) or more")
        networks("networks", self.networks)
        parse_sites(self)

    def limits(self, domain: str, hosts: Sequence[str]) -> Limits:
        """What holds for a domain that these hosts take mail for."""
        given = parse_sites(self)
        for name in (*hosts, domain):
            for end in _ends(name):
                if end in given:
                    return given[end]
        most = next((_LARGE[end] for name in hosts for end in _ends(name) if end in _LARGE), self.per_site)
        return Limits(most, self.rate_per_site, self.tls)


def parse_sites(config: MxConfig) -> dict[str, Limits]:
    """The receivers that `sites` names. Raises Invalid naming the member and the part that cannot be meant."""
    found: dict[str, Limits] = {}
    for part in config.sites.split(";"):
        if not (words := part.split()):
            continue
        name = words[0].lower().strip(".")
        limits = Limits(_LARGE.get(name, config.per_site), config.rate_per_site, config.tls)
        for word in words[1:]:
            member, _, value = word.partition("=")
            limits = _changed(limits, member, value)
        found[name] = limits
    return found


def _changed(limits: Limits, member: str, value: str) -> Limits:
    if member == "connections" and re.fullmatch(r"[1-9]\d{0,3}", value):
        return limits._replace(connections=int(value))
    if member == "rate" and re.fullmatch(r"\d{1,6}(\.\d{1,3})?", value):
        return limits._replace(rate=float(value))
    for tls in get_args(Tls):
        if member == "tls" and value == tls:
            return limits._replace(tls=tls)
    raise Invalid(f"sites: {member}={value}"[:80] + " is none of connections=N, rate=N, tls=…")


def lane_of(config: MxConfig, message: Outgoing) -> str:
    """The receiver that has a lane of its own, "" for the lane of all others."""
    if not isinstance(message, EmailOutgoing):
        return ""
    domain = message.to_address.rpartition("@")[2].rstrip("> .").lower()
    if config.sites:
        given = parse_sites(config)
        if named := next((end for end in _ends(domain) if end in given), ""):
            return named
    return _FAMILIES.get(domain, "")


def _ends(name: str) -> list[str]:
    """The name and those above it, nearest first."""
    labels = name.lower().split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]


_LARGE = {
    "google.com": 10,
    "googlemail.com": 10,
    "outlook.com": 10,
    "yahoodns.net": 5,
    "icloud.com": 5,
}
"""Connections to large receivers, by the ends of their hosts' names. Chosen with care, as they publish none."""

_FAMILIES = {
    domain: family
    for family, domains in {
        "google": "gmail.com googlemail.com",
        "microsoft": "outlook.com hotmail.com live.com msn.com hotmail.co.uk hotmail.fr hotmail.de outlook.de",
        "yahoo": "yahoo.com ymail.com rocketmail.com yahoo.co.uk yahoo.fr yahoo.de yahoo.it aol.com",
        "apple": "icloud.com me.com mac.com",
        "gmx": "gmx.de gmx.net gmx.at gmx.ch web.de",
        "t-online": "t-online.de",
        "proton": "proton.me protonmail.com",
    }.items()
    for domain in domains.split()
}
