"""Documents made before anybody knows whether the endpoints exist: most rows of an import are people nobody has seen.

A change is drafted when no other change of its batch has its key, its user or its address. When the state knows
none of the three either, the rules have nothing to decide: the endpoint is what the change says, and its draft is
its document but for what is stamped on it when it is written (`Adding`). That it still is so is looked up in the
transaction that writes; whoever is known by then goes the usual way (`Writing.carry_out`).

Nothing is drafted where a change of the batch leaves out channel or address: which address it will be active at
depends on what is stored, and could be that of a drafted one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, iso_ms
from clarion.core.ids import Ids
from clarion.domain.audience.change import MAX_BYTES, Effective, NameKind
from clarion.domain.audience.merge import Stamp, blank, merge
from clarion.domain.audience.model import encode, endpoint_key
from clarion.domain.audience.names import KINDS, Names
from clarion.domain.audience.store import Rows, Writer, contact_id
from clarion.domain.audience.writing import Erased, Item, Restored

_UNSTAMPED = Stamp(Effective("", 0), "", 0, 0)
_STAMP_BYTES = 400
"""More than a stamp takes, its request id aside."""


class Own(NamedTuple):
    """What a change brings along of its stamp, and its request id."""

    effective: Effective | None
    request_id: str
    restored: Restored | None


class Drafts(msgspec.Struct, array_like=True, gc=False):
    """Drafted changes of a batch, column by column."""

    places: list[int] = []
    """Which of the batch's changes they are."""
    keys: list[str] = []
    user_ids: list[str] = []
    """'' without a user."""
    contact_ids: list[bytes] = []
    """As they are stored; empty for an endpoint that is written INACTIVE."""
    documents: list[bytes] = []
    own: dict[int, Own] = {}
    """By number among the drafts."""
    request_id: str = ""
    names: dict[NameKind, list[str]] = {}
    """Every name in them."""


class _Sent(NamedTuple):
    """A change of the batch, its place, and what it may share with others."""

    place: int
    key: str
    user_id: str
    contact: str
    item: Item


class _Stamped(msgspec.Struct, omit_defaults=True, gc=False):
    """The last members of an endpoint's document."""

    effective: str = ""
    effective_ms: int = 0
    request_id: str = ""
    cohort: int = 0
    created_ms: int = 0


def draft(items: Sequence[Item | None]) -> Drafts | None:
    """The drafts of a batch; None is a row that changes no endpoint. Answers None when nothing can be drafted."""
    sent = [_sent(place, item) for place, item in enumerate(items) if item is not None]
    if not all(one.contact and one.item.error is None for one in sent):
        return None
    keys = Counter([one.key for one in sent])
    users = Counter([one.user_id for one in sent])
    contacts = Counter([one.contact for one in sent])
    made = Drafts(request_id=sent[0].item.request_id if sent else "")
    names: dict[NameKind, set[str]] = {kind: set() for kind in KINDS}
    for one in sent:
        alone = keys[one.key] == contacts[one.contact] == 1 and (not one.user_id or users[one.user_id] == 1)
        if not alone or (document := _unstamped(one.item)) is None:
            continue
        _add(made, one, document)
        for kind in KINDS:
            names[kind].update(one.item.change.names(kind))
    made.names = {kind: sorted(found) for kind, found in names.items() if found}
    return made if made.places else None


def _sent(place: int, item: Item) -> _Sent:
    return _Sent(place, endpoint_key(item.endpoint_id), item.change.user_id or "", item.change.contact, item)


def _add(made: Drafts, sent: _Sent, document: bytes) -> None:
    change = sent.item.change
    request_id = change.request_id or sent.item.request_id
    if change.effective or sent.item.restored or request_id != made.request_id:
        made.own[len(made.places)] = Own(change.effective, request_id, sent.item.restored)
    made.places.append(sent.place)
    made.keys.append(sent.key)
    made.user_ids.append(sent.user_id)
    made.contact_ids.append(b"" if change.status == "INACTIVE" else contact_id(sent.contact))
    made.documents.append(document)


class Adding:
    """Writes drafts to any app."""

    def __init__(self, names: Names, writer: Writer, erased: Erased, *, clock: Clock, ids: Ids) -> None:
        self._names = names
        self._writer = writer
        self._erased = erased
        self._clock = clock
        self._ids = ids

    def add(self, connection: sa.Connection, app_id: str, drafts: Drafts) -> list[int]:
        """Write the drafts whose key, user and address nobody has; answers their numbers.

        It is none of them when their names are not all known and recorded: names are counted change by change.
        """
        rows = Rows(connection, app_id)
        if not self._names.recorded(connection, app_id, drafts.names):
            return []
        numbers = self._free(rows, drafts)
        if numbers:
            self._writer.put(
                connection,
                app_id,
                [drafts.keys[number] for number in numbers],
                [drafts.user_ids[number] for number in numbers],
                [drafts.contact_ids[number] for number in numbers],
                self._documents(connection, app_id, drafts, numbers),
            )
        return numbers

    def _free(self, rows: Rows, drafts: Drafts) -> list[int]:
        taken = rows.taken(drafts.keys, drafts.user_ids, drafts.contact_ids)
        if not any(taken):
            return list(range(len(drafts.keys)))
        columns = zip(drafts.keys, drafts.user_ids, drafts.contact_ids, strict=True)
        return [
            number
            for number, (key, user_id, contact_id) in enumerate(columns)
            if key not in taken.keys and user_id not in taken.user_ids and contact_id not in taken.contact_ids
        ]

    def _documents(self, connection: sa.Connection, app_id: str, drafts: Drafts, numbers: Sequence[int]) -> list[bytes]:
        """The documents as of now, each with a cohort drawn for it, unless it was exported with one."""
        now_ms = self._clock.now_ms()
        now = Effective(iso_ms(now_ms), now_ms)
        restored = [drafts.keys[number] for number in numbers if number in drafts.own and drafts.own[number].restored]
        returned = self._erased(connection, app_id, restored)
        usual: dict[int, bytes] = {}
        documents = []
        for number in numbers:
            own = drafts.own.get(number)
            if own is None:
                cohort = self._ids.cohort()
                end = usual.get(cohort)
                if end is None:
                    end = usual[cohort] = _ending(now, drafts.request_id, cohort, now_ms)
            else:
                kept = None if drafts.keys[number] in returned else own.restored
                cohort, created_ms = kept or (self._ids.cohort(), now_ms)
                end = _ending(own.effective or now, own.request_id, cohort, created_ms)
            documents.append(_stamped(drafts.documents[number], end))
        return documents


def _ending(effective: Effective, request_id: str, cohort: int, created_ms: int) -> bytes:
    """What is stamped on a draft, for `_stamped`."""
    return b"," + _encode(_Stamped(*effective, request_id, cohort, created_ms))[1:]


def _stamped(document: bytes, ending: bytes) -> bytes:
    """The whole document of a drafted endpoint."""
    return document[:-1] + ending


def _unstamped(item: Item) -> bytes | None:
    """The document but for its stamp; None for one that is, or could become, too large."""
    change = item.change
    if change.effective or change.request_id:
        change = msgspec.structs.replace(change, effective=None, request_id=None)
    document = encode(merge(blank(item.endpoint_id, _UNSTAMPED), change, _UNSTAMPED))
    request_id = item.change.request_id or item.request_id
    effective = item.change.effective.text if item.change.effective else ""
    # A character is six bytes at most in JSON.
    room = MAX_BYTES - _STAMP_BYTES - 6 * (len(request_id) + len(effective))
    return document if len(document) <= room else None


_encode = msgspec.json.Encoder().encode
