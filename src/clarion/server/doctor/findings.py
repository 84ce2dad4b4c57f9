"""Checks of an installation: each says what it looked at, whether it is well, and what to do if not."""

from __future__ import annotations

import asyncio
import http.client
import shutil
from collections.abc import Iterator
from functools import partial
from typing import Literal
from urllib.parse import urlsplit

import msgspec
import sqlalchemy as sa

from clarion.core.clock import SystemClock, iso
from clarion.core.errors import ClarionError, Invalid
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.domain.events.columnar import COLUMNS
from clarion.domain.messaging.providers import store as providers
from clarion.engine import log_dead
from clarion.engine.jobs import Jobs
from clarion.server.clocks import make_clock
from clarion.server.doctor.bounces import ways_back
from clarion.server.doctor.carriers import asked
from clarion.server.doctor.channels import checked
from clarion.server.stores import data_folder, events_url, open_events, open_state, state_url
from clarion.server.ways import sealed
from clarion.store.database import Database
from clarion.store.migrate import pending
from clarion.store.vault import open_vault

LEAST_FREE_BYTES = 1_000_000_000
_EARLIEST = "2026-01-01"


class Finding(msgspec.Struct, kw_only=True, rename="pascal"):
    """One check: `state` well, warning or ill; `advice` what to do, '' when it is well."""

    check: str
    state: Literal["well", "warning", "ill"]
    detail: str
    advice: str = ""


def examine(settings: Settings, url: str | None = None) -> Iterator[Finding]:
    """Run every check; one that fails does not keep the others from running. `url`: where a server may be running."""
    checks = {
        "disk": partial(_disk, settings),
        "clock": partial(_clock, settings),
        "state": partial(_state, settings),
        "events": partial(_events, settings, url or own_url(settings)),
        "email": partial(_email, settings),
        "bounces": partial(_bounces, settings),
    }
    for name, check in checks.items():
        try:
            yield from check()
        except (ClarionError, OSError, sa.exc.SQLAlchemyError) as error:
            yield Finding(check=name, state="ill", detail=str(error), advice=_ADVICE[name])


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = data_folder(settings)
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1e9:.1f} GB free at {folder}"
    if free < LEAST_FREE_BYTES:
        yield Finding(check="disk", state="warning", detail=detail, advice="make room or move the data folder")
    else:
        yield Finding(check="disk", state="well", detail=detail)


def _clock(settings: Settings) -> Iterator[Finding]:
    make_clock(settings.clock)
    now = SystemClock().now()
    detail = f"{settings.clock}, the machine says {iso(now)}"
    if iso(now) < _EARLIEST:
        yield Finding(
            check="clock", state="ill", detail=detail, advice="set the machine's time: signatures depend on it"
        )
    else:
        yield Finding(check="clock", state="well", detail=detail)


def _state(settings: Settings) -> Iterator[Finding]:
    database = open_state(settings)
    try:
        waiting = pending(database)
        where = sa.make_url(state_url(settings)).render_as_string(hide_password=True)
        if waiting:
            yield Finding(check="state", state="warning", detail=where, advice="run `clarion migrate`")
            return
        yield Finding(check="state", state="well", detail=where)
        yield _dead_jobs(database)
        yield _set_aside(database)
        yield _credentials(database, settings)
        yield from _channels(database, settings)
        yield from _providers(database, settings)
    finally:
        database.close()


def _dead_jobs(database: Database) -> Finding:
    clock = SystemClock()
    dead = database.read(lambda connection: Jobs(database, clock).dead(connection, limit=1_000))
    if not dead:
        return Finding(check="jobs", state="well", detail="none was given up")
    first = dead[0]
    return Finding(
        check="jobs",
        state="warning",
        detail=f"{len(dead)} given up, the first: {first.kind}: {first.error}",
        advice="`clarion jobs list --dead` lists them; mend the cause, then `clarion jobs retry --all`",
    )


def _set_aside(database: Database) -> Finding:
    rows = database.read(log_dead.count)
    if not rows:
        return Finding(check="ingest", state="well", detail="no row was set aside")
    [first] = database.read(lambda connection: log_dead.listed(connection, limit=1))
    return Finding(
        check="ingest",
        state="warning",
        detail=f"{rows} rows of the log set aside, the first: {first.kind}: {first.error or 'no such kind here'}",
        advice="`clarion ingest dead` lists them; mend the cause, then `clarion ingest retry --all`",
    )


def _credentials(database: Database, settings: Settings) -> Finding:
    try:
        vault = open_vault(database, SystemIds(), settings.secrets_key)
    except Invalid as error:
        advice = "make a key with `openssl rand -base64 32`"
        return Finding(check="credentials", state="ill", detail=error.message, advice=advice)
    found = sealed.examine(database, vault)
    if not found.closed:
        detail = f"{found.found} {sealed.WHOSE} have some, all open, {found.older} by an older key"
        return Finding(check="credentials", state="well", detail=detail)
    return Finding(
        check="credentials",
        state="ill",
        detail=f"of {found.found} {sealed.WHOSE} {len(found.closed)} do not open, the first: {found.closed[0]}",
        advice="add the key to secrets_key, or delete these and configure them again",
    )


