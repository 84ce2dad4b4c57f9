"""The `clarion` command and what all its subcommands share."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from clarion.cli import (
    audience,
    campaign,
    domains,
    events,
    experiments,
    inspect,
    keys,
    operate,
    people,
    secrets,
    segment,
    serve,
    streams,
    template,
    transfer,
    upkeep,
)
from clarion.cli.analytics import chart, dashboards, reports, retention
from clarion.cli.channels import verbs as channels
from clarion.cli.email import verbs as email
from clarion.cli.events import sql
from clarion.cli.guardrails import approval, dry_run
from clarion.cli.guardrails import settings as guardrails
from clarion.cli.journey import draw, files, review, simulate, testing, verbs, versions
from clarion.cli.journey import people as journey_people
from clarion.cli.output import as_json, fail, say, table
from clarion.cli.sms import verbs as sms
from clarion.cli.ways import lanes, providers
from clarion.core.errors import ClarionError
from clarion.core.settings import describe

app = typer.Typer(
    name="clarion",
    help="Open, self-hosted customer engagement that speaks the Amazon Pinpoint API.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(keys.app, name="keys")
app.add_typer(secrets.app, name="secrets")
app.add_typer(segment.app, name="segment")
app.add_typer(campaign.app, name="campaign")
app.add_typer(verbs.app, name="journey")
app.add_typer(guardrails.app, name="guardrails")
app.add_typer(domains.app, name="domain")
app.add_typer(template.app, name="template")
app.add_typer(audience.app, name="audience")
app.add_typer(people.app, name="user")
app.add_typer(email.app, name="email")
app.add_typer(events.app, name="events")
app.add_typer(streams.app, name="stream")
app.add_typer(channels.app, name="channel")
app.add_typer(providers.app, name="provider")
app.add_typer(lanes.app, name="lanes")
app.add_typer(sms.app, name="sms")
app.add_typer(reports.app, name="report")
app.add_typer(retention.app, name="retention")
app.add_typer(chart.app, name="chart")
app.add_typer(upkeep.jobs, name="jobs")
app.add_typer(upkeep.ingest, name="ingest")
dashboards.add_to(app)
dry_run.add_to(campaign.app)
approval.add_to(campaign.app)
experiments.add_to(campaign.app)
for part in (versions, files, review, testing, simulate, draw, journey_people):
    part.add_to(verbs.app)
for module in (serve, operate, inspect, sql, transfer):
    module.add_to(app)


def _version(wanted: bool) -> None:
    if wanted:
        say(f"clarion {version('clarion')}")
        raise typer.Exit


@app.callback()
def common(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command()
def settings(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List every setting with its environment variable, default and help."""
    rows = list(describe())
    if json:
        names = ("name", "default", "environment", "help")
        as_json([dict(zip(names, row, strict=True)) for row in rows])
        return
    table(["SETTING", "ENVIRONMENT", "DEFAULT", "HELP"], [(name, env, value, help) for name, value, env, help in rows])


def main() -> None:
    """Run the command line; what the product itself refuses is said in one line."""
    try:
        app()
    except ClarionError as error:
        try:
            fail(error.message)
        except typer.Exit:
            raise SystemExit(1) from None


if __name__ == "__main__":
    main()
