"""Getting structs ready for threads."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


def prepare() -> list[str]:
    """Have msgspec look at every struct that is loaded, now, in this thread; answers the names of those it cannot read.

    Otherwise it does so when one is first decoded, and keeps what it has so far where other threads find it: two first
    requests at once may crash the process (seen with msgspec 0.22).
    """
    unreadable = []
    for struct in _all(msgspec.Struct):
        try:
            msgspec.json.Decoder(struct)
        except (TypeError, NameError):
            unreadable.append(f"{struct.__module__}.{struct.__qualname__}")
    return unreadable


def _all(base: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    for struct in base.__subclasses__():
        yield struct
        yield from _all(struct)
