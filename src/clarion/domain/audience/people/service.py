"""People, one at a time: find somebody, tell what is known, have it erased.

find ─→ the user's endpoints, those that were the user's and have no other since, and deleted ones with a record
tell, export ─→ every holder's counts and sections
erase ─→ a row and a job in one transaction (`jobs`); whoever asked may wait for its end
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, perf_seconds
from clarion.core.errors import Invalid, NotFound
from clarion.core.ids import Ids
from clarion.core.pages import cut, decode_token, encode_token
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.audience import store as endpoints
from clarion.domain.audience.model import Endpoint, check_id, endpoint_key
from clarion.domain.audience.people import store
from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.audience.people.store import Digests, Erasure, Kind
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

ERASE = "people.erase"

_EXPORT, _ERASURES = "users.export", "users.erasures"
_PAUSE_SECONDS = 0.05


class Who(NamedTuple):
    """Who is meant: a user, or (with no user id) an endpoint."""

    user_id: str | None = None
    endpoint_id: str | None = None

    @property
    def kind(self) -> Kind:
        return "endpoint" if self.user_id is None else "user"

    @property
    def identifier(self) -> str:
        """What the digest is made of."""
        return endpoint_key(self.endpoint_id or "") if self.user_id is None else self.user_id


class Erase(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Arguments of `people.erase`; like those of the sweep after it, they go when that has been done twice."""

    erasure_id: str
    app_id: str
    user_id: str | None = None
    endpoint_id: str | None = None
    version: int = 1


class Told(NamedTuple):
    """A summary: the endpoints, rows by kind, what holders tell beside, and the latest activity in Unix ms."""

    endpoints: Sequence[Endpoint]
    counts: Mapping[str, int]
    details: Mapping[str, object]
    last_seen_ms: int | None


class Exported(NamedTuple):
    """A piece of an export: things of one section, and the token of what follows."""

    section: str
    items: Sequence[Any]
    token: str | None