def _channels(database: Database, settings: Settings) -> Iterator[Finding]:
    """One finding for all that is well, one for each channel that is not."""
    try:
        found = checked(database, open_vault(database, SystemIds(), settings.secrets_key), settings)
    except Invalid:
        return  # the key is no key, which is a finding already
    for one in found:
        worst = [finding.text for finding in one.findings if finding.level != "ok"]
        if worst:
            state: Literal["warning", "ill"] = "warning" if one.good else "ill"
            detail = f"{one.channel} of project {one.application_id}: {worst[0]}"
            advice = f"`clarion channel check {one.application_id}` tells more; renew its credentials"
            yield Finding(check="channels", state=state, detail=detail, advice=advice)
    if found and all(finding.level == "ok" for one in found for finding in one.findings):
        yield Finding(check="channels", state="well", detail=f"{len(found)} configured, their services let us in")


def _providers(database: Database, settings: Settings) -> Iterator[Finding]:
    """One finding for each provider."""
    try:
        found = asked(database, open_vault(database, SystemIds(), settings.secrets_key), settings)
    except Invalid:
        return  # see `_channels`
    states: dict[str, Literal["well", "warning", "ill"]] = {"ok": "well", "warning": "warning", "error": "ill"}
    for row, findings in found:
        worst = max(findings, key=lambda finding: list(states).index(finding.level))
        advice = "" if worst.level == "ok" else f"`clarion provider check {row.name}` tells more; correct its config"
        detail = f"{row.name} carries {row.channel}: {worst.text}"
        yield Finding(check="providers", state=states[worst.level], detail=detail, advice=advice)


def _events(settings: Settings, url: str) -> Iterator[Finding]:
    try:
        columnar = open_events(settings)
    except ClarionError:
        if not settings.events and is_ready(url):
            yield Finding(check="events", state="well", detail="in use by the running server, which is ready")
            return
        raise
    try:
        ((version,),) = columnar.query("SELECT version()")
        detail = f"ClickHouse {version} at {_without_password(events_url(settings))}"
        columns = columnar.query(
            "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events'"
        )
        missing = {column.name for column in COLUMNS} - {str(name) for (name,) in columns} if columns else set()
        if missing:
            advice = "the table `events` is of another release"
            yield Finding(
                check="events", state="ill", detail=f"{detail}: no column {sorted(missing)[0]}", advice=advice
            )
        else:
            yield Finding(check="events", state="well", detail=detail)
    finally:
        columnar.close()


def own_url(settings: Settings) -> str:
    """Where the settings say that a server would listen."""
    return f"http://{settings.host}:{settings.port}"


def is_ready(url: str) -> bool:
    """Whether a ready server answers there."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _email(settings: Settings) -> Iterator[Finding]:
    """Where the setting leads; nothing while providers, who are asked with the state, carry e-mail."""
    if _carried(settings):
        return
    if settings.email_transport != "smtp":
        yield Finding(check="email", state="well", detail=f"e-mail goes to the {settings.email_transport}")
        return
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    asyncio.run(_reach(settings))
    yield Finding(check="email", state="well", detail=f"the relay {where} answers")


def _carried(settings: Settings) -> bool:
    """Whether a provider carries e-mail; no if the state, a finding of its own, cannot be read."""
    try:
        database = open_state(settings)
    except (ClarionError, OSError, sa.exc.SQLAlchemyError):
        return False
    try:
        rows = [] if pending(database) else database.read(providers.every)
        return any(row.enabled and row.channel == "email" for row in rows)
    except sa.exc.SQLAlchemyError:
        return False
    finally:
        database.close()


def _bounces(settings: Settings) -> Iterator[Finding]:
    for way in ways_back(settings):
        yield Finding(check="bounces", state=way.state, detail=way.detail, advice=way.advice)


async def _reach(settings: Settings) -> None:
    connecting = asyncio.open_connection(settings.smtp_host, settings.smtp_port)
    _, writer = await asyncio.wait_for(connecting, settings.smtp_timeout_seconds)
    writer.close()
    await writer.wait_closed()


def _without_password(url: str) -> str:
    head, at, tail = url.rpartition("@")
    return f"{head.partition('://')[0]}://…@{tail}" if at else url


_ADVICE = {
    "disk": "make the data folder writable, or name another one with --data",
    "clock": "set CLARION_CLOCK to real or virtual",
    "state": "check CLARION_STATE and that the database runs; a data folder in use needs its server's state only",
    "events": "check CLARION_EVENTS; the embedded store belongs to one process at a time: stop `clarion serve` first",
    "email": "check CLARION_SMTP_HOST, CLARION_SMTP_PORT and that the relay runs",
    "bounces": "correct the setting that is named",
}
