"""All providers: add, change, remove, and as they are now.

Everybody who sends looks here for every message, so what there is is kept for a moment; a change is seen by this
process at once and by others within `FRESH_SECONDS`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.channels import catalog
from clarion.channels.provider import Provider, ProviderConfig
from clarion.core.clock import Clock, perf_seconds
from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.domain.messaging.lanes import states
from clarion.domain.messaging.lanes.states import States
from clarion.domain.messaging.providers import store
from clarion.domain.messaging.providers.store import ProviderRow
from clarion.store.database import Database
from clarion.store.vault import Vault

FRESH_SECONDS = 1.0

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")


class Configured(NamedTuple):
    """A provider as it is configured: its row, what its kind is, and, opened, its config."""

    row: ProviderRow
    kind: Provider[Any]
    config: ProviderConfig


class Snapshot(NamedTuple):
    """What there is at one moment: enabled providers by channel ("sms"), in order, and what people decided of lanes.

    `closed` are providers whose secrets do not open, or whose kind is not known, with the reason."""

    by_channel: Mapping[str, Sequence[Configured]]
    states: States
    closed: Mapping[str, str]


class Providers:
    """The providers of the installation."""

    def __init__(self, database: Database, vault: Vault, clock: Clock) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: tuple[float, Snapshot] | None = None
        self._opened: dict[str, Configured] = {}

    def now(self) -> Snapshot:
        """What there is, at most `FRESH_SECONDS` old."""
        with self._lock:
            if self._kept is not None and perf_seconds() - self._kept[0] < FRESH_SECONDS:
                return self._kept[1]
        rows, decided = self._database.read(lambda c: (store.every(c), states.load(c)))
        snapshot = self._snapshot(rows, decided)
        with self._lock:
            self._kept = (perf_seconds(), snapshot)
        return snapshot

    def forget(self) -> None:
        """Look anew the next time: something was changed."""
        with self._lock:
            self._kept = None

    def every(self) -> Sequence[ProviderRow]:
        """All rows, also of disabled providers."""
        return self._database.read(store.every)

    def get(self, name: str) -> ProviderRow:
        """One row; raises NotFound."""
        row = self._database.read(lambda connection: store.get(connection, name))
        if row is None:
            raise NotFound(f"there is no provider {name}")
        return row

    def opened(self, row: ProviderRow) -> Configured:
        """A provider with its config. Raises Invalid for an unknown kind, Unavailable when it does not open."""
        kind = catalog.provider(row.channel, row.kind)
        secrets = b"{}" if row.sealed is None else self._vault.open(row.sealed, row.owner)
        members = {**msgspec.json.decode(row.config), **msgspec.json.decode(secrets)}
        return Configured(row, kind, msgspec.convert(members, kind.config))

    def add(self, name: str, channel: str, kind: str, given: Mapping[str, Any]) -> ProviderRow:
        """Configure a new provider, behind the others of its channel. Raises Invalid naming what is wrong, and Conflict
        when the name is taken."""
        if not _NAME.fullmatch(name):
            raise Invalid("Name: must be 1 to 32 small letters, digits and hyphens")
        declared = catalog.provider(channel, kind)
        config = _config(declared, {}, given)

        def work(connection: sa.Connection) -> ProviderRow:
            if store.get(connection, name) is not None:
                raise Conflict(f"there is a provider {name} already")
            behind = max((row.position for row in store.every(connection) if row.channel == channel), default=0)
            now = self._clock.now_ms()
            row = ProviderRow(name, channel, kind, behind + 1, True, 0, 1, now, now, b"", None)
            row = self._sealed(row, config)
            store.save(self._database, connection, row)
            return row

        row = self._database.write(work)
        self.forget()
        return row

    def update(
        self,
        name: str,
        given: Mapping[str, Any],
        *,
        enabled: bool | None = None,
        position: int | None = None,
        rate: float | None = None,
    ) -> ProviderRow:
        """Change some members of a provider's config, "" or null resets one. Raises Invalid, NotFound."""
        if rate is not None and rate < 0:
            raise Invalid("Rate: must be 0 (no limit) or more")

        def work(connection: sa.Connection) -> ProviderRow:
            row = store.get(connection, name)
            if row is None:
                raise NotFound(f"there is no provider {name}")
            now = self._clock.now_ms()
            row = row._replace(
                version=row.version + 1,
                modified_ms=now,
                enabled=row.enabled if enabled is None else enabled,
                position=row.position if position is None else position,
                rate=row.rate if rate is None else rate,
            )
            if given:
                before = self.opened(row)
                row = self._sealed(row, _config(before.kind, msgspec.to_builtins(before.config), given))
            store.save(self._database, connection, row)
            return row

        row = self._database.write(work)
        self.forget()
        return row

    def remove(self, name: str) -> ProviderRow:
        """Remove a provider; what waits in its lanes goes to the next provider of its channel. Raises NotFound."""

        def work(connection: sa.Connection) -> ProviderRow:
            row = store.get(connection, name)
            if row is None:
                raise NotFound(f"there is no provider {name}")
            store.delete(connection, name)
            return row

        row = self._database.write(work)
        self.forget()
        return row

    def _snapshot(self, rows: Sequence[ProviderRow], decided: States) -> Snapshot:
        by_channel: dict[str, list[Configured]] = {}
        closed = {}
        opened: dict[str, Configured] = {}
        for row in rows:
            if not row.enabled:
                continue
            kept = self._opened.get(row.name)
            if kept is None or kept.row != row:
                try:
                    kept = self.opened(row)
                except Exception as error:
                    closed[row.name] = getattr(error, "message", str(error))
                    continue
            opened[row.name] = kept
            by_channel.setdefault(row.channel, []).append(kept)
        self._opened = opened
        return Snapshot(by_channel, decided, closed)

    def _sealed(self, row: ProviderRow, config: ProviderConfig) -> ProviderRow:
        """The row with `config` in it, what is secret sealed."""
        members = msgspec.to_builtins(config)
        secrets = {name: value for name in config.SECRET if (value := members.pop(name))}
        sealed = self._vault.seal(msgspec.json.encode(secrets), row.owner) if secrets else None
        return row._replace(config=msgspec.json.encode(members), sealed=sealed)


def _config(kind: Provider[Any], before: Mapping[str, Any], given: Mapping[str, Any]) -> ProviderConfig:
    known = set(kind.config.members())
    if unknown := sorted(set(given) - known):
        raise Invalid(f"{unknown[0]}: is none of {', '.join(sorted(known))}")
    members = {**before, **given}
    members = {name: value for name, value in members.items() if value is not None and value != ""}
    for name, value in members.items():
        try:
            # One by one, so that the error can name the member; texts of numbers are taken, as typed.
            msgspec.convert({name: value}, _only(kind.config, name), strict=False)
        except msgspec.ValidationError:
            raise Invalid(f"{name}: must be {_form(kind.config, name)}") from None
    try:
        config: ProviderConfig = msgspec.convert(members, kind.config, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(str(error).replace("Object missing required field", "missing:")) from None
    config.check()
    return config


def _only(config: type[msgspec.Struct], name: str) -> type[msgspec.Struct]:
    field = next(one for one in msgspec.structs.fields(config) if one.name == name)
    return msgspec.defstruct("Only", [(name, field.type)])


def _form(config: type[msgspec.Struct], name: str) -> str:
    field = next(one for one in msgspec.structs.fields(config) if one.name == name)
    words: dict[Any, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    choices = getattr(field.type, "__args__", ())
    return words.get(field.type) or f"one of {', '.join(map(str, choices))}"