class People:
    """The people of every app. `catch_up` returns when everything accepted so far can be queried."""

    def __init__(
        self, database: Database, apps: Apps, jobs: Jobs, catch_up: Callable[[], None], *, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._apps = apps
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self.catch_up = catch_up
        self.digests = Digests(database, ids)
        self.holders: list[Holder] = []
        """Lower slices first; erasing begins at the end, so that what points to something goes before it."""
        apps.on_delete(_app_deleted)

    def register(self, holder: Holder) -> None:
        """Ask `holder` as well from now on."""
        self.holders.append(holder)

    def tell(self, scope: Scope, app_id: str, who: Who) -> Told:
        """What is known about somebody, in short. Raises NotFound for somebody of whom there is nothing."""
        self._apps.require(scope, app_id)
        self.catch_up()
        person, found = self.find(app_id, who)
        counts = {kind: number for holder in self.holders for kind, number in holder.count(person).items()}
        if not found and not any(counts.values()):
            raise NotFound("nothing is known about this person")
        details = {name: value for holder in self.holders for name, value in holder.about(person).items()}
        seen = [moment for holder in self.holders if (moment := holder.last_seen(person)) is not None]
        return Told(found, counts, details, max(seen, default=None))

    def export(self, scope: Scope, app_id: str, who: Who, limit: int, token: str | None) -> Exported:
        """The next things of everything that is known. Raises Invalid for another listing's token."""
        self._apps.require(scope, app_id)
        place = decode_token(_EXPORT, token, [str, str])
        if place is None:
            self.catch_up()
        person, _ = self.find(app_id, who)
        sections = {name: section for holder in self.holders for name, section in holder.sections().items()}
        names = list(sections)
        name, after = (names[0], "") if place is None else (str(place[0]), str(place[1]))
        if name not in sections:
            raise Invalid("NextToken: is not a token of this listing")
        page = sections[name](person, after, limit)
        following = [name, page.after] if page.after else None
        if following is None and name != names[-1]:
            following = [names[names.index(name) + 1], ""]
        return Exported(name, page.items, None if following is None else encode_token(_EXPORT, *following))

    def erase(self, scope: Scope, app_id: str, who: Who, access_key_id: str) -> Erasure:
        """Have somebody erased: durable when this returns, done when its state says so.

        Asked again while it runs, it is the same erasure. Raises Invalid for an endpoint that belongs to a user.
        """
        self._refuse_part(app_id, who)
        digest = self._digest(app_id, who)
        now = self._clock.now_ms()
        new = Erasure(self._ids.hex32(), app_id, who.kind, digest, access_key_id, "RUNNING", now, None, b"{}")

        def work(connection: sa.Connection) -> Erasure:
            self._apps.check(connection, scope, app_id)
            known = store.running(connection, app_id, digest)
            if known is not None:
                return known
            store.add(connection, new)
            args = Erase(erasure_id=new.id, app_id=app_id, user_id=who.user_id, endpoint_id=who.endpoint_id)
            self._jobs.enqueue(connection, ERASE, args, due_ms=now, key=f"{ERASE}:{new.id}")
            return new

        self._apps.require(scope, app_id)
        return self._database.write(work)

    def wait(self, erasure: Erasure, seconds: float) -> Erasure:
        """The erasure when it has ended, or as it is after so many seconds of real time."""
        deadline = perf_seconds() + seconds
        pause = threading.Event()
        while erasure.state == "RUNNING" and perf_seconds() < deadline:
            pause.wait(_PAUSE_SECONDS)
            found = self._database.read(lambda c, erasure_id=erasure.id: store.get(c, erasure_id))  # type: ignore[misc]
            if found is None:
                break
            erasure = found
        return erasure

    def erasures(
        self, scope: Scope, app_id: str, who: Who | None, limit: int, token: str | None
    ) -> tuple[list[Erasure], str | None]:
        """A project's erasures, newest first; with `who` those that erased this id."""
        self._apps.require(scope, app_id)
        place = decode_token(_ERASURES, token, [int, str])
        before = None if place is None else (int(place[0]), str(place[1]))
        digest = None if who is None else self._digest(app_id, who)
        rows = self._database.read(lambda connection: store.page(connection, app_id, digest, before, limit + 1))
        return cut(rows, limit, _ERASURES, lambda erasure: (erasure.requested_ms, erasure.id))

    def find(self, app_id: str, who: Who) -> tuple[Person, list[Endpoint]]:
        """Somebody, and the endpoints there are. Raises Invalid for an endpoint that belongs to a user."""
        if who.user_id is None:
            self._refuse_part(app_id, who)
            found = list(self._load(app_id, [who.identifier]).values())
            return person(app_id, "", [who.identifier], found), found
        return self._user(app_id, who.user_id)

    def _user(self, app_id: str, user_id: str) -> tuple[Person, list[Endpoint]]:
        own = self._database.read(lambda connection: endpoints.of_user(connection, app_id, user_id))
        seen = {key for holder in self.holders for key in holder.keys_of(app_id, user_id)}
        others = self._load(app_id, sorted(seen - {one.key for one in own}))
        own += [one for one in others.values() if is_left_by(one, user_id)]
        deleted = seen - others.keys()
        return person(app_id, user_id, sorted(deleted | {one.key for one in own}), own), own

    def _digest(self, app_id: str, who: Who) -> bytes:
        self.digests.prepare()
        return self.digests.of(app_id, who.kind, who.identifier)

    def _load(self, app_id: str, keys: Sequence[str]) -> dict[str, Endpoint]:
        return self._database.read(lambda connection: endpoints.load(connection, app_id, keys))

    def _refuse_part(self, app_id: str, who: Who) -> None:
        if who.user_id is not None:
            return
        endpoint = self._load(app_id, [who.identifier]).get(who.identifier)
        if endpoint is not None and endpoint.user_id:
            raise Invalid("EndpointId: the endpoint belongs to a user; ask by UserId")


def who(user_id: str | None, endpoint_id: str | None) -> Who:
    """Who is meant by a request. Raises Invalid unless it names one of the two."""
    if (user_id is None) == (endpoint_id is None):
        raise Invalid("UserId: give either UserId or EndpointId")
    if endpoint_id is not None:
        check_id(endpoint_id)
    return Who(user_id, endpoint_id)


def person(app_id: str, user_id: str, keys: Sequence[str], found: Sequence[Endpoint]) -> Person:
    """The person with these endpoint keys; `found` are the endpoints there are."""
    addresses = sorted({one.address.lower() for one in found if one.address})
    return Person(app_id=app_id, user_id=user_id, keys=list(keys), addresses=addresses)


def is_left_by(endpoint: Endpoint, user_id: str) -> bool:
    """Whether an endpoint was this user's and has not become another one's since."""
    return not endpoint.user_id and endpoint.attributes_of == user_id


def _app_deleted(connection: sa.Connection, app: App) -> None:
    store.delete_app(connection, app.id)
