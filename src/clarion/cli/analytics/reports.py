"""`clarion report`: questions that are asked again and again."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.analytics.showing import End, Members, Output, Start, Zone, members_of, show
from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, say, table
from clarion.core.settings import load

PATH = "/clarion/v1/reports"
_LISTS = ("Platform", "Channel", "EventType", "Step")

app = typer.Typer(help="Saved reports of a project.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name or id of the report.")]


@app.command("list")
def list_reports(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List a project's saved reports."""
    client = Client(load({"data": data}, config=config), url, region)
    told = client.call("GET", PATH, {"ApplicationId": project})
    if json:
        as_json(told)
        return
    rows = [(one["Id"], one["Name"], _asks(one), one["ModifiedAt"]) for one in told["Reports"]]
    table(("ID", "NAME", "ASKS", "MODIFIED"), rows)


@app.command("save")
def save(
    project: Project,
    name: Annotated[str, typer.Argument(help="Its name. One of this name is replaced.")],
    chart: Annotated[str | None, typer.Option("--chart", help="Name of a chart.")] = None,
    dashboard: Annotated[str | None, typer.Option("--dashboard", help="Name of a dashboard.")] = None,
    members: Members = None,
    last_days: Annotated[
        int | None, typer.Option("--last-days", help="Always of the last so many days, up to now.", min=1)
    ] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Save a chart or a dashboard, with what is asked of it."""
    client = Client(load({"data": data}, config=config), url, region)
    said = {"Chart": chart, "Dashboard": dashboard, "LastDays": last_days}
    body: dict[str, Any] = {"Name": name, "Members": _nested(members_of(members))}
    body |= {key: value for key, value in said.items() if value is not None}
    query = {"ApplicationId": project}
    old = [one["Id"] for one in client.call("GET", PATH, query)["Reports"] if one["Name"] == name]
    done = client.call("PUT", f"{PATH}/{old[0]}", query, body) if old else client.call("POST", PATH, query, body)
    if json:
        as_json(done)
        return
    say(f"{done['Id']} {_asks(done)}")


@app.command("show")
def show_report(
    project: Project,
    name: Name,
    start: Start = None,
    end: End = None,
    zone: Zone = None,
    output: Output = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Ask a report, and show what it comes to now."""
    client = Client(load({"data": data}, config=config), url, region)
    range = {"StartTime": start, "EndTime": end, "TimeZone": zone}
    path = f"{PATH}/{_id(client, project, name)}/result"
    show(client, path, {"ApplicationId": project, **range}, output, json=json)


@app.command("delete")
def delete(
    project: Project,
    name: Name,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Delete a report."""
    client = Client(load({"data": data}, config=config), url, region)
    client.call("DELETE", f"{PATH}/{_id(client, project, name)}", {"ApplicationId": project})
    say(f"{name} is deleted")


def _id(client: Client, project: str, name: str) -> str:
    reports = client.call("GET", PATH, {"ApplicationId": project})["Reports"]
    found = [str(one["Id"]) for one in reports if name in (one["Name"], one["Id"])]
    return found[0] if found else fail(f"there is no report {name}")


def _asks(one: dict[str, Any]) -> str:
    what = f"chart {one['Chart']}" if "Chart" in one else f"dashboard {one['Dashboard']}"
    return what + (f", last {one['LastDays']} days" if "LastDays" in one else "")


def _nested(members: dict[str, list[str]]) -> dict[str, Any]:
    """Members as in JSON: `Attribute.color=red` is a part of `Attribute`."""
    found: dict[str, Any] = {}
    for name, values in members.items():
        head, dot, key = name.partition(".")
        if dot:
            found.setdefault(head, {})[key] = values[-1]
        else:
            found[name] = values if name in _LISTS else values[-1]
    return found
