"""`clarion dashboard`: charts that belong together."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.analytics.showing import End, Members, Output, Start, Zone, members_of, show
from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, App, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, fail, table
from clarion.core.settings import load

PATH = "/clarion/v1/dashboards"


def dashboard(
    name: Annotated[str | None, typer.Argument(help="Which one; without a name: tell which there are.")] = None,
    project: App = None,
    start: Start = None,
    end: End = None,
    zone: Zone = None,
    members: Members = None,
    output: Output = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show a dashboard of a project: all its charts, as tables, JSON, or CSVs in a zip."""
    client = Client(load({"data": data}, config=config), url, region)
    if name is None:
        told = client.call("GET", PATH)
        if json:
            as_json(told)
        else:
            rows = [(one["Name"], len(one["Charts"]), one["Summary"]) for one in told["Dashboards"]]
            table(("NAME", "CHARTS", "SUMMARY"), rows)
        return
    if project is None:
        fail("--app: say of which project")
    range = {"StartTime": start, "EndTime": end, "TimeZone": zone}
    show(client, f"{PATH}/{name}", {"ApplicationId": project, **range, **members_of(members)}, output, json=json)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dashboard")(dashboard)
