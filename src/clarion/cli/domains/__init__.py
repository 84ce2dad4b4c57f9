"""`clarion domain`: domains that mail is sent from, the keys it is signed with, and what DNS has to say of them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, plain, say, table

PATH = "/clarion/v1/domains"

app = typer.Typer(help="Sending domains: DKIM keys, return path, tracking, and their DNS.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The domain after the @ of the sender address.")]
Bounces = Annotated[
    str | None, typer.Option("--bounces", help="Domain its bounces come back to; '' for that of the settings.")
]
Tracking = Annotated[
    str | None, typer.Option("--tracking", help="Host of its open pixel and links; '' for that of the settings.")
]
Spf = Annotated[str | None, typer.Option("--spf", help="Who sends for it: 'ip4:192.0.2.1 include:relay.example'.")]


@app.command()
def add(
    name: Name,
    bounces: Bounces = None,
    tracking: Tracking = None,
    spf: Spf = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Add a domain: makes its keys, signs with them from now on, and tells what to publish in DNS."""
    body = {"Name": name, "BounceDomain": bounces or "", "TrackingUrl": tracking or "", "Spf": spf or ""}
    _show(connected(config, data, url, region).call("POST", PATH, None, body), json)


@app.command("list")
def list_(
    url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None, json: Json = False
) -> None:
    """List all domains with their keys."""
    found = connected(config, data, url, region).call("GET", PATH)
    if json:
        as_json(found)
        return
    rows = [
        [
            one["Name"],
            ", ".join(f"{key['Selector']} ({key['State']})" for key in one["Keys"]),
            one.get("BounceDomain"),
            one.get("TrackingUrl"),
            one.get("Problem"),
        ]
        for one in found["Domains"]
    ]
    table(["DOMAIN", "KEYS", "BOUNCES", "TRACKING", "PROBLEM"], rows)


@app.command()
def show(
    name: Name,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Print the DNS records to publish, as lines of a zone file."""
    _show(connected(config, data, url, region).call("GET", f"{PATH}/{name}"), json)


@app.command("set")
def set_(
    name: Name,
    bounces: Bounces = None,
    tracking: Tracking = None,
    spf: Spf = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Change where a domain's bounces and links lead, or who sends for it."""
    given = {"BounceDomain": bounces, "TrackingUrl": tracking, "Spf": spf}
    body = {member: value for member, value in given.items() if value is not None}
    _show(connected(config, data, url, region).call("PUT", f"{PATH}/{name}", None, body), json)


@app.command()
def rotate(
    name: Name,
    force: Annotated[bool, typer.Option("--force", help="Although DNS does not have the next keys.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Change a domain's keys in two steps: make the next ones; once they are published, sign with them."""
    body = {"Force": force}
    found = connected(config, data, url, region).call("POST", f"{PATH}/{name}/rotate", None, body)
    if json:
        as_json(found)
        return
    if found["Active"]:
        say("signing with these from now on; the earlier ones stay published for a week (see clarion domain show):")
    else:
        say("publish these, then rotate again:")
    _lines(found["Records"])


@app.command()
def check(
    name: Name,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Look a domain's records up in DNS and say what is missing; ends with 1 when something needed is."""
    found = connected(config, data, url, region).call("POST", f"{PATH}/{name}/check", None, {})
    if json:
        as_json(found)
    else:
        rows = [
            [one["Verdict"], one["Purpose"], one["Name"], one["Type"], one.get("Found") or one["Value"]]
            for one in found["Records"]
        ]
        table(["", "FOR", "NAME", "TYPE", "FOUND, OR WANTED"], [[plain(str(cell)) for cell in row] for row in rows])
    if not found["Good"]:
        raise typer.Exit(1)


@app.command()
def remove(
    name: Name, url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None
) -> None:
    """Remove a domain with its keys; its mail goes out unsigned."""
    connected(config, data, url, region).call("DELETE", f"{PATH}/{name}")
    say(plain(f"{name} is removed"))


def _show(found: dict[str, Any], json: bool) -> None:
    if json:
        as_json(found)
        return
    if problem := found["Domain"].get("Problem"):
        say(plain(f"; {problem}"))
    _lines(found["Records"])


def _lines(records: list[dict[str, Any]]) -> None:
    """Lines of a zone file; what people should know stands behind the semicolon before each."""
    for one in records:
        note = f": {one['Note']}" if one.get("Note") else ""
        say(plain(f"; {one['Purpose']}{note}"))
        value = _text(one["Value"]) if one["Type"] == "TXT" else one["Value"] + "."
        say(plain(f"{one['Name']}. IN {one['Type']} {value}"))


def _text(value: str) -> str:
    """A TXT value in strings of at most 255 characters."""
    return " ".join(f'"{value[start : start + 255]}"' for start in range(0, len(value), 255))
