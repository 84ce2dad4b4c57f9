"""What exports have written, handed out through the API part by part: `clarion export` without a bucket."""

from __future__ import annotations

from contextlib import closing
from typing import NamedTuple

from clarion.core.errors import Conflict, NotFound
from clarion.core.scope import Scope
from clarion.domain.transfers.service import Transfers
from clarion.store.objects import Objects

PART = 4 << 20
"""Most bytes of a part: with base64 it is within what a request may bring, too."""


class Part(NamedTuple):
    """Bytes of an object, and how many the whole object has."""

    data: bytes
    size: int


class Downloads:
    """The objects of finished exports."""

    def __init__(self, transfers: Transfers, objects: Objects) -> None:
        self._transfers = transfers
        self._objects = objects

    def part(self, scope: Scope, app_id: str, job_id: str, number: int, offset: int) -> Part:
        """The part of object `number` that begins at byte `offset`; empty behind the end.

        Raises NotFound, Conflict while the export runs, and what reading an object raises.
        """
        found = self._transfers.progress(scope, app_id, "EXPORT", job_id)
        if not found.described.job.ended:
            raise Conflict("the export has not ended")
        url = next((piece.url for piece in found.pieces if piece.number == number), None)
        there = next((one for one in self._objects.find(url) if one.url == url), None) if url else None
        if there is None:
            raise NotFound()
        data = b""
        with closing(self._objects.read(there, offset)) as chunks:
            for chunk in chunks:
                data += chunk
                if len(data) >= PART:
                    break
        return Part(data[:PART], there.size)
