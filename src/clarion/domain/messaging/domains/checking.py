"""Whether what is to be published is: every record looked up, and what was found instead."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal, NamedTuple

from clarion.channels.email.names import LookupFailed, Names, NoSuchName
from clarion.domain.messaging.domains.records import SPF_HINT, Record

Verdict = Literal["ok", "missing", "wrong", "unknown"]
"""`unknown`: no name server could say."""


class Looked(NamedTuple):
    """A record and what DNS has in its place."""

    record: Record
    verdict: Verdict
    found: str = ""


async def look(names: Names, records: Sequence[Record]) -> list[Looked]:
    """Look all records up at once."""
    return await asyncio.gather(*(_one(names, record) for record in records))


async def _one(names: Names, record: Record) -> Looked:
    try:
        return await _LOOKS[record.purpose](names, record)
    except NoSuchName:
        return Looked(record, "missing")
    except LookupFailed as error:
        return Looked(record, "unknown", str(error))


async def _dkim(names: Names, record: Record) -> Looked:
    texts = await names.texts(record.name)
    if not texts:
        return Looked(record, "missing")
    if any(_tags(text).get("p") == _tags(record.value)["p"] for text in texts):
        # Two of them, and receivers may take either.
        return Looked(record, "ok" if len(texts) == 1 else "wrong", f"{len(texts)} records" if len(texts) > 1 else "")
    return Looked(record, "wrong", texts[0])


async def _spf(names: Names, record: Record) -> Looked:
    texts = [text for text in await names.texts(record.name) if text.lower().split(" ")[0] == "v=spf1"]
    if not texts:
        return Looked(record, "missing")
    if len(texts) > 1:
        return Looked(record, "wrong", f"{len(texts)} SPF records")
    wanted = set(record.value.split()[1:-1]) - {SPF_HINT}
    return Looked(record, "ok" if wanted <= set(texts[0].split()) else "wrong", texts[0])


async def _dmarc(names: Names, record: Record) -> Looked:
    texts = [text for text in await names.texts(record.name) if text.upper().startswith("V=DMARC1")]
    if not texts:
        return Looked(record, "missing")
    good = len(texts) == 1 and _tags(texts[0]).get("p") in ("none", "quarantine", "reject")
    return Looked(record, "ok" if good else "wrong", "; ".join(texts) if not good else texts[0])


async def _mx(names: Names, record: Record) -> Looked:
    host = record.value.split(" ", 1)[1]
    hosts = [one.host for one in await names.exchanges(record.name)]
    if hosts == [record.name] and host != record.name:
        return Looked(record, "missing")
    return Looked(record, "ok" if host in hosts else "wrong", " ".join(hosts))


async def _tracking(names: Names, record: Record) -> Looked:
    alias = await names.alias(record.name)
    if alias:
        return Looked(record, "ok" if alias == record.value else "wrong", alias)
    there = await names.addresses(record.name)
    if not there:
        return Looked(record, "missing")
    # An address of its own serves as well: a proxy, or the same machine.
    same = set(there) & set(await names.addresses(record.value))
    return Looked(record, "ok" if same else "wrong", " ".join(there))


_LOOKS = {"DKIM": _dkim, "SPF": _spf, "DMARC": _dmarc, "MX": _mx, "tracking": _tracking}


def _tags(text: str) -> dict[str, str]:
    """`k=v; k2=v2` of DKIM and DMARC; blanks inside values mean nothing there."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _, value in pairs}
