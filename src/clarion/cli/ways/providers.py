"""`clarion provider`: who carries the messages of this installation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, fail, plain, say, table

PATH = "/clarion/v1/providers"

app = typer.Typer(help="Configure who carries e-mails, text messages and calls.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The provider's name.")]
Set = Annotated[
    list[str],
    typer.Option("--set", help="A member of its config: host=smsc.test; password=@file or password=- reads it."),
]
_COLUMNS = ["CHANNEL", "POSITION", "NAME", "KIND", "STATE", "RATE", "CONFIG"]


@app.command("list")
def list_(
    url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None, json: Json = False
) -> None:
    """List the providers, those of a channel in the order in which they are asked."""
    found = connected(config, data, url, region).call("GET", PATH)
    if json:
        as_json(found)
        return
    table(_COLUMNS, [_row(one) for one in found["Providers"]])


@app.command()
def kinds(
    url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None, json: Json = False
) -> None:
    """List the kinds there are, with the members of their configs, secret ones in brackets. Those of push are what the
    channels of projects have."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/kinds")
    if json:
        as_json(found)
        return
    rows = []
    for kind in found["Kinds"]:
        secret = set(kind["Secrets"])
        members = ", ".join(f"[{name}]" if name in secret else name for name in kind["Members"])
        rows.append((kind["Channel"], kind["Kind"], kind["Title"], members))
    table(["CHANNEL", "KIND", "WHAT IT IS", "MEMBERS"], rows)


@app.command()
def add(
    name: Name,
    channel: Annotated[str, typer.Option(help="email, sms, voice or custom.")],
    kind: Annotated[str, typer.Option(help="What it is: see clarion provider kinds.")],
    set: Set = [],  # noqa: B006, as typer wants it
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Configure a new provider; from now on its channel's messages go to it."""
    body = {"Name": name, "Channel": channel, "Kind": kind, "Config": _members(set)}
    made = connected(config, data, url, region).call("POST", PATH, None, body)
    if json:
        as_json(made)
        return
    say(plain(f"{made['Title']}: {made['Name']} carries {made['Channel']} at position {made['Position']}"))


@app.command()
def show(
    name: Name,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show a provider; of secrets only which there are."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/one", {"Name": name})
    if json:
        as_json(found)
        return
    table(_COLUMNS, [_row(found)])
    if problem := found.get("Problem"):
        say(plain(f"it cannot be used: {problem}"))
    if secrets := found.get("Secrets"):
        say(plain(f"secrets that are set: {', '.join(secrets)}"))


@app.command()
def update(
    name: Name,
    set: Set = [],  # noqa: B006, as typer wants it
    enabled: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is asked at all.")] = None,
    position: Annotated[int | None, typer.Option(help="Its place among the providers of its channel.")] = None,
    rate: Annotated[float | None, typer.Option(help="Messages per second of each of its lanes; 0: no limit.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Change a provider, also in the middle of a campaign; `--set member=` resets a member."""
    body: dict[str, Any] = {"Name": name, "Config": _members(set)}
    given = {"Enabled": enabled, "Position": position, "Rate": rate}
    body |= {member: value for member, value in given.items() if value is not None}
    changed = connected(config, data, url, region).call("POST", f"{PATH}/update", None, body)
    if json:
        as_json(changed)
    else:
        table(_COLUMNS, [_row(changed)])


@app.command()
def remove(
    name: Name,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Remove a provider; what waits for it goes to the next one of its channel."""
    gone = connected(config, data, url, region).call("POST", f"{PATH}/remove", None, {"Name": name})
    if json:
        as_json(gone)
    else:
        say(plain(f"{gone['Name']} carries nothing any more"))


@app.command()
def check(
    name: Name,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Ask a provider whether it lets us in, without sending anything to anybody; fails when it does not."""
    found = connected(config, data, url, region).call("POST", f"{PATH}/check", None, {"Name": name})
    if json:
        as_json(found)
    else:
        table(["LEVEL", "FOUND"], [(one["level"], plain(one["text"])) for one in found["Findings"]])
    if not found["Good"]:
        raise typer.Exit(1)


def _members(given: Sequence[str]) -> dict[str, str | None]:
    """What `--set` says, files and standard input read. An empty value is null."""
    members: dict[str, str | None] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            fail(f"--set {name}: must be member=value")
        try:
            if value == "-":
                value = sys.stdin.read().rstrip("\n")
            elif value.startswith("@"):
                value = Path(value[1:]).read_text().rstrip("\n")
        except (OSError, UnicodeDecodeError) as error:
            fail(f"--set {name}: {error}")
        members[name] = value or None
    return members


def _row(one: dict[str, Any]) -> list[object]:
    state = "unusable" if one.get("Problem") else "enabled" if one["Enabled"] else "disabled"
    config = ", ".join(f"{name}={value}" for name, value in one.get("Config", {}).items())
    return [one["Channel"], one["Position"], one["Name"], one["Kind"], state, one["Rate"] or None, plain(config)]
