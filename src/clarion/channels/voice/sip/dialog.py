"""What two sides of a call know of each other, and the requests they make of it. Source: RFC 3261, 12."""

from __future__ import annotations

import msgspec

from clarion.channels.voice.sip.message import Address, Request, Response
from clarion.channels.voice.sip.transactions import tag_of


class Dialog(msgspec.Struct):
    """A call that somebody answered. `route` are the proxies between, `number` is our CSeq."""

    call_id: str
    ours: str
    theirs: str
    target: str
    route: list[str]
    number: int

    @classmethod
    def begun(cls, invite: Request, response: Response) -> Dialog:
        """By a 2xx for our INVITE. One without Contact is reached as it was called."""
        contact = Address.read(next(iter(response.all("contact")), "")).uri
        number, _ = invite.cseq()
        return cls(
            call_id=invite.get("call-id"),
            ours=invite.get("from"),
            theirs=response.get("to"),
            target=contact or invite.uri,
            route=list(reversed(response.all("record-route"))),
            number=number,
        )

    def next_hop(self) -> str:
        """The URI of whoever gets our requests first."""
        return Address.read(self.route[0]).uri if self.route else self.target

    def request(self, method: str, via: str) -> Request:
        """A request of this call. An ACK has the number of its INVITE."""
        if method != "ACK":
            self.number += 1
        headers = [
            ("via", via),
            ("max-forwards", "70"),
            ("from", self.ours),
            ("to", self.theirs),
            ("call-id", self.call_id),
            ("cseq", f"{self.number} {method}"),
            *[("route", one) for one in self.route],
        ]
        return Request(headers=headers, body=b"", method=method, uri=self.target)

    def has(self, request: Request) -> bool:
        """Whether a request of the other side belongs to this call."""
        return tag_of(request.get("from")) == tag_of(self.theirs) and tag_of(request.get("to")) == tag_of(self.ours)
