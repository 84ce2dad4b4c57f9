"""How events lie in the backlog: pieces of the log, packed together.

A piece is the body of a log row, or of one some projects' events were taken out of, with the word for what it is.
Packed: a byte that names the form, the length unpacked (4 bytes), and the pieces as msgpack in zstd, which works
without holding the interpreter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec
import pyarrow as pa

from clarion.core.errors import Unavailable

Form = Literal["put", "rows", "record"]


class Piece(NamedTuple):
    """Events of one project. `put` and `rows` are bodies of log rows (`events.reported`), `record` is one record
    as it goes out, its key before the first zero byte."""

    form: Form
    body: bytes


_FORMAT = b"\x01"
_HEAD = 5
_LEVEL = 1

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Piece]).decode


def pack(pieces: Sequence[Piece]) -> bytes:
    """Pieces in their order."""
    plain = _encode(pieces)
    packed: bytes = _zstd().compress(plain, asbytes=True)
    return _FORMAT + len(plain).to_bytes(4, "big") + packed


def unpacked_size(body: bytes) -> int:
    """How many bytes the pieces have unpacked."""
    return int.from_bytes(body[1:_HEAD], "big")


def unpack(body: bytes) -> list[Piece]:
    """What was packed. Raises Unavailable for a form of a later release."""
    if body[:1] != _FORMAT:
        raise Unavailable("the backlog of an event stream has a form that this version does not know")
    return _decode(_zstd().decompress(body[_HEAD:], unpacked_size(body), asbytes=True))


def _zstd() -> pa.Codec:
    # One a call: the codec's state is not to be shared by threads.
    return pa.Codec("zstd", compression_level=_LEVEL)
