"""`clarion journey draw`: a journey as a drawing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from clarion.cli.client import Client
from clarion.cli.journey.subject import collection_path, unsaved
from clarion.cli.journey.verbs import control_path
from clarion.cli.options import DEFAULT_REGION, Config, Data, Project, Region, Url
from clarion.cli.output import fail
from clarion.core.settings import load

ENDINGS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid"}


def draw(
    project: Project,
    subject: Annotated[str, typer.Argument(metavar="ID|FILE", help="A journey's id, or a file with one journey.")],
    form: Annotated[
        Literal["mermaid", "svg"] | None,
        typer.Option("--format", help="As the file's ending says, or else mermaid."),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file; default: standard output.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="Of a kept journey; default: the latest.")] = None,
    people: Annotated[bool, typer.Option("--people", help="Of a kept journey, with how many are where.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Draw a journey: as Mermaid, which wikis and code hosts show, or as SVG."""
    wanted = form or (ENDINGS.get(out.suffix.lower()) if out is not None else None) or "mermaid"
    client = Client(load({"data": data}, config=config), url, region)
    documents = unsaved(client, project, subject)
    if documents is None:
        query = {"Format": wanted, "Version": version, "People": "true" if people else None}
        found = client.call("GET", control_path(project, subject, "drawing"), query)
    elif len(documents) > 1:
        fail(f"{subject}: has {len(documents)} journeys, and a drawing has one")
    elif version is not None or people:
        fail("--version and --people are for a journey that is kept: name it by its id")
    else:
        body = {"Journey": documents[0], "Format": wanted}
        found = client.call("POST", collection_path(project, "drawing"), body=body)
    if out is None:
        typer.echo(found["Drawing"], nl=False)
        return
    try:
        out.write_text(found["Drawing"], encoding="utf-8")
    except OSError as error:
        fail(f"{out}: {error.strerror or error}")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(draw)
