"""`clarion journey test`: a few people go through a journey that hardly waits, and their paths are told."""

from __future__ import annotations

import threading
from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.journey.people import place_of, tell_path
from clarion.cli.journey.verbs import Journey, control_path, path_of
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, plain, say
from clarion.core.clock import perf_seconds
from clarion.core.settings import load

ENDED = ("COMPLETED", "CANCELLED")
LOOK_SECONDS = 0.5


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test")(send_through)


def send_through(
    project: Project,
    journey: Journey,
    endpoint: Annotated[list[str] | None, typer.Option(help="Endpoint id; it stands for its user. Repeatable.")] = None,
    user: Annotated[list[str] | None, typer.Option(help="User id. Repeatable.")] = None,
    waits: Annotated[str, typer.Option(help="How long every wait takes, as PT1M; PT0S: not at all.")] = "PT0S",
    timeout: Annotated[float, typer.Option(help="Seconds to wait for everybody to be through.")] = 60.0,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Send people through a copy of a journey and tell each one's path. Messages are really sent.

    The copy is a journey of its own, named Test-…: no figure of the journey counts it.
    """
    if not endpoint and not user:
        fail("name somebody: --endpoint or --user")
    client = Client(load({"data": data}, config=config), url, region)
    body = {"EndpointIds": endpoint or [], "UserIds": user or [], "Waits": waits}
    begun = client.call("POST", control_path(project, journey, "tests"), body=body)
    made = begun["Journey"]
    state = _followed(client, project, made, timeout)
    paths = [client.call("GET", control_path(project, made["Id"], "why"), one) for one in begun["Participants"]]
    if json:
        as_json({"Journey": {**made, "State": state}, "Refused": begun["Refused"], "Paths": paths})
    else:
        say(plain(f"{made['Name']} ({made['Id']}): {state}"))
        for one in begun["Refused"]:
            say(plain(f"{one['EndpointId']} may not enter: {one['Reason']}"))
        for path in paths:
            say(plain(f"{path.get('UserId') or path.get('EndpointId')}: {place_of(path.get('Place'))}"))
            tell_path(path["Path"])
    if state not in ENDED:
        fail(
            f"not everybody is through after {timeout:g} s; clarion journey cancel {project} {made['Id']} ends the test"
        )


def _followed(client: Client, project: str, made: dict[str, Any], timeout: float) -> str:
    """The state of the test when it has ended, or when the time is over."""
    pause, until, state = threading.Event(), perf_seconds() + timeout, str(made["State"])
    while state not in ENDED and perf_seconds() < until:
        pause.wait(LOOK_SECONDS)
        state = str(client.call("GET", path_of(project, made["Id"]))["State"])
    return state
