"""`clarion journey simulate`: what a journey would have done in the last days."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.journey.subject import collection_path, unsaved
from clarion.cli.journey.verbs import control_path
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, fail, plain, say, table
from clarion.core.settings import load


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(simulate)


def simulate(
    project: Project,
    subject: Annotated[str, typer.Argument(metavar="ID|FILE", help="A journey's id, or a file with one journey.")],
    days: Annotated[int, typer.Option(min=1, max=90, help="How long ago it begins.")] = 30,
    people: Annotated[
        int, typer.Option(min=1, max=100_000, help="Most people that walk; of more a fair part.")
    ] = 10_000,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Let today's audience walk a journey over the recorded past: how many would have got what, and when.

    Nothing is sent. Whether somebody opens or clicks goes by how they responded to messages before.
    """
    client = Client(load({"data": data}, config=config), url, region)
    asked: dict[str, Any] = {"Days": days, "MaximumPeople": people}
    documents = unsaved(client, project, subject)
    if documents is None:
        found = client.call("POST", control_path(project, subject, "simulation"), body=asked)
    elif len(documents) > 1:
        fail(f"{subject}: has {len(documents)} journeys, and a simulation has one")
    else:
        body = {**asked, "Journey": documents[0]}
        found = client.call("POST", collection_path(project, "simulation"), body=body)
    if json:
        as_json(found)
    else:
        _tell(found)


def _tell(found: dict[str, Any]) -> None:
    say(f"{found['Start']} to {found['End']}: {found['Entries']:,} entries of {found['People']:,} people")
    if found["PeopleWalked"] < found["People"]:
        say(f"reckoned up from {found['PeopleWalked']:,} who walked")
    rows = [
        (one["ActivityId"], name, f"{number:,}")
        for one in found["Activities"]
        for name, number in (
            *one["Outcomes"].items(),
            *([("(there now)", one["StillThere"])] if one["StillThere"] else []),
        )
    ]
    table(["ACTIVITY", "OUTCOME", "PEOPLE"], [cells(row) for row in rows])
    if found["Messages"]:
        columns = ("Date", "ActivityId", "ChannelType", "Messages")
        sent = [cells(tuple(one[name] for name in columns)) for one in found["Messages"]]
        table(["DAY", "ACTIVITY", "CHANNEL", "MESSAGES"], sent)
    for reason, number in found["Left"].items():
        say(plain(f"left, {reason}: {number:,}"))
    if found["StillInside"]:
        say(f"still inside: {found['StillInside']:,}")
    if (hours := found.get("MedianHoursInside")) is not None:
        say(f"median time inside: {hours:,.1f} hours")
    for one in found["Assumptions"]:
        say(plain(f"assumed: {one['Rate']:.1%} of those who get {one['ActivityId']} answer by {one['EventTypes']}"))
