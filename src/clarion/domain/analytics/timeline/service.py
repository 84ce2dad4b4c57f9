"""Everything about one person in one line of time, newest first: several sources, merged page by page.

Each source answers its last entries behind a place; the newest of all are the page, and the place of its last entry is
where the next page goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import merge
from itertools import islice

from clarion.core import pages
from clarion.core.errors import Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.analytics.timeline.model import Entry, Placed, Source, of_endpoint, of_event, of_message
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint, check_id, endpoint_key
from clarion.domain.audience.people.holder import Person
from clarion.domain.audience.people.service import People, Who, person
from clarion.domain.audience.service import Audience
from clarion.domain.events.asking.person import Period, PersonRecord, Place
from clarion.store.columnar import Columnar

_KIND = "timeline"
_END_MS = 2**62


class Timeline:
    """The timelines of every app. `sources` may be added until the first question."""

    def __init__(
        self, columnar: Columnar, apps: Apps, audience: Audience, people: People, catch_up: Callable[[], None]
    ) -> None:
        self._apps = apps
        self._audience = audience
        self._people = people
        self._catch_up = catch_up
        self.sources: list[Source] = [_Record(PersonRecord(columnar)), _Endpoints()]

    def page(
        self, scope: Scope, app_id: str, who: Who, since_ms: int, limit: int, token: str | None
    ) -> tuple[list[Entry], str | None]:
        """Entries, newest first, and the token of the next page. Of a user all endpoints, of an endpoint itself.

        Raises NotFound for somebody of whom there is nothing, Invalid for another listing's token.
        """
        self._apps.require(scope, app_id)
        asked = who.user_id or endpoint_key(who.endpoint_id or "")
        key = pages.decode_token(_KIND, token, [int, str, str])
        if key is not None and key[2] != asked:
            raise Invalid("NextToken: is of somebody else's timeline")
        before = Place(_END_MS, "") if key is None else Place(int(key[0]), str(key[1]))
        if key is None:
            self._catch_up()
        somebody, endpoints = self._find(app_id, who)
        period = Period(before, since_ms)
        parts = [source.last(somebody, endpoints, period, limit + 1) for source in self.sources]
        newest = list(islice(merge(*parts, key=lambda one: one.place, reverse=True), limit + 1))
        if not newest and not endpoints and key is None:
            raise NotFound("nothing is known about this person")
        found, following = pages.cut(newest, limit, _KIND, lambda one: (*one.place, asked))
        return [one.entry for one in found], following

    def _find(self, app_id: str, who: Who) -> tuple[Person, Sequence[Endpoint]]:
        if who.user_id is not None:
            return self._people.find(app_id, who)
        key = endpoint_key(check_id(who.endpoint_id or ""))
        found = list(self._audience.load(app_id, [key]).values())
        return person(app_id, "", [key], found), found


class _Record:
    """What the record tells: what was reported, and what the product did."""

    def __init__(self, record: PersonRecord) -> None:
        self._record = record

    def last(self, person: Person, endpoints: Sequence[Endpoint], period: Period, most: int) -> list[Placed]:
        reported = [of_event(*one) for one in self._record.reported(person, period, most)]
        handled = [of_message(*one) for one in self._record.handled(person, period, most)]
        return list(islice(merge(reported, handled, key=lambda one: one.place, reverse=True), most))


class _Endpoints:
    """What the endpoints' own records tell."""

    def last(self, person: Person, endpoints: Sequence[Endpoint], period: Period, most: int) -> list[Placed]:
        found = [
            one
            for endpoint in endpoints
            for one in of_endpoint(endpoint)
            if one.place < period.before and one.place.at_ms >= period.since_ms
        ]
        return sorted(found, key=lambda one: one.place, reverse=True)[:most]
