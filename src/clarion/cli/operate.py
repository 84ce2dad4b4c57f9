"""`clarion migrate` and `clarion doctor`: looking after an installation."""

from __future__ import annotations

import typer

from clarion.cli.options import Config, Data, Events, Json, State
from clarion.cli.output import as_json, say, table
from clarion.core.settings import load


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (migrate, doctor):
        app.command()(command)


def migrate(data: Data = None, state: State = None, config: Config = None) -> None:
    """Bring the state database to this release's schema (`serve` does it by itself)."""
    from clarion.server.stores import open_state
    from clarion.store import migrate as migrations

    database = open_state(load({"data": data, "state": state}, config=config))
    try:
        migrations.migrate(database)
    finally:
        database.close()
    say("the state database is up to date")


def doctor(
    data: Data = None, state: State = None, events: Events = None, config: Config = None, json: Json = False
) -> None:
    """Check databases, clock, disk and transports, and say what to do."""
    from clarion.server.doctor import examine

    findings = list(examine(load({"data": data, "state": state, "events": events}, config=config)))
    if json:
        as_json(findings)
    else:
        table(["CHECK", "STATE", "DETAIL", "WHAT TO DO"], [(f.check, f.state, f.detail, f.advice) for f in findings])
    if any(finding.state == "ill" for finding in findings):
        raise typer.Exit(1)
