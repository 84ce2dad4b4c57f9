"""The verbs of text messages both ways: numbers, keywords, opt-outs, prices and spending.

What every message asks (`lines`, `refusals`) is answered from memory or by one read for a whole page.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec
import sqlalchemy as sa

from clarion.channels.phones import country_of, e164
from clarion.channels.port import SmsOutgoing
from clarion.core.clock import DAY_MS, Clock, perf_seconds
from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.sms import optouts, spending, store
from clarion.domain.sms.model import (
    ANY,
    MOST_KEYWORDS,
    Keyword,
    Line,
    keyword_of,
    kind_of,
    number_of,
)
from clarion.domain.sms.optouts import OptOut, Places, list_of
from clarion.domain.sms.originating import originated
from clarion.domain.sms.spending import Spent
from clarion.store.database import Database
from clarion.store.vault import Vault

REMOVE_AGAIN_MS = 30 * DAY_MS
"""A number may be taken from a list once in this time, by others than the person."""

_REMEMBERED_SECONDS = 2.0
_MOST_REMEMBERED = 10_000


class Refused(NamedTuple):
    """Why a number gets no text message: the gate's name, for people, and Pinpoint's word for it (spec 12)."""

    gate: Literal["opt_out", "spending_limit"]
    reason: str
    record_status: str


_OPTED_OUT = Refused("opt_out", "the number is on the opt-out list", "OPTED_OUT")


class Checked(Protocol):
    """Whoever can tell that texts can be forwarded to a destination; raises Invalid. Answers it without its secret."""

    def __call__(self, destination: str) -> str: ...


class Sms:
    """Text messages of every project. `check` judges where texts are forwarded to."""

    def __init__(
        self, database: Database, apps: Apps, vault: Vault, places: Places, check: Checked, clock: Clock
    ) -> None:
        self.places = places
        self._database = database
        self._apps = apps
        self._vault = vault
        self._check = check
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[float, list[Line]]] = {}
        apps.on_delete(self._app_deleted)
        apps.eraser(optouts.erase)

    # What every message asks.

    def lines(self, app_id: str, connection: sa.Connection | None = None) -> list[Line]:
        """The numbers of a project; another process's changes are seen within seconds. Inside a transaction, by its
        connection."""
        now = perf_seconds()
        known = self._known.get(app_id)
        if known is not None and now - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        if connection is not None:
            return store.lines(connection, app_id)
        found = self._database.read(lambda connection: store.lines(connection, app_id))
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[app_id] = (now, found)
        return found

    def originated(self, message: SmsOutgoing) -> SmsOutgoing:
        """The message with what it comes from. Raises Invalid for one that nothing can send."""
        return originated(message, self.lines(message.app_id))

    def refusals(self, account: str, region: str, app_id: str, addresses: Sequence[str]) -> Mapping[str, Refused]:
        """Which of these addresses get no text message, and why."""
        numbers = {address: number for address in addresses if (number := e164(address)) is not None}
        if not numbers:
            return {}
        places = {number: self.places.of(number) for number in set(numbers.values())}
        lists = self.lists(app_id)
        month = spending.month_of(self._clock.now_ms())

        def look(connection: sa.Connection) -> tuple[set[str], Spent]:
            out = optouts.among_them(connection, lists, sorted(places.values()))
            return out, spending.spent(connection, account, region, month)

        out, spent = self._database.read(look)
        found = {address: _OPTED_OUT for address, number in numbers.items() if places[number] in out}
        if spent.limit is not None and spent.millicents >= spent.limit:
            reason = f"the spending limit of {spent.month} is reached"
            for address in numbers:
                found.setdefault(address, Refused("spending_limit", reason, "MAX_PRICE_EXCEEDED"))
        return found

    def opted_out(self, connection: sa.Connection, app_id: str, addresses: Sequence[str]) -> Mapping[str, Refused]:
        """Which of these addresses are on one of a project's opt-out lists now."""
        numbers = {address: number for address in addresses if (number := e164(address)) is not None}
        if not numbers:
            return {}
        places = {number: self.places.of(number) for number in set(numbers.values())}
        out = optouts.among_them(connection, self.lists(app_id, connection), sorted(places.values()))
        return {address: _OPTED_OUT for address, number in numbers.items() if places[number] in out}

    def lists(self, app_id: str, connection: sa.Connection | None = None) -> list[str]:
        """The opt-out lists that count for a project: its own, and those that its numbers name."""
        lines = self.lines(app_id, connection)
        named = {list_of(one.account, one.region, app_id, one.opt_out_list) for one in lines}
        return sorted({app_id, *named})

    def prices(self, connection: sa.Connection, account: str, region: str) -> Mapping[str, float]:
        """What a part costs (millicents), by country; "" for all others."""
        return spending.prices_of(connection, account, region)

    def spend(self, connection: sa.Connection, account: str, region: str, millicents: float) -> None:
        """Count what messages cost, now; less than 0 takes it back."""
        if millicents:
            month = spending.month_of(self._clock.now_ms())
            spending.add(self._database, connection, account, region, month, millicents)

    # What texts from people do.

    def at(self, connection: sa.Connection, number: str) -> list[Line]:
        """The projects that have a number."""
        return store.at(connection, number)

    def keywords(self, connection: sa.Connection, app_id: str) -> list[Keyword]:
        """All keywords of a project."""
        return store.keywords_of(connection, app_id)

    def list_at(self, app_id: str, number: str, connection: sa.Connection | None = None) -> str:
        """The opt-out list of a number of a project."""
        lines = {one.number: one for one in self.lines(app_id, connection)}
        line = lines.get(number) or lines.get(ANY)
        return app_id if line is None else list_of(line.account, line.region, app_id, line.opt_out_list)

    def opt_out(self, connection: sa.Connection, app_id: str, origination: str, number: str, word: str) -> bool:
        """A person wants no more messages; whether that is new."""
        return optouts.put(
            self._database,
            connection,
            [self.list_at(app_id, origination, connection)],
            self.places.of(number),
            number,
            at_ms=self._clock.now_ms(),
            by_person=True,
            word=word,
        )

    def opt_in(self, connection: sa.Connection, app_id: str, number: str) -> bool:
        """A person wants messages again; whether they were opted out. All lists of the project let go of them."""
        return optouts.take_back(connection, self.lists(app_id, connection), self.places.of(number))

    def destination(self, connection: sa.Connection, line: Line) -> str:
        """Where the texts to a number go, whole; "" for nowhere."""
        sealed = store.sealed(connection, line.app_id, line.number)
        return self._vault.open(sealed, store.owner_of(line.app_id, line.number)).decode() if sealed else ""

    # What operators do.

    def add_number(self, scope: Scope, line: Line) -> Line:
        """Have a project send from a number, or change that; `destination` whole. Raises Invalid, Conflict,
        NotFound."""
        self._apps.require(scope, line.app_id)
        number = ANY if line.number == ANY else number_of(line.number)
        kind = kind_of(number) if number != ANY and not number.startswith("+") else line.kind
        country = line.country.upper() or (country_of(number) if number.startswith("+") else "")
        if number != ANY and kind == "SHORT_CODE" and not country:
            raise Invalid("Country: a short code belongs to one")
        if kind == "TOLL_FREE" and line.message_type == "PROMOTIONAL":
            raise Invalid("MessageType: toll-free numbers send transactional messages only")
        shown = self._check(line.destination) if line.destination else ""
        if line.self_managed and not shown:
            raise Invalid("Destination: opt-outs can only be self-managed where texts go somewhere")
        kept = msgspec.structs.replace(
            line,
            number=number,
            kind=kind,
            country=country,
            destination=shown,
            account=scope.account,
            region=scope.region,
        )
        owner = store.owner_of(line.app_id, number)
        sealed = self._vault.seal(line.destination.encode(), owner) if line.destination else None

        def work(connection: sa.Connection) -> None:
            self._apps.check(connection, scope, line.app_id)
            if kind != "SENDER_ID" and number != ANY:
                others = [one for one in store.at(connection, number) if one.account != scope.account]
                if others:
                    raise Conflict("Number: another account has it")
            store.put(self._database, connection, kept, sealed)

        self._database.write(work)
        self._known.pop(line.app_id, None)
        return kept

    def numbers(self, scope: Scope, app_id: str) -> list[Line]:
        """The numbers of a project. Raises NotFound."""
        self._apps.require(scope, app_id)
        return self._database.read(lambda connection: store.lines(connection, app_id))

    def remove_number(self, scope: Scope, app_id: str, number: str) -> None:
        """Take a number from a project, with its keywords. Raises NotFound."""
        self._apps.require(scope, app_id)
        wanted = ANY if number == ANY else number_of(number)
        if not self._database.write(lambda connection: store.remove(connection, app_id, wanted)):
            raise NotFound(f"The project has no number {number}")
        self._known.pop(app_id, None)

    def put_keyword(self, scope: Scope, keyword: Keyword) -> Keyword:
        """Answer a word. Raises Invalid, NotFound for the project or the number, Conflict for too many."""
        self._apps.require(scope, keyword.app_id)
        number = ANY if keyword.number == ANY else number_of(keyword.number)
        kept = keyword_of(msgspec.structs.replace(keyword, number=number))

        def work(connection: sa.Connection) -> None:
            if number != ANY and number not in {one.number for one in store.lines(connection, keyword.app_id)}:
                raise NotFound(f"The project has no number {number}")
            others = [
                one
                for one in store.keywords_of(connection, keyword.app_id)
                if one.number == number and one.word != kept.word
            ]
            if len(others) >= MOST_KEYWORDS:
                raise Conflict(f"Keyword: a number has at most {MOST_KEYWORDS}")
            store.put_keyword(self._database, connection, kept)

        self._database.write(work)
        return kept

    def list_keywords(self, scope: Scope, app_id: str) -> list[Keyword]:
        """All keywords of a project that it has said something about. Raises NotFound."""
        self._apps.require(scope, app_id)
        return self._database.read(lambda connection: store.keywords_of(connection, app_id))

    def remove_keyword(self, scope: Scope, app_id: str, number: str, word: str) -> None:
        """Answer a word no more; STOP, HELP and START get their usual answers back. Raises NotFound."""
        self._apps.require(scope, app_id)
        where = ANY if number == ANY else number_of(number)
        named = " ".join(word.split()).upper()
        if not self._database.write(lambda connection: store.remove_keyword(connection, app_id, where, named)):
            raise NotFound(f"There is no keyword {named} at this number")

    def opt_outs(self, scope: Scope, app_id: str, after: str, most: int) -> list[tuple[str, OptOut]]:
        """Numbers on a project's list behind a place. Raises NotFound."""
        self._apps.require(scope, app_id)
        name = self.list_at(app_id, ANY)
        return self._database.read(lambda connection: optouts.listed(connection, name, after, most))

    def put_opt_out(self, scope: Scope, app_id: str, number: str) -> bool:
        """Put a number on a project's list; whether that is new. Raises Invalid, NotFound."""
        self._apps.require(scope, app_id)
        wanted = _number(number)
        place, name = self.places.of(wanted), self.list_at(app_id, ANY)
        now = self._clock.now_ms()
        return self._database.write(
            lambda c: optouts.put(self._database, c, [name], place, wanted, at_ms=now, by_person=False, word="")
        )

    def remove_opt_out(self, scope: Scope, app_id: str, number: str) -> None:
        """Take a number from a project's list. Raises NotFound, and Conflict when that was done within 30 days."""
        self._apps.require(scope, app_id)
        wanted = _number(number)
        place, name, now = self.places.of(wanted), self.list_at(app_id, ANY), self._clock.now_ms()

        def work(connection: sa.Connection) -> None:
            found = optouts.standing(connection, name, place)
            if found is None or not found[0]:
                raise NotFound("The number is not on the opt-out list")
            if found[1] and now - found[1] < REMOVE_AGAIN_MS:
                raise Conflict(
                    "The number was taken from the list less than 30 days ago; only the person can do it now"
                )
            optouts.remove(connection, name, place, now)

        self._database.write(work)

    def spending(self, scope: Scope, most: int) -> tuple[list[Spent], Mapping[str, float]]:
        """The latest months, the current one first, and the prices."""
        month = spending.month_of(self._clock.now_ms())

        def look(connection: sa.Connection) -> tuple[list[Spent], Mapping[str, float]]:
            now = spending.spent(connection, scope.account, scope.region, month)
            earlier = spending.months(connection, scope.account, scope.region, most)
            prices = spending.prices_of(connection, scope.account, scope.region)
            return [now, *(one for one in earlier if one.month != month)], prices

        return self._database.read(look)

    def set_limit(self, scope: Scope, millicents: float | None) -> None:
        """Most that a month may cost; None for no limit. Raises Invalid."""
        if millicents is not None and not 0 <= millicents < 1e15:
            raise Invalid("MonthlyLimit: must be 0 or more")
        self._database.write(lambda c: spending.set_limit(self._database, c, scope.account, scope.region, millicents))

    def set_price(self, scope: Scope, country: str, millicents: float | None) -> None:
        """What a part to a country costs; "" for all others, None for not known. Raises Invalid."""
        if country and not (len(country) == 2 and country.isascii() and country.isalpha()):
            raise Invalid("Country: must be a country of two letters, as in ISO 3166-1")
        if millicents is not None and not 0 <= millicents < 1e9:
            raise Invalid("Price: must be 0 or more")
        self._database.write(
            lambda c: spending.set_price(self._database, c, scope.account, scope.region, country.upper(), millicents)
        )

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        store.forget(connection, app.id)
        self._known.pop(app.id, None)


def _number(text: str) -> str:
    number = e164(text)
    if number is None:
        raise Invalid("Number: must be a phone number in E.164 format, such as +4930123456")
    return number
