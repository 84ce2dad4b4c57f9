"""`clarion journey where`, `versions`, `edit`: journeys under way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import click
import typer

from clarion.cli.client import Client
from clarion.cli.journey.deploying import Deployment
from clarion.cli.journey.form import Document, normal, parsed, read, write
from clarion.cli.journey.verbs import Journey, control_path, path_of
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, fail, plain, say, table
from clarion.core.settings import load


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (where, versions, edit):
        app.command()(command)


def where(
    project: Project,
    journey: Journey,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell where everybody in a journey is now: per version and activity, and what they wait for."""
    client = Client(load({"data": data}, config=config), url, region)
    found = client.call("GET", control_path(project, journey, "places"))
    if json:
        as_json(found)
        return
    say(f"{found['State']}, version {found['Version']}: {found['PeopleInside']} inside, {found['Entries']} entries")
    rows = [
        (one["Version"], one["ActivityId"], one["ActivityType"], one["Description"], one["Waiting"], one["People"])
        for one in found["Places"]
    ]
    table(["VERSION", "ACTIVITY", "TYPE", "DESCRIPTION", "WAITING FOR", "PEOPLE"], [cells(row) for row in rows])


def versions(
    project: Project,
    journey: Journey,
    version: Annotated[int | None, typer.Option("--show", help="Write this version as a file.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the versions of a journey and how many walk each, or show one."""
    client = Client(load({"data": data}, config=config), url, region)
    path = control_path(project, journey, "versions")
    if version is not None:
        shown = client.call("GET", f"{path}/{version}")
        if json:
            as_json(shown)
        else:
            typer.echo(write([shown["Journey"]]), nl=False)
        return
    found = client.call("GET", path)["Versions"]
    if json:
        as_json(found)
        return
    rows = [
        (one["Version"], one["LastModifiedDate"], one["PeopleInside"], "who enters" if one["Current"] else "")
        for one in found
    ]
    table(["VERSION", "WRITTEN", "PEOPLE", "WALKED BY"], [cells(row) for row in rows])


def edit(
    project: Project,
    journey: Journey,
    file: Annotated[Path | None, typer.Option(help="What the journey shall be; default: asks an editor.")] = None,
    version: Annotated[
        int | None, typer.Option(help="Only if this is still the newest version, the one you started from.")
    ] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Change a journey: a draft as it is, one under way by a new version for those who enter from now on."""
    client = Client(load({"data": data}, config=config), url, region)
    deployment = Deployment(client, project)
    found = client.call("GET", path_of(project, journey))
    if file is None:
        version = version or client.call("GET", control_path(project, journey, "versions"))["Versions"][0]["Version"]
    wanted = normal(deployment.with_ids(_one(file) if file is not None else _asked(normal(found))))
    if found["State"] == "DRAFT":
        done, number = client.call("PUT", path_of(project, journey), body=wanted), 1
    else:
        answer = deployment.edit(journey, wanted, version=version)
        done, number = answer["Journey"], answer["Version"]
    if json:
        as_json(done)
    else:
        say(plain(f"{done['Name']}: {done['State']}, version {number}"))


def _one(file: Path) -> Document:
    documents = read(file)
    if len(documents) != 1:
        fail(f"{file}: has {len(documents)} journeys")
    return documents[0]


def _asked(document: Document) -> Document:
    """What an editor makes of it."""
    try:
        text = click.edit(write([document]), extension=".yaml")
    except click.ClickException as error:
        fail(error.message)
    if text is None:
        fail("nothing was changed")
    documents = parsed("the journey", text)
    if len(documents) != 1:
        fail("there must be one journey")
    return documents[0]
