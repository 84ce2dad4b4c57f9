"""`clarion channel custom`: the secret that signs a project's calls, and the destinations that fail."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, fail, plain, say, table

SIGNED_BY = "/clarion/v1/webhook-secret"
CIRCUITS = "/clarion/v1/circuits"

app = typer.Typer(help="The custom channel: hooks and webhooks.", no_args_is_help=True)


@app.command()
def secret(
    project: Annotated[str, typer.Argument(help="Project (application) id.")],
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Make a new one; the one before signs for another day as well.")
    ] = False,
    at_once: Annotated[bool, typer.Option("--at-once", help="With --rotate: the one before ends now.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show the secret that signs a project's calls to hooks and webhooks, or make a new one."""
    if at_once and not rotate:
        fail("--at-once goes with --rotate")
    client = connected(config, data, url, region)
    if rotate:
        found = client.call("POST", f"{SIGNED_BY}/rotate", None, {"ApplicationId": project, "AtOnce": at_once})
    else:
        found = client.call("GET", SIGNED_BY, {"ApplicationId": project})
    if json:
        as_json(found)
        return
    say(found["Secret"])
    if until := found.get("PreviousUntil"):
        say(f"until {until} calls are signed with the one before as well: {found['Previous']}")


@app.command()
def circuits(
    url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None, json: Json = False
) -> None:
    """List the destinations that fail: which are left alone, until when, and why."""
    found = connected(config, data, url, region).call("GET", CIRCUITS)
    if json:
        as_json(found)
        return
    table(["DESTINATION", "STATE", "FAILURES", "SINCE", "RETRY", "REASON"], [_row(one) for one in found["Circuits"]])


def _row(one: dict[str, Any]) -> list[object]:
    shown = [plain(one["Destination"]), one["State"], one["Failures"], one["Since"], one.get("RetryAt")]
    return [*shown, plain(one["Reason"])]
