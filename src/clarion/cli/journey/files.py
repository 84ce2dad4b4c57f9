"""`clarion journey save`, `plan`, `apply`, `diff`, `copy`: journeys as files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.journey.deploying import Deployment, Step
from clarion.cli.journey.form import Document, definition, differences, normal, read, write
from clarion.cli.journey.verbs import Journey, control_path, path_of
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, plain, say
from clarion.core.settings import load

DIFFERENT = 3
"""Exit code when something is not as it should be, without anything having gone wrong."""

File = Annotated[Path, typer.Argument(help="Journeys as JSON or YAML, in Pinpoint's own shape.")]
Which = Annotated[str | None, typer.Option("--journey", help="Id of the journey that is meant, whatever its name.")]
New = Annotated[bool, typer.Option("--new", help="Make another one in place of a journey that has ended.")]

_VERSION = re.compile(r"([0-9a-f]{32})(?:@([0-9]{1,9}))?")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (save, plan, apply, diff, copy):
        app.command()(command)


def save(
    project: Project,
    journey: Journey,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file; default: standard output.")] = None,
    ids: Annotated[bool, typer.Option("--ids", help="Segments by their ids, not by their names.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write a journey as a file that `apply` takes, also in another project."""
    client = Client(load({"data": data}, config=config), url, region)
    document = normal(client.call("GET", path_of(project, journey)))
    text = write([document if ids else Deployment(client, project).with_names(document)], output)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        output.write_text(text)
    except OSError as error:
        fail(f"{output}: {error.strerror or error}")
    say(plain(f"{document['Name']}: saved as {output}"))


def plan(
    project: Project,
    file: File,
    journey: Which = None,
    new: New = False,
    check: Annotated[bool, typer.Option("--check", help="End with 3 when `apply` would change something.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what `apply` would do with a file; changes nothing."""
    deployment = Deployment(Client(load({"data": data}, config=config), url, region), project)
    steps = _plan(deployment, file, journey, new=new, json=json)
    if check and any(step.action != "nothing" for step in steps):
        raise typer.Exit(DIFFERENT)


def apply(
    project: Project,
    file: File,
    journey: Which = None,
    new: New = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Make the journeys of a project what a file says; `State: ACTIVE` publishes them."""
    deployment = Deployment(Client(load({"data": data}, config=config), url, region), project)
    steps = _plan(deployment, file, journey, new=new, json=json, quiet=json)
    if all(step.action == "nothing" for step in steps):
        return
    if not yes:
        typer.confirm("Do it?", abort=True)
    done = [made for made in map(deployment.apply, steps) if made is not None]
    if json:
        as_json(done)
        return
    for one in done:
        say(plain(f"{one['Name']}: {one['State']}, {one['Id']}"))


def diff(
    project: Project,
    left: Annotated[str, typer.Argument(help="A file, a journey's id, or one of its versions as ID@2.")],
    right: Annotated[str, typer.Argument(help="Another one.")],
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell how two journeys differ; ends with 3 when they do."""
    client = Client(load({"data": data}, config=config), url, region)
    deployment = Deployment(client, project)
    one, other = (_told(client, deployment, project, text) for text in (left, right))
    lines = differences(one, other)
    if json:
        as_json(lines)
    else:
        _lines(lines, "")
    if lines:
        raise typer.Exit(DIFFERENT)


def copy(
    project: Project,
    journey: Journey,
    to: Annotated[str, typer.Option("--to", help="Project (application) id that gets the copy.")],
    name: Annotated[str | None, typer.Option("--name", help="Another name for the copy.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Copy a journey as a draft into another project, where segments of the same names take the place of its own."""
    client = Client(load({"data": data}, config=config), url, region)
    source = normal(client.call("GET", path_of(project, journey)))
    document = {**source, "Name": name or source["Name"]}
    if project != to:
        document = Deployment(client, project).with_names(document)
    target = Deployment(client, to)
    step = target.plan(document, new=True)
    if step.journey is not None:
        fail(f"{document['Name']}: project {to} has a journey of this name that has not ended; give the copy a --name")
    made = target.apply(step)
    assert made is not None
    if json:
        as_json(made)
    else:
        say(plain(f"{made['Name']}: {made['State']}, {made['Id']}"))


def _plan(
    deployment: Deployment, file: Path, journey: str | None, *, new: bool, json: bool, quiet: bool = False
) -> list[Step]:
    """The steps for a file, told unless `quiet`; one that is refused ends the command."""
    documents = read(file)
    if journey is not None and len(documents) > 1:
        fail("--journey goes with a file of one journey")
    names = [one["Name"] for one in documents]
    if twice := next((name for name in names if names.count(name) > 1), None):
        fail(f"{file}: {twice} is there twice")
    steps = [deployment.plan(one, journey, new=new) for one in documents]
    if json and not quiet:
        as_json([_step(step) for step in steps])
    elif not json:
        for step in steps:
            say(plain(step.text))
            _lines(step.lines, "  ")
    if refused := [step for step in steps if step.action == "refuse"]:
        fail("; ".join(f"{step.wanted['Name']} {step.why}" for step in refused))
    for step in steps:
        deployment.check(step)
    return steps


def _step(step: Step) -> dict[str, Any]:
    told = {"Name": step.wanted["Name"], "Action": step.action, "Publish": step.publishes, "Changes": step.lines}
    if step.journey is not None:
        told |= {"JourneyId": step.journey["Id"], "State": step.journey["State"]}
    return {**told, "Why": step.why} if step.why else told


def _told(client: Client, deployment: Deployment, project: str, text: str) -> Document:
    """The journey of a file, or the one of an id, in one of its versions."""
    if (match := _VERSION.fullmatch(text)) is not None and not Path(text).exists():
        id, version = match.groups()
        if version is None:
            return normal(client.call("GET", path_of(project, id)))
        return normal(client.call("GET", control_path(project, id, f"versions/{version}"))["Journey"])
    documents = read(Path(text))
    if len(documents) != 1:
        fail(f"{text}: has {len(documents)} journeys")
    return normal(definition(deployment.with_ids(documents[0])))


def _lines(lines: list[str], indent: str) -> None:
    for line in lines:
        say(plain(f"{indent}{line}"))
