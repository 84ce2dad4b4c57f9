"""`clarion events export`: events of a range of time, into a bucket or a folder of the server."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, console, say, table
from clarion.core.settings import load

PATH = "/clarion/v1/events/exports"
ENDED = ("COMPLETED", "FAILED")
LOOK_SECONDS = 0.3
INTERRUPTED = 130


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("export")(export)
    app.command("exports")(exports)
    app.command("cancel-export")(cancel)


def export(
    project: Project,
    target: Annotated[str, typer.Option("--to-url", help="s3:// or file:// prefix to write below.")],
    begin: Annotated[
        str | None, typer.Option("--from", help="First arrival, ISO 8601; default: all there are.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="Arrived before this ISO 8601 time; default: now.")] = None,
    format: Annotated[str, typer.Option("--format", help="parquet, jsonl or jsonl.gz.")] = "parquet",
    type: Annotated[list[str] | None, typer.Option("--type", help="Only this event type; more than once.")] = None,
    wait: Annotated[bool, typer.Option("--wait/--no-wait", help="Wait for the end.")] = True,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Export events as Parquet or as the JSON lines of the event stream. Ctrl-C cancels."""
    client = Client(load({"data": data}, config=config), url, region)
    asked = {"Url": target, "Format": format, "From": begin, "To": end, "EventTypes": type or []}
    body = {"ApplicationId": project, **{name: value for name, value in asked.items() if value is not None}}
    job = client.call("POST", PATH, {"ApplicationId": project}, body)
    query = {"ApplicationId": project, "ExportId": job["ExportId"]}
    if wait:
        try:
            job = _follow(client, query, quiet=json)
        except KeyboardInterrupt:
            client.call("POST", f"{PATH}/cancel", query, query)
            say("cancelled; objects that are whole stay")
            raise typer.Exit(INTERRUPTED) from None
    if json:
        as_json(job)
    elif wait:
        _conclude(job)
    else:
        say(job["ExportId"])
    if job["Status"] == "FAILED":
        raise typer.Exit(1)


def exports(
    project: Project,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1000)] = 20,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List exports of events, newest first."""
    client = Client(load({"data": data}, config=config), url, region)
    found = client.call("GET", PATH, {"ApplicationId": project, "PageSize": str(limit)})["Exports"]
    if json:
        as_json(found)
        return
    names = ("ExportId", "Status", "CreatedAt", "Format", "Events", "Url", "Reason")
    table(
        ["EXPORT", "STATUS", "CREATED", "FORMAT", "EVENTS", "URL", "REASON"],
        [[one.get(n) for n in names] for one in found],
    )


def cancel(
    export_id: Annotated[str, typer.Argument(metavar="EXPORT", help="Id of the export.")],
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """End an export of events where it is; objects that are whole stay."""
    client = Client(load({"data": data}, config=config), url, region)
    which = {"ApplicationId": project, "ExportId": export_id}
    client.call("POST", f"{PATH}/cancel", which, which)
    say(f"{export_id} is cancelled; objects that are whole stay")


def _follow(client: Client, query: Mapping[str, object], *, quiet: bool) -> dict[str, Any]:
    columns = (
        TextColumn("{task.description:<10}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} events"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    pause = threading.Event()
    shown = console.is_terminal and not quiet
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("", total=0)
        while True:
            [job] = client.call("GET", PATH, query)["Exports"]
            status = job["Status"].lower()
            bar.update(task, description=status, total=job.get("TotalEvents") or 0, completed=job["Events"])
            if job["Status"] in ENDED:
                return dict(job)
            pause.wait(LOOK_SECONDS)


def _conclude(job: Mapping[str, Any]) -> None:
    say(f"{job['Status']}: {job['Events']:,} events")
    if job["Status"] == "FAILED":
        say(escape(job.get("Reason", "")))
    for one in job.get("Objects", []):
        if one["State"] == "done" and one["Events"]:
            say(escape(one["Url"]))
