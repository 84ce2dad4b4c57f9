"""A name server on loopback for tests: a table of records, and what it keeps silent about."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Records = Mapping[str, Mapping[str, Sequence[str]]]
"""By name, by type, the values as in a zone file."""


class Zone(asyncio.DatagramProtocol):
    """Answers from `records`; names in `broken` with SERVFAIL, those in `silent` never. Counts what it was asked."""

    def __init__(self, records: Records, *, broken: Sequence[str] = (), silent: Sequence[str] = (), ttl: int = 60):
        self.records = records
        self.broken = broken
        self.silent = silent
        self.asked: Counter[tuple[str, str]] = Counter()
        self._ttl = ttl

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        query = dns.message.from_wire(data)
        (question,) = query.question
        name = question.name.to_text(omit_final_dot=True).lower()
        self.asked[name, dns.rdatatype.to_text(question.rdtype)] += 1
        if name not in self.silent:
            self._out.sendto(self._answer(query, question, name).to_wire(), addr)

    def _answer(self, query: dns.message.Message, question: dns.rrset.RRset, name: str) -> dns.message.Message:
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if name in self.broken:
            answer.set_rcode(dns.rcode.SERVFAIL)
            return answer
        kind = dns.rdatatype.to_text(question.rdtype)
        while alias := self.records.get(name, {}).get("CNAME"):
            answer.answer.append(dns.rrset.from_text(f"{name}.", self._ttl, "IN", "CNAME", *alias))
            if kind == "CNAME":
                return answer
            name = alias[0].rstrip(".").lower()
        if name not in self.records:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif values := self.records[name].get(kind):
            answer.answer.append(dns.rrset.from_text(f"{name}.", self._ttl, "IN", kind, *values))
        return answer

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Yields what `dns_servers` needs to be to ask it."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        try:
            yield f"127.0.0.1:{transport.get_extra_info('sockname')[1]}"
        finally:
            transport.close()
