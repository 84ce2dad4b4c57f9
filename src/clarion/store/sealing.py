"""Whether what is sealed in the state database opens, and sealing it anew, so that older keys can be thrown away.

Whoever keeps sealed values walks over its own rows; here is what is done with each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol, TypeVar

from clarion.core.errors import Unavailable
from clarion.store.vault import Vault


class Row(Protocol):
    """A row with a sealed value, None when there is none; `owner` is whose it is."""

    @property
    def owner(self) -> str: ...

    @property
    def sealed(self) -> bytes | None: ...


RowT = TypeVar("RowT", bound=Row)


class Sealed(NamedTuple):
    """What is sealed: all, those that another than the first key had sealed, why some do not open."""

    found: int
    older: int
    closed: list[str]

    def beside(self, other: Sealed) -> Sealed:
        """Both together."""
        return Sealed(self.found + other.found, self.older + other.older, self.closed + other.closed)


def walk(vault: Vault, rows: Iterable[RowT], save: Callable[[RowT, bytes], None] | None = None) -> Sealed:
    """Open the value of every row. With `save`, which keeps it, what an older key had sealed is sealed by the first."""
    found, older, closed = 0, 0, list[str]()
    for row in rows:
        if row.sealed is None:
            continue
        found += 1
        try:
            plain = vault.open(row.sealed, row.owner)
        except Unavailable as error:
            closed.append(error.message)
            continue
        if vault.is_current(row.sealed):
            continue
        older += 1
        if save is not None:
            save(row, vault.seal(plain, row.owner))
    return Sealed(found, older, closed)
