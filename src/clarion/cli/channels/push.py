"""`clarion channel check` and `webpush`: whether channels would work, and the one that Pinpoint does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, plain, say, table

PATH = "/clarion/v1/channels"


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (check, webpush):
        app.command()(command)


def check(
    project: Annotated[str | None, typer.Argument(help="Application id; without it all projects.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Ask each push service whether it lets us in, and say what expires; exit code 1 when one does not."""
    which = {"ApplicationId": project} if project else None
    found = connected(config, data, url, region).call("POST", f"{PATH}/check", which)
    if json:
        as_json(found)
    elif found["Channels"]:
        table(["PROJECT", "CHANNEL", "STATE", "WHAT WAS FOUND"], list(_rows(found["Channels"])))
    else:
        say("no channel is configured")
    if not found["Good"]:
        raise typer.Exit(1)


def webpush(
    project: Annotated[str, typer.Argument(help="Application id.")],
    subject: Annotated[
        str | None, typer.Option("--subject", help="Whom push services write to, as mailto:you@example.com.")
    ] = None,
    new_keys: Annotated[
        bool, typer.Option("--new-keys", help="Make another key pair: every browser has to subscribe anew.")
    ] = False,
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Switch the channel on or off.")] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the channel and its keys.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Set up Web Push for a project, or show its public key: that is what pages subscribe with."""
    client, path = connected(config, data, url, region), f"{PATH}/web-push"
    if remove:
        found = client.call("DELETE", path, {"ApplicationId": project})
    elif subject is not None or new_keys or enabled is not None:
        given = {"NewKeys": new_keys, "Subject": subject, "Enabled": enabled}
        body = {name: one for name, one in given.items() if one is not None}
        found = client.call("PUT", path, {"ApplicationId": project}, body)
    else:
        found = client.call("GET", path, {"ApplicationId": project})
    if json:
        as_json(found)
        return
    state = "removed" if remove else "enabled" if found["Enabled"] else "disabled"
    say(plain(f"Web Push is {state}, subject {found['Subject']}"))
    say(f"public key {found['PublicKey']}")


def _rows(found: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    for one in found:
        name = one["Channel"] if one["Enabled"] else f"{one['Channel']} (off)"
        for finding in one["Findings"]:
            yield one["ApplicationId"], name, finding["level"], plain(finding["text"])
