"""`clarion inbox`, `why`, `clock`: a running server, looked at through its control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, App, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, say, table
from clarion.core.settings import load


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (inbox, why, clock):
        app.command()(command)


def inbox(
    project: App = None,
    address: Annotated[str | None, typer.Option(help="Only messages to this address.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel (EMAIL, PUSH, GCM, SMS, VOICE …).")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1000)] = 20,
    clear: Annotated[bool, typer.Option("--clear", help="Empty the inbox instead.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what is in the local inbox, newest first."""
    client = Client(load({"data": data}, config=config), url, region)
    query = {"ApplicationId": project, "Address": address, "Channel": channel}
    if clear:
        client.call("DELETE", "/clarion/v1/inbox", query)
        return
    messages = client.call("GET", "/clarion/v1/inbox", {**query, "Limit": limit})["Messages"]
    if json:
        as_json(messages)
        return
    rows = [(m["SentAt"], m["Channel"], m["Address"], _about(m), m["MessageId"]) for m in messages]
    table(["SENT", "CHANNEL", "TO", "SUBJECT", "MESSAGE"], rows)


def _about(message: Mapping[str, Any]) -> str:
    """What a message is about in one line: its subject or title, else its text."""
    return " ".join((message.get("Subject") or message.get("Text") or "").split())


def why(
    project: Annotated[str, typer.Option("--app", help="Project (application) id.")],
    endpoint: Annotated[str, typer.Option(help="Endpoint id.")],
    campaign: Annotated[str | None, typer.Option(help="Only this campaign.")] = None,
    journey: Annotated[str | None, typer.Option(help="Only this journey.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Say why somebody did, or did not, get messages: the recorded decisions, newest first."""
    client = Client(load({"data": data}, config=config), url, region)
    query = {"ApplicationId": project, "EndpointId": endpoint, "CampaignId": campaign, "JourneyId": journey}
    decisions = client.call("GET", "/clarion/v1/why", query)["Decisions"]
    if json:
        as_json(decisions)
        return
    if not decisions:
        say("nothing was decided about this endpoint: no run had it among its members")
        return
    rows = [(d["At"], d["Gate"], d["Reason"], d.get("CampaignId"), d.get("MessageId")) for d in decisions]
    table(["AT", "GATE", "REASON", "CAMPAIGN", "MESSAGE"], rows)


def clock(
    advance: Annotated[str | None, typer.Option(help="Move a virtual clock by an ISO 8601 duration (PT3H).")] = None,
    to: Annotated[str | None, typer.Option(help="Move a virtual clock to an ISO 8601 time.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Tell the server's time, or move its virtual clock."""
    client = Client(load({"data": data}, config=config), url, region)
    if advance is None and to is None:
        say(client.call("GET", "/clarion/v1/clock")["Now"])
        return
    body = {name: value for name, value in (("Advance", advance), ("To", to)) if value is not None}
    say(client.call("POST", "/clarion/v1/clock", body=body)["Now"])
