"""`clarion journey why` and `metrics`: what became of one participant, and of all of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.journey.form import kind_of
from clarion.cli.journey.verbs import Journey, control_path, path_of
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, fail, plain, say, table
from clarion.core.settings import load


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (why, metrics):
        app.command()(command)


def why(
    project: Project,
    journey: Journey,
    endpoint: Annotated[str | None, typer.Argument(help="Endpoint id; it stands for its user.")] = None,
    user: Annotated[str | None, typer.Option(help="User id, instead of an endpoint.")] = None,
    activity: Annotated[str | None, typer.Option(help="Why they did, or did not, come to this activity.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell somebody's path through a journey, where they are, or why they did not get in or to an activity."""
    client = Client(load({"data": data}, config=config), url, region)
    if (endpoint is None) == (user is None):
        fail("give either an endpoint or --user")
    query = {"EndpointId": endpoint, "UserId": user, "ActivityId": activity}
    found = client.call("GET", control_path(project, journey, "why"), query)
    if json:
        as_json(found)
        return
    say(plain(f"{found.get('UserId') or found.get('EndpointId')}: {place_of(found.get('Place'))}"))
    for reason in found["Reasons"]:
        say(plain(f"- {reason}"))
    if found.get("Conditions"):
        asked = [cells((one["Way"], one["Condition"], _holds(one))) for one in found["Conditions"]]
        table(["WAY", "CONDITION", "HOLDS NOW"], asked)
    if found["Path"]:
        tell_path(found["Path"])


def metrics(
    project: Project,
    journey: Journey,
    run: Annotated[str | None, typer.Option(help="Only of this run.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show the execution metrics of a journey and of each of its activities."""
    client = Client(load({"data": data}, config=config), url, region)
    path = path_of(project, journey)
    activities: dict[str, Any] = client.call("GET", path).get("Activities", {})
    base = path if run is None else f"{path}/runs/{run}"
    whole = client.call("GET", f"{base}/execution-metrics")
    each = {
        id: client.call("GET", f"{base}/activities/{id}/execution-metrics")
        for id, one in activities.items()
        if kind_of(one)
    }
    if json:
        as_json({"Metrics": whole["Metrics"], "Activities": {id: one["Metrics"] for id, one in each.items()}})
        return
    rows = [("", "", name, number) for name, number in whole["Metrics"].items()]
    rows += [
        (id, one["ActivityType"], name, number) for id, one in each.items() for name, number in one["Metrics"].items()
    ]
    table(["ACTIVITY", "TYPE", "METRIC", "NUMBER"], [cells(row) for row in rows])


def tell_path(path: list[dict[str, Any]]) -> None:
    """What happened to somebody, line by line."""
    columns = ("At", "Entry", "ActivityId", "Outcome", "EndpointId", "Detail")
    rows = [cells(tuple(one.get(name) for name in columns)) for one in path]
    table(["AT", "ENTRY", "ACTIVITY", "OUTCOME", "ENDPOINT", "DETAIL"], rows)


def place_of(place: dict[str, Any] | None) -> str:
    """Where somebody is, or how they left."""
    if place is None:
        return "never entered"
    if not place["Inside"]:
        where = f" from {place['ActivityId']}" if place.get("ActivityId") else ""
        return f"left{where} at {place['LeftAt']}: {place.get('Reason', '')}"
    waiting = f", waiting: {place['Waiting']}" if place.get("Waiting") else ""
    until = f" until {place['Until']}" if place.get("Until") else ""
    return f"inside, at {place.get('ActivityId', '')} since {place['Since']}{waiting}{until}"


def _holds(one: dict[str, Any]) -> str:
    holds = one.get("Holds")
    return "what it asks for is gone" if holds is None else "yes" if holds else "no"
