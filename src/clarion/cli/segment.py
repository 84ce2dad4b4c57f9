"""`clarion segment`: what segments there are, whom they have, and why they have not more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.tree import Tree

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, console, table
from clarion.core.settings import load

app = typer.Typer(help="List, count and explain segments.", no_args_is_help=True)

Segment = Annotated[str, typer.Option("--segment", help="Segment id.")]
Version = Annotated[int | None, typer.Option("--version", help="This version; default: the latest.", min=1)]


@app.command("list")
def list_segments(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the segments of a project, in the order of their creation."""
    client = Client(load({"data": data}, config=config), url, region)
    pages = client.pages(f"/v1/apps/{project}/segments", {"page-size": 100}, token="token")
    found = [item for page in pages for item in page["Item"]]
    if json:
        as_json(found)
        return
    rows = [(s["Id"], s.get("Name"), s["SegmentType"], s["Version"], s["LastModifiedDate"]) for s in found]
    table(["SEGMENT", "NAME", "TYPE", "VERSION", "CHANGED"], [cells(row) for row in rows])


@app.command()
def count(
    project: Project,
    segment: Segment,
    version: Version = None,
    channel: Annotated[str | None, typer.Option(help="EMAIL, SMS, PUSH …: what keeps members from it.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Count the members, those who could be messaged, and what keeps the others from it: why 0 endpoints."""
    client = Client(load({"data": data}, config=config), url, region)
    body = {"SegmentId": segment, "Version": version, "Channel": channel}
    estimate = _ask(client, "estimate", project, body)
    if json:
        as_json(estimate)
        return
    excluded = [(name, number) for name, number in estimate["Exclusions"].items()]
    table(["WHO", "ENDPOINTS"], [("members", estimate["Count"]), *excluded, ("eligible", estimate["Eligible"])])


@app.command()
def explain(
    project: Project,
    segment: Segment,
    version: Version = None,
    endpoint: Annotated[str | None, typer.Option(help="Also say what keeps this endpoint out.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Say how many endpoints each condition lets through, what keeps one out, the query and its cost."""
    client = Client(load({"data": data}, config=config), url, region)
    found = _ask(client, "explain", project, {"SegmentId": segment, "Version": version, "EndpointId": endpoint})
    if json:
        as_json(found)
        return
    if console.is_terminal:
        console.print(_tree(found))
    else:
        columns = ["PATH", "WORDS", "ALONE", "LEFT", *(["PASSES", "VALUE"] if endpoint else [])]
        table(columns, [_row(step, endpoint is not None) for step in found["Steps"]])
    query = found["Query"]
    rows = f", {query['RowsRead']:,} rows read" if "RowsRead" in query else ""
    lines = [f"{found['Total']:,} of {found['Endpoints']:,} endpoints; {query['Milliseconds']:.1f} ms{rows}"]
    if endpoint is not None:
        lines.append(_verdict(found["Endpoint"]))
    lines += [query["Sql"], *(f"{name} = {value!r}" for name, value in sorted(query["Parameters"].items()))]
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)


def _ask(client: Client, what: str, project: str, body: Mapping[str, object]) -> Any:
    # The project is in the query, where keys of one project must have it.
    sent = {name: value for name, value in body.items() if value is not None}
    return client.call("POST", f"/clarion/v1/segments/{what}", {"ApplicationId": project}, sent)


def _tree(found: dict[str, Any]) -> Tree:
    """The steps as a tree: words, how many alone, how many left, and how the endpoint fares."""
    whole, *steps = found["Steps"]
    branches = [Tree(_label(whole))]
    for step in steps:
        del branches[step["Depth"] :]
        branches.append(branches[-1].add(_label(step)))
    return branches[0]


def _label(step: dict[str, Any]) -> str:
    mark = {True: "[green]✓[/] ", False: "[red]✗[/] ", None: ""}[step.get("Passes")]
    value = f" [dim]has {escape(_said(step['Value']))}[/]" if "Value" in step else ""
    numbers = f"[bold]{step['Matching']:,}[/] → [bold]{step['Left']:,}[/]"
    return f"{mark}{escape(step['Words'])}  {numbers}{value}  [dim]{escape(step['Path'])}[/]"


def _row(step: dict[str, Any], asked: bool) -> list[object]:
    row = [step["Path"], step["Words"], step["Matching"], step["Left"]]
    if asked:
        row += ["yes" if step["Passes"] else "no", _said(step["Value"]) if "Value" in step else ""]
    return row


def _verdict(endpoint: dict[str, Any]) -> str:
    if endpoint["Member"]:
        return f"{endpoint['EndpointId']} is a member"
    by = endpoint["KeptOutBy"]
    value = f"; it has {_said(by['Value'])}" if "Value" in by else ""
    return f"{endpoint['EndpointId']} is kept out by {by['Path']}: {by['Words']}{value}"


def _said(value: list[str]) -> str:
    return ", ".join(value) or "nothing"
