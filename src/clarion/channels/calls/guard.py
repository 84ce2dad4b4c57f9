"""Which URLs may be called, so that nobody reaches what only this machine can reach.

Whoever writes a campaign names URLs, and this server calls them from inside the operator's network. So a name is
resolved first, every address it has is judged, and only a judged address is connected to: what the name server
answers the next time does not matter. However an address is written (decimal, octal, in hex, as IPv6 with an IPv4
address inside), it is judged by what the system makes of it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from clarion.channels.calls.port import CalloutFailed
from clarion.core.errors import Invalid

IPAddress: TypeAlias = IPv4Address | IPv6Address
IPNetwork: TypeAlias = ipaddress.IPv4Network | IPv6Network

MAX_URL = 2_048

_URL = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9.])?|[0-9a-fA-F:.]+")
_NAT64 = IPv6Network("64:ff9b::/96")
"""The last four bytes are an IPv4 address (RFC 6052)."""
_UNICAST = IPv6Network("2000::/3")
"""All that is given out to the public."""
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # what Azure offers to each machine of its own
            "192.0.0.0/24",  # Oracle's metadata among them
            "192.88.99.0/24",
            "2001::/23",
            "3fff::/20",
        ),
    )
)
"""Not public, whatever this version of `ipaddress` knows of them."""


class Target(NamedTuple):
    """A URL taken apart. `path` has the query, but no fragment; `shown` names it without the query."""

    tls: bool
    host: str
    port: int
    path: str
    shown: str


class Guard:
    """The rules of one server. `networks` may be called although they are not public; `http` also without TLS."""

    def __init__(self, networks: Sequence[IPNetwork] = (), *, http: bool = False) -> None:
        self._networks = tuple(networks)
        self._http = http

    def target(self, url: str) -> Target:
        """The URL's parts. Raises Invalid, saying what is wrong with it and not its text."""
        if len(url) > MAX_URL or not _URL.fullmatch(url) or "\\" in url:
            raise Invalid(f"must be a URL of at most {MAX_URL} printable ASCII characters")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise Invalid("is not a URL") from error
        if parts.scheme != "https" and not (self._http and parts.scheme == "http"):
            raise Invalid("must begin with https://")
        if parts.username is not None or parts.password is not None:
            raise Invalid("must not carry a user name or a password")
        host = (parts.hostname or "").rstrip(".")
        if not _HOST.fullmatch(host) or port == 0:
            raise Invalid("must name a host")
        tls = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        shown = f"{parts.scheme}://{parts.netloc}{parts.path}"
        return Target(tls, host, port or (443 if tls else 80), path, shown)

    def admitted(self, target: Target, addresses: Sequence[str]) -> list[str]:
        """Those of a target's addresses that may be connected to, in order. Raises CalloutFailed for none."""
        found = [address for address in addresses if self.admits(address)]
        if not found:
            why = (
                "has no address"
                if not addresses
                else "leads to an address that may not be called (setting callout_networks)"
            )
            raise CalloutFailed(f"{target.shown}: the host {why}", final=True)
        return found

    def admits(self, text: str) -> bool:
        """Whether an address in its usual form may be connected to."""
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            return False
        judged = _judged(address)
        return any(judged in network for network in self._networks) or _is_public(judged)


def networks(setting: str, text: str) -> list[IPNetwork]:
    """The networks of a setting, separated by commas or spaces. Raises Invalid naming the setting."""
    found = []
    for part in text.replace(",", " ").split():
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError as error:
            raise Invalid(f"{setting}: {error}") from error
    return found


def _judged(address: IPAddress) -> IPAddress:
    """The IPv4 address that packets to an IPv6 address end at, as far as that is written in it; else itself."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: IPAddress) -> bool:
    if isinstance(address, IPv6Address) and not _is_given_out(address):
        return False
    special = address.is_multicast or address.is_reserved or any(address in network for network in _SPECIAL)
    return address.is_global and not special


def _is_given_out(address: IPv6Address) -> bool:
    """Part of the public's share of IPv6; one of 6to4 as its IPv4 address is."""
    return address in _UNICAST and (address.sixtofour is None or _is_public(address.sixtofour))
