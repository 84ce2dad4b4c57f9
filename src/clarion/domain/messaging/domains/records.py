"""What is to be published in DNS for a sending domain, so that receivers believe its mail and bounces come home.

| Record    | Where                              | For                                                        |
|-----------|------------------------------------|------------------------------------------------------------|
| DKIM      | {selector}._domainkey.{domain} TXT | receivers check signatures with it                         |
| SPF       | {bounce domain, else domain} TXT   | which machines may use it as envelope sender               |
| DMARC     | _dmarc.{domain} TXT                | what receivers do with mail that passes neither            |
| MX        | {bounce domain} MX                 | bounces reach this server                                  |
| tracking  | {tracking host} CNAME              | open pixel and links reach this server                     |
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from clarion.domain.messaging.domains.model import RETIRING_DAYS, Key, SendingDomain

Purpose = Literal["DKIM", "SPF", "DMARC", "MX", "tracking"]

SPF_HINT = "include:the-one-who-sends-for-you.example"
"""Stands in an SPF record while nobody has said who sends."""


class Record(NamedTuple):
    """One record: `value` as it is looked up, a long text in one piece. `note` is for people.

    A record that is not `needed` may be missing: nothing depends on it now.
    """

    purpose: Purpose
    name: str
    type: str
    value: str
    note: str = ""
    needed: bool = True


class Place(NamedTuple):
    """Where this server is, for records that lead to it: the host of `public_url`, "" when it has no name in DNS, and
    the setting `bounce_domain`."""

    host: str
    bounce_domain: str

    @classmethod
    def at(cls, public_url: str, bounce_domain: str) -> Place:
        """By the settings. Neither MX nor CNAME can lead to an address, or to a machine's name for itself."""
        host = urlsplit(public_url).hostname or ""
        named = "." in host and ":" not in host and not host.rpartition(".")[2].isdecimal()
        return cls(host if named else "", bounce_domain.strip().rstrip(".").lower())


def to_publish(domain: SendingDomain, keys: Sequence[Key], place: Place) -> list[Record]:
    """All records of a domain, in the order in which to publish them."""
    found = [_dkim(key) for key in keys]
    bounces = domain.bounce_domain or place.bounce_domain
    sender = bounces or domain.name
    told = "" if domain.spf else "put the machines that send for you in its place (clarion domain set --spf)"
    found.append(Record("SPF", sender, "TXT", f"v=spf1 {domain.spf or SPF_HINT} ~all", told))
    policy = f"v=DMARC1; p=none; rua=mailto:postmaster@{domain.name}"
    found.append(Record("DMARC", f"_dmarc.{domain.name}", "TXT", policy, "stricter when all your mail passes"))
    if bounces and place.host:
        found.append(Record("MX", bounces, "MX", f"10 {place.host}", "bounces reach this server"))
    host = urlsplit(domain.tracking_url).hostname or ""
    if host and place.host and host != place.host:
        found.append(Record("tracking", host, "CNAME", place.host, "open pixel and links reach this server"))
    return found


def _dkim(key: Key) -> Record:
    notes = {
        "active": f"{key.algorithm}, signs now",
        "next": f"{key.algorithm}, signs after the next rotation",
        "retiring": f"{key.algorithm}, no longer signs; keep it for {RETIRING_DAYS} days",
    }
    name = f"{key.selector}._domainkey.{key.domain}"
    return Record("DKIM", name, "TXT", key.record, notes[key.state], needed=key.state != "retiring")
