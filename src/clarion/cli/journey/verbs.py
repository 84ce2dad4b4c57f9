"""`clarion journey`: what journeys there are, and from state to state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.journey.form import definition, following, kind_of
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, fail, plain, say, table
from clarion.core.settings import load

app = typer.Typer(help="Journeys: write, review, publish, watch and stop them.", no_args_is_help=True)

Journey = Annotated[str, typer.Argument(help="Journey id.")]

LATEST_RUNS = 10


@app.command("list")
def list_journeys(
    project: Project,
    state: Annotated[str | None, typer.Option(help="Only those in this state, such as ACTIVE.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the journeys of a project, in the order of their creation."""
    client = Client(load({"data": data}, config=config), url, region)
    found = [one for one in journeys(client, project) if state is None or one["State"] == state.upper()]
    if json:
        as_json(found)
        return
    rows = [
        (one["Id"], one["Name"], one["State"], _start(one), one.get("RefreshFrequency"), len(one.get("Activities", {})))
        for one in found
    ]
    table(["JOURNEY", "NAME", "STATE", "START", "REFRESH", "ACTIVITIES"], [cells(row) for row in rows])


@app.command()
def show(
    project: Project,
    journey: Journey,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show a journey, its activities with the people at each, and its latest runs."""
    client = Client(load({"data": data}, config=config), url, region)
    found = client.call("GET", path_of(project, journey))
    places = client.call("GET", control_path(project, journey, "places"))
    pages = client.pages(f"{path_of(project, journey)}/runs", {"page-size": 1000}, token="token")
    runs = [run for page in pages for run in page["Item"]]
    if json:
        as_json({"Journey": found, "Places": places, "Runs": runs})
        return
    say(plain(f"{found['Name']}: {found['State']}, version {places['Version']}, start: {_start(found)}"))
    say(f"{places['PeopleInside']} inside of {places['Entries']} that ever entered")
    here: dict[str, int] = {}
    for place in places["Places"]:
        here[place["ActivityId"]] = here.get(place["ActivityId"], 0) + place["People"]
    rows = [
        (id, kind_of(one), one.get("Description"), " ".join(filter(None, following(one))), here.get(id, 0))
        for id, one in found.get("Activities", {}).items()
    ]
    table(["ACTIVITY", "TYPE", "DESCRIPTION", "NEXT", "PEOPLE"], [cells(row) for row in rows])
    if runs:
        latest = [(run["RunId"], run["Status"], run["CreationTime"], run["LastUpdateTime"]) for run in runs]
        table(["RUN", "STATUS", "CREATED", "UPDATED"], latest[: -LATEST_RUNS - 1 : -1])


@app.command()
def publish(
    project: Project,
    journey: Journey,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Publish a draft: people enter five minutes later, or at its start."""
    client = Client(load({"data": data}, config=config), url, region)
    found = client.call("GET", path_of(project, journey))
    if found["State"] != "DRAFT":
        fail(f"the journey is {found['State']}: only a DRAFT can be published")
    body = {**definition(found), "State": "ACTIVE"}
    tell(client.call("PUT", path_of(project, journey), body=body), json=json)


@app.command()
def pause(
    project: Project,
    journey: Journey,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Hold everybody where they are; nobody enters. Only for a journey that refreshes."""
    _state(Client(load({"data": data}, config=config), url, region), project, journey, "PAUSED", json=json)


@app.command()
def resume(
    project: Project,
    journey: Journey,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Let a paused journey go on, five minutes after it was paused at the earliest."""
    _state(Client(load({"data": data}, config=config), url, region), project, journey, "ACTIVE", json=json)


@app.command()
def cancel(
    project: Project,
    journey: Journey,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Stop a journey for good; everybody inside leaves it."""
    _state(Client(load({"data": data}, config=config), url, region), project, journey, "CANCELLED", json=json)


@app.command()
def delete(
    project: Project,
    journey: Journey,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Delete a journey with everything that is known about the people in it."""
    client = Client(load({"data": data}, config=config), url, region)
    found = client.call("GET", path_of(project, journey))
    if not yes:
        typer.confirm(f"Delete {found['Name']} ({found['State']})?", abort=True)
    done = client.call("DELETE", path_of(project, journey))
    if json:
        as_json(done)
    else:
        say(plain(f"{done['Name']}: deleted"))


def path_of(project: str, journey: str) -> str:
    """Where the AWS API has a journey."""
    return f"/v1/apps/{project}/journeys/{journey}"


def control_path(project: str, journey: str, what: str) -> str:
    """Where the control API has something of a journey."""
    return f"/clarion/v1/apps/{project}/journeys/{journey}/{what}"


def journeys(client: Client, project: str) -> Iterator[dict[str, Any]]:
    """All journeys of a project, in the order of their creation."""
    for page in client.pages(f"/v1/apps/{project}/journeys", {"page-size": 100}, token="token"):
        yield from page["Item"]


def tell(journey: dict[str, Any], *, json: bool) -> None:
    """Where a journey stands now."""
    if json:
        as_json(journey)
    else:
        say(plain(f"{journey['Name']}: {journey['State']}"))


def _state(client: Client, project: str, journey: str, state: str, *, json: bool) -> None:
    tell(client.call("PUT", f"{path_of(project, journey)}/state", body={"State": state}), json=json)


def _start(journey: dict[str, Any]) -> str:
    condition = journey.get("StartCondition", {})
    if segment := condition.get("SegmentStartCondition"):
        return f"segment {segment['SegmentId']}"
    if event := condition.get("EventStartCondition"):
        dimensions = event.get("EventFilter", {}).get("Dimensions", {})
        return f"event {' '.join(dimensions.get('EventType', {}).get('Values', ()))}"
    return ""
