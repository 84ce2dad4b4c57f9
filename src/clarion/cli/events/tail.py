"""`clarion events tail`: events as they arrive, and those that were not taken, with the reason."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, App, Config, Data, Region, Url
from clarion.cli.output import console, fail, say
from clarion.core.settings import load

PATH = "/clarion/v1/events/tail"
WAIT_SECONDS = 15
PAUSE_SECONDS = 0.3
"""Between two calls, whatever the server does."""


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("tail")(tail)


def tail(
    project: App = None,
    type: Annotated[list[str] | None, typer.Option("--type", help="Only this event type; more than once.")] = None,
    endpoint: Annotated[str | None, typer.Option("--endpoint", help="Only this endpoint.")] = None,
    rejected: Annotated[bool, typer.Option("--rejected", help="Only what was not taken.")] = False,
    accepted: Annotated[bool, typer.Option("--accepted", help="Only what was taken.")] = False,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on until Ctrl-C.")] = True,
    last: Annotated[int, typer.Option("-n", "--last", help="Begin with so many of the last.", min=1, max=1000)] = 10,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Follow events as they arrive, and those that were not taken, with the reason. All projects without --app."""
    if rejected and accepted:
        fail("give --rejected or --accepted, not both")
    client = Client(load({"data": data}, config=config), url, region)
    query: dict[str, object] = {
        "ApplicationId": project,
        "EventType": type or None,
        "EndpointId": endpoint,
        "Outcome": "REJECTED" if rejected else "ACCEPTED" if accepted else None,
    }
    try:
        for number, answer in enumerate(_answers(client, query, last, follow=follow)):
            if answer["Skipped"] and number and not json:
                say(f"… {answer['Skipped']:,} more were left out; narrow it with --type or --endpoint")
            for entry in answer["Entries"]:
                _show(entry, json=json)
    except KeyboardInterrupt:
        raise typer.Exit from None


def _answers(client: Client, query: Mapping[str, object], last: int, *, follow: bool) -> Iterator[dict[str, Any]]:
    answer = client.call("GET", PATH, {**query, "Limit": last})
    yield answer
    pause = threading.Event()
    while follow:
        pause.wait(PAUSE_SECONDS)
        answer = client.call("GET", PATH, {**query, "Cursor": answer["Cursor"], "WaitSeconds": WAIT_SECONDS})
        yield answer


def _show(entry: Mapping[str, Any], *, json: bool) -> None:
    if json:
        sys.stdout.write(msgspec.json.encode(entry).decode() + "\n")
        sys.stdout.flush()
        return
    taken = entry["Outcome"] == "ACCEPTED"
    what = [entry["At"], "taken" if taken else "REJECTED", entry.get("EventType", ""), entry.get("EndpointId", "")]
    cells = [" ".join(part.split()) for part in [*what, _about(entry) if taken else _why(entry)]]
    if console.is_terminal:
        console.print("  ".join(cells), style=None if taken else "red", markup=False, soft_wrap=True)
    else:
        sys.stdout.write("\t".join(cells) + "\n")
    sys.stdout.flush()


def _about(entry: Mapping[str, Any]) -> str:
    """What an event says, in one line."""
    told = [entry.get("Gate", ""), entry.get("Status", ""), entry.get("Reason", "")]
    told += [f"{name}={value}" for name, value in entry.get("Attributes", {}).items()]
    told += [f"{name}={value:g}" for name, value in entry.get("Metrics", {}).items()]
    return " ".join(part for part in told if part)


def _why(entry: Mapping[str, Any]) -> str:
    """Why something was not taken: the reason's word, what is wrong with it, and the rule."""
    event = f" (event {entry['EventId']})" if entry.get("EventId") else ""
    asked = f" (project {entry['ApplicationId']})" if entry["Reason"] == "project" else ""
    return f"{entry['Reason']}: {entry['Message']}{event}{asked}. {entry['Rule']}"
