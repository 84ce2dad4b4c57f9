"""`clarion migrate` and `clarion doctor`: looking after an installation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, App, Config, Data, Events, Json, Region, State, Url
from clarion.cli.output import as_json, log_warnings, progress, say, table
from clarion.core.settings import Settings, load

if TYPE_CHECKING:
    from clarion.server.doctor.findings import Finding


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (migrate, doctor):
        app.command()(command)


def migrate(data: Data = None, state: State = None, config: Config = None) -> None:
    """Bring the state database to this release's schema (`serve` does it by itself)."""
    from clarion.server.stores import open_state
    from clarion.store import migrate as migrations

    log_warnings()
    database = open_state(load({"data": data, "state": state}, config=config))
    try:
        migrations.migrate(database)
    finally:
        database.close()
    say("the state database is up to date")


def doctor(
    deep: Annotated[
        bool, typer.Option("--deep", help="Also compare the whole mirror of the endpoints, and repair it.")
    ] = False,
    repair: Annotated[bool, typer.Option("--repair/--no-repair", help="With --deep: only look.")] = True,
    project: App = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    data: Data = None,
    state: State = None,
    events: Events = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Check databases, clock, disk and transports, and say what to do."""
    from clarion.server.doctor.findings import examine

    log_warnings()
    settings = load({"data": data, "state": state, "events": events}, config=config)
    findings = list(examine(settings, url))
    if deep:
        findings += _mirror(settings, url, region, project, repair=repair)
    if json:
        as_json(findings)
    else:
        table(["CHECK", "STATE", "DETAIL", "WHAT TO DO"], [(f.check, f.state, f.detail, f.advice) for f in findings])
    if any(finding.state == "ill" for finding in findings):
        raise typer.Exit(1)


def _mirror(
    settings: Settings, url: str | None, region: str, project: str | None, *, repair: bool
) -> Sequence[Finding]:
    """Through the server that runs, which alone may open an embedded store; without one, by opening the stores."""
    from clarion.server.doctor.findings import is_ready, own_url
    from clarion.server.doctor.mirror import examine_mirror, without_server
    from clarion.server.upkeep import MirrorAnswer, MirrorRequest

    with progress("comparing the mirror") as told:
        if url or is_ready(own_url(settings)):
            client = Client(settings, url, region)

            def ask(request: MirrorRequest) -> MirrorAnswer:
                answer = client.call("POST", "/clarion/v1/doctor/mirror", body=request)
                return msgspec.convert(answer, MirrorAnswer)

            return examine_mirror(ask, project, repair=repair, told=told)
        with without_server(settings) as look:
            return examine_mirror(look, project, repair=repair, told=told)
