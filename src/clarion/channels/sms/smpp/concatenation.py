"""Parts of people's long texts, which wait for each other.

A part is acknowledged with the last one, when the whole text has been recorded, but no later than a second after it
came: SMSCs that want an answer before they go on would wait forever. So of a text whose last part is missing when this
process dies, those parts are lost; every other text comes again. Parts that came once more are recognized. A text
whose time is over is delivered as it is, and so is the oldest when there are too many.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from typing import NamedTuple

import msgspec

from clarion.channels.sms.smpp.link import Link
from clarion.channels.sms.smpp.pdu import Pdu
from clarion.channels.sms.smpp.texts import Part

HOLD_SECONDS = 1.0
"""How long a part's acknowledgement is held back."""

_MOST = 1_000
_MOST_OCTETS = 8_000_000
_REMEMBERED = 8_192
_REMEMBERED_SECONDS = 600.0


class Ack(NamedTuple):
    """What is to be answered once something has been recorded."""

    link: Link
    request: Pdu


class _Piece(msgspec.Struct):
    octets: bytes
    came: float
    ack: Ack | None


class Group(msgspec.Struct):
    """The parts of one text, by number; `about` is the sender's, kept for whoever reads it."""

    key: Hashable
    total: int
    begun: float
    about: object
    pieces: dict[int, _Piece] = {}

    @property
    def octets(self) -> bytes:
        """All parts there are, in order."""
        return b"".join(self.pieces[number].octets for number in sorted(self.pieces))

    def acks(self) -> list[Ack]:
        """What is still to be answered."""
        return [piece.ack for piece in self.pieces.values() if piece.ack is not None]


class Waiting:
    """Groups that are not complete. Times are seconds of any clock that runs on."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._groups: OrderedDict[Hashable, Group] = OrderedDict()
        self._octets = 0
        self._known: OrderedDict[Hashable, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def full(self) -> bool:
        """Whether the oldest can wait no longer."""
        return len(self._groups) > _MOST or self._octets > _MOST_OCTETS

    def add(self, key: Hashable, part: Part, octets: bytes, about: object, ack: Ack, now: float) -> Group | None:
        """Take a part; answers a group that waits no longer. A part that came before is acknowledged at once.

        That is the part's own group when it is complete, or another one with the same reference that has this part
        already, with another content: it will not become complete any more.
        """
        key = (key, part.reference, part.total)
        if self.knows((key, part.number, octets), now):
            ack.link.respond(ack.request, body=b"\0")
            return None
        group, other = self._groups.get(key), None
        before = group.pieces.get(part.number) if group is not None else None
        if before is not None and before.octets != octets:
            group, other, before = None, self._taken(key), None
        if group is None:
            group = self._groups[key] = Group(key, part.total, now, about)
        if before is not None:
            self._octets -= len(before.octets)
            if before.ack is not None:
                before.ack.link.respond(before.ack.request, body=b"\0")
        group.pieces[part.number] = _Piece(octets, now, ack)
        self._octets += len(octets)
        return self._taken(key) if len(group.pieces) == group.total else other

    def _taken(self, key: Hashable) -> Group:
        group = self._groups.pop(key)
        self._octets -= len(group.octets)
        return group

    def overdue(self, now: float) -> Iterator[Group]:
        """Takes out the groups that wait no longer, and acknowledges parts that cannot be held back longer."""
        for group in list(self._groups.values()):
            if now - group.begun >= self._seconds or self.full:
                self._taken(group.key)
                if all(self.knows((group.key, number, piece.octets), now) for number, piece in group.pieces.items()):
                    # They came again while the text was being recorded.
                    for ack in group.acks():
                        ack.link.respond(ack.request, body=b"\0")
                else:
                    yield group
                continue
            for piece in group.pieces.values():
                if piece.ack is not None and now - piece.came >= HOLD_SECONDS:
                    piece.ack.link.respond(piece.ack.request, body=b"\0")
                    piece.ack = None

    def all(self) -> Iterator[Group]:
        """Takes all of them out."""
        while self._groups:
            yield self._taken(next(iter(self._groups)))

    def recorded(self, group: Group, now: float) -> None:
        """Its parts are not to be taken again."""
        for number, piece in group.pieces.items():
            self.remember((group.key, number, piece.octets), now)

    def not_recorded(self, group: Group, now: float) -> None:
        """It could not be recorded, and those parts that were not acknowledged will come again: keep the others."""
        kept = {number: piece for number, piece in group.pieces.items() if piece.ack is None}
        if kept and group.key in self._groups:
            kept |= self._taken(group.key).pieces
        if kept:
            group.pieces, group.begun = kept, now
            self._groups[group.key] = group
            self._octets += len(group.octets)

    def remember(self, what: Hashable, now: float) -> None:
        """This has been recorded, though the SMSC may not know it and send it again."""
        self._known[what] = now
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def knows(self, what: Hashable, now: float) -> bool:
        """Whether it was remembered not long ago."""
        return now - self._known.get(what, -_REMEMBERED_SECONDS) < _REMEMBERED_SECONDS

    def forget(self, what: Hashable) -> None:
        """It has come again, and will not once more."""
        self._known.pop(what, None)
