"""What a slice has to offer that keeps something about people, and the person it is asked about.

A person is a user with all endpoints, or an endpoint without a user. The same ids may come back later, for
somebody new: what is erased is only what came in before `before_ms`, or is about an endpoint created before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from clarion.domain.audience.model import endpoint_key


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it is about. `addresses` in lower case; `user_id` "" for somebody who has none.

    The rest is for erasing: the moment of it, the number of the log row that announced it, and under which of
    `keys` there is somebody new by now, with the time of creation (Unix ms). `late`: the second time, when what was
    in somebody's hands has come in.
    """

    app_id: str
    user_id: str = ""
    keys: list[str] = []
    addresses: list[str] = []
    before_ms: int = 0
    announced: int = 0
    newer: dict[str, int] = {}
    late: bool = False

    def owns(self, endpoint_id: str, user_id: str, address: str) -> bool:
        """Whether what names these ("" for what it does not) is about this person.

        The user decides, then the endpoint; a bare address counts when it is one of the person's.
        """
        if self.user_id and user_id:
            return user_id == self.user_id
        if endpoint_id:
            return endpoint_key(endpoint_id) in self.keys
        return not user_id and address.lower() in self.addresses

    def named_in(self, text: bytes) -> bool:
        """Whether one of the person's ids or addresses is in a text."""
        lower = text.lower()
        ids = (*self.keys, *self.addresses, self.user_id.lower())
        return any(one.encode() in lower for one in ids if one)

    @property
    def bound_ms(self) -> int:
        """Before when something is this person's, not somebody new's. The second time of this very millisecond only
        the new is left."""
        return self.before_ms + (0 if self.late else 1)

    def until(self, endpoint_id: str, now_ms: int) -> int:
        """`bound_ms` for what the product does: nothing is sent to an endpoint before it is created."""
        key = endpoint_key(endpoint_id)
        return self.newer.get(key, now_ms + 1) if key in self.keys else self.bound_ms


class Page(NamedTuple):
    """Some of what an export has to tell; `after` is where it goes on, "" at the end."""

    items: Sequence[Any]
    after: str = ""


Section = Callable[[Person, str, int], Page]
"""Tells at most so many things about a person behind a place ("" at the beginning)."""

Redact = Callable[[bytes, Person], bytes | None]
"""A log row's body without a person, None when nothing is left; the same body when it does not name them.

Raises msgspec.DecodeError for what cannot be read: it goes when it has one of the person's ids in it.
"""


class Holder:
    """What one slice keeps about people. All methods may be called again: after a crash they are."""

    tables: Collection[str] = ()
    """The tables of the state database, and of the columnar store as `columnar.name`, that it answers for."""

    def sections(self) -> Mapping[str, Section]:
        """The parts of an export, by name."""
        return {}

    def count(self, person: Person) -> Mapping[str, int]:
        """How many rows of which kind there are, also of kinds that are not exported."""
        return {}

    def about(self, person: Person) -> Mapping[str, object]:
        """What a summary tells beside the counts."""
        return {}

    def last_seen(self, person: Person) -> int | None:
        """When the person was last active, in Unix ms."""
        return None

    def keys_of(self, app_id: str, user_id: str) -> Collection[str]:
        """Endpoints that this user was seen with; whether they are the user's is not for the holder to say."""
        return ()

    def redactors(self) -> Mapping[str, Redact]:
        """For log rows that were set aside, by their kind."""
        return {}

    def erase(self, people: Sequence[Person]) -> bool:
        """Erase all of it; whether rows of the columnar store are to be removed from disk (`purge`)."""
        return False

    def purge(self) -> None:
        """Remove erased rows of the columnar store from its files: asked for once a day at most."""
