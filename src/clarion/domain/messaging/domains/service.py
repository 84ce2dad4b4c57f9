"""Verbs of sending domains, and what there is of them as it is now.

Whoever dresses a message asks `now`, which is kept for a moment; whoever signs takes what was seen last, so that no
signature waits for the database. A change is seen by this process at once and by others within `FRESH_SECONDS`: keys
can be rotated in mid-campaign.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.channels.email.dkim import DkimKey, DkimSigner, new_ed25519, new_rsa
from clarion.core.clock import Clock, perf_seconds
from clarion.core.errors import ClarionError, Conflict, NotFound, Unavailable
from clarion.core.ids import Ids
from clarion.domain.messaging.domains import model, store
from clarion.domain.messaging.domains.model import ALGORITHMS, RETIRING_MS, Key, SendingDomain
from clarion.store.database import Database
from clarion.store.vault import Vault

FRESH_SECONDS = 2.0


class Snapshot(NamedTuple):
    """What there is at one moment. `closed` are domains with a key that does not open, with the reason."""

    domains: Mapping[str, SendingDomain]
    keys: Sequence[Key]
    signer: DkimSigner
    closed: Mapping[str, str]
    bounce_domains: frozenset[str]

    def of(self, domain: str) -> SendingDomain | None:
        """The sending domain that mail from `domain` is of: itself or the nearest above it."""
        if not self.domains:
            return None
        return next((self.domains[name] for name in model.parents(domain) if name in self.domains), None)


class Domains:
    """The sending domains of the installation; a `channels.email.dkim.Signer`."""

    def __init__(self, database: Database, vault: Vault, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._ids = ids
        self._lock = threading.Lock()
        self._seen: Snapshot | None = None
        self._fresh_until = 0.0
        self._changes = 0

    def now(self) -> Snapshot:
        """What there is, at most `FRESH_SECONDS` old."""
        with self._lock:
            if self._seen is not None and perf_seconds() < self._fresh_until:
                return self._seen
            changes = self._changes
        rows, keys = self._database.read(store.every)
        with self._lock:
            if changes != self._changes and self._seen is not None:
                return self._seen  # what was read may be older than a change of this process
            if self._seen is None or (list(self._seen.domains.values()), self._seen.keys) != (rows, keys):
                self._seen = self._snapshot(rows, keys)
            self._fresh_until = perf_seconds() + FRESH_SECONDS
            return self._seen

    def sign(self, domain: str, content: bytes, at_ms: int) -> bytes:
        """See `Signer`, with the keys seen last. Raises Unavailable when a key of the domain does not open."""
        seen = self._seen or self.now()
        if seen.closed:
            for name in model.parents(domain):
                if name in seen.closed:
                    raise Unavailable(seen.closed[name])
        return seen.signer.sign(domain, content, at_ms)

    def is_bounce_domain(self, domain: str) -> bool:
        """Whether bounces of a sending domain come to this one."""
        return domain in self.now().bounce_domains

    def get(self, name: str) -> tuple[SendingDomain, Sequence[Key]]:
        """A domain with its keys, oldest first; raises NotFound."""
        return self._database.read(lambda connection: self._found(connection, name))

    def add(self, name: str, *, bounce_domain: str = "", tracking_url: str = "", spf: str = "") -> SendingDomain:
        """Add a domain, with keys that sign from now on. Raises Invalid naming the member, Conflict."""
        name = model.domain_name("Name", name)
        now = self._clock.now_ms()
        row = _changed(SendingDomain(name, "", "", "", now, now), bounce_domain, tracking_url, spf, now)
        made = self._new_keys(name, "active", now)

        def work(connection: sa.Connection) -> None:
            if store.get(connection, name) is not None:
                raise Conflict(f"there is a domain {name} already")
            store.save(self._database, connection, row)
            for key in made:
                store.save_key(self._database, connection, key)

        self._database.write(work)
        self._forget()
        return row

    def update(
        self, name: str, *, bounce_domain: str | None = None, tracking_url: str | None = None, spf: str | None = None
    ) -> SendingDomain:
        """Change what is given of a domain, "" resets it. Raises Invalid naming the member, NotFound."""
        now = self._clock.now_ms()

        def work(connection: sa.Connection) -> SendingDomain:
            row, _ = self._found(connection, name)
            row = _changed(row, bounce_domain, tracking_url, spf, now)
            store.save(self._database, connection, row)
            return row

        row = self._database.write(work)
        self._forget()
        return row

    def prepare_rotation(self, name: str) -> Sequence[Key]:
        """The keys that come next, to be published now; made unless they are there. Raises NotFound."""
        now = self._clock.now_ms()
        made = self._new_keys(model.domain_name("Name", name), "next", now)

        def work(connection: sa.Connection) -> Sequence[Key]:
            row, keys = self._found(connection, name)
            store.drop_retired(connection, row.name, now - RETIRING_MS)
            if coming := [key for key in keys if key.state == "next"]:
                return coming
            for key in made:
                store.save_key(self._database, connection, key)
            return made

        found = self._database.write(work)
        self._forget()
        return found

    def rotate(self, name: str) -> Sequence[Key]:
        """Sign with the next keys from now on; answers them. The active ones retire. Raises NotFound, Conflict."""
        now = self._clock.now_ms()

        def work(connection: sa.Connection) -> Sequence[Key]:
            row, keys = self._found(connection, name)
            coming = [key._replace(state="active") for key in keys if key.state == "next"]
            if not coming:
                raise Conflict(f"{row.name} has no next keys: prepare the rotation first")
            leaving = [key._replace(state="retiring", retired_ms=now) for key in keys if key.state == "active"]
            for key in (*coming, *leaving):
                store.save_key(self._database, connection, key)
            return coming

        found = self._database.write(work)
        self._forget()
        return found

    def remove(self, name: str) -> SendingDomain:
        """Remove a domain with its keys: its mail is no longer signed. Raises NotFound."""

        def work(connection: sa.Connection) -> SendingDomain:
            row, _ = self._found(connection, name)
            store.delete(connection, row.name)
            return row

        row = self._database.write(work)
        self._forget()
        return row

    def _found(self, connection: sa.Connection, name: str) -> tuple[SendingDomain, Sequence[Key]]:
        wanted = model.domain_name("Name", name)
        row = store.get(connection, wanted)
        if row is None:
            raise NotFound(f"there is no sending domain {wanted}")
        return row, store.keys_of(connection, wanted)

    def _new_keys(self, domain: str, state: model.KeyState, now: int) -> list[Key]:
        mark = self._ids.hex32()[:8]
        found = []
        for algorithm in ALGORITHMS:
            pem = new_rsa() if algorithm == "rsa" else new_ed25519(self._ids.secret(32))
            selector = f"c{mark}-{algorithm}"
            record = DkimKey(domain, selector, pem).record()
            key = Key(domain, selector, algorithm, state, record, b"", now, 0)
            found.append(key._replace(sealed=self._vault.seal(pem, key.owner)))
        return sorted(found, key=lambda key: key.selector)

    def _snapshot(self, rows: Sequence[SendingDomain], keys: Sequence[Key]) -> Snapshot:
        opened, closed = [], {}
        for key in keys:
            if key.state == "active":
                try:
                    opened.append(DkimKey(key.domain, key.selector, self._vault.open(key.sealed, key.owner)))
                except ClarionError as error:
                    closed[key.domain] = error.message
        bounces = frozenset(row.bounce_domain for row in rows if row.bounce_domain)
        return Snapshot({row.name: row for row in rows}, keys, DkimSigner(opened), closed, bounces)

    def _forget(self) -> None:
        with self._lock:
            self._fresh_until = 0.0
            self._changes += 1
        self.now()


def _changed(
    row: SendingDomain, bounce_domain: str | None, tracking_url: str | None, spf: str | None, now: int
) -> SendingDomain:
    if bounce_domain is not None:
        row = row._replace(bounce_domain=bounce_domain and model.domain_name("BounceDomain", bounce_domain))
    if tracking_url is not None:
        row = row._replace(tracking_url=tracking_url and model.tracking_url(tracking_url))
    if spf is not None:
        row = row._replace(spf=model.mechanisms(spf))
    return row._replace(modified_ms=now)
