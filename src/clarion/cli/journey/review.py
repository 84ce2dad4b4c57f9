"""`clarion journey review`: what keeps a journey from being published, and what it should reconsider."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.journey.subject import collection_path, unsaved
from clarion.cli.journey.verbs import control_path
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, plain, say, table
from clarion.core.settings import load


def review(
    project: Project,
    subject: Annotated[str, typer.Argument(metavar="ID|FILE", help="A journey's id, or a file with journeys.")],
    errors_only: Annotated[bool, typer.Option("--errors", help="Leave the advice out.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Review a journey, or those of a file: every error and all advice. Ends with 1 when there are errors."""
    client = Client(load({"data": data}, config=config), url, region)
    documents = unsaved(client, project, subject)
    if documents is None:
        found = [("", client.call("GET", control_path(project, subject, "review")))]
    else:
        path = collection_path(project, "review")
        found = [(str(one["Name"]), client.call("POST", path, body={"Journey": one})) for one in documents]
    if errors_only:
        for _, one in found:
            one["Findings"] = [finding for finding in one["Findings"] if finding["Severity"] == "ERROR"]
    if json:
        as_json(found[0][1] if documents is None else [{"Name": name, **one} for name, one in found])
    else:
        for name, one in found:
            _tell(name, one)
    if any(one["Errors"] for _, one in found):
        raise typer.Exit(1)


def _tell(name: str, found: dict[str, Any]) -> None:
    if name:
        say(plain(f"{name}:"))
    rows = [
        (one["Severity"].lower(), one["Code"], one.get("ActivityId"), one["Concern"], one["Text"])
        for one in found["Findings"]
    ]
    table(["SEVERITY", "CODE", "ACTIVITY", "ABOUT", "TEXT"], [cells(row) for row in rows])
    errors = found["Errors"]
    say(f"{errors} error(s): it cannot be published" if errors else "no errors: it can be published")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(review)
