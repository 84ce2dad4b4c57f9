"""`clarion user`: everything about one person, shown, exported or erased."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, plain, say, table
from clarion.core.settings import load

PATH = "/clarion/v1/users"
FORMAT = "clarion.user/1"

app = typer.Typer(help="Everything about one person: show, timeline, export, erase.", no_args_is_help=True)

User = Annotated[str | None, typer.Option("--user", help="User id.")]
Endpoint = Annotated[str | None, typer.Option("--endpoint", help="Endpoint id of somebody without a user id.")]


@app.command()
def show(
    project: Project,
    user: User = None,
    endpoint: Endpoint = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show what is known about somebody: endpoints, attributes, last activity, how much of what there is."""
    answer = Client(load({"data": data}, config=config), url, region).call("GET", PATH, _query(project, user, endpoint))
    if json:
        as_json(answer)
        return
    say(f"last active: {answer.get('LastActivity', 'never')}")
    for name, values in answer.get("UserAttributes", {}).items():
        say(f"{name}: {', '.join(values)}")
    table(
        ["ENDPOINT", "CHANNEL", "ADDRESS", "STATUS", "OPT OUT", "UPDATED"],
        [
            [one.get(name) for name in ("Id", "ChannelType", "Address", "EndpointStatus", "OptOut", "EffectiveDate")]
            for one in answer["Endpoints"]
        ],
    )
    table(["KEPT", "ROWS"], [(name, number) for name, number in answer["Counts"].items() if number])
    if events := answer["Details"].get("EventTypes"):
        table(["EVENT TYPE", "COUNT", "LAST"], [(one["EventType"], one["Count"], one["Last"]) for one in events])
    if segments := answer["Details"].get("ImportedSegments"):
        table(["IMPORTED SEGMENT", "NAME"], [(one["Id"], one["Name"]) for one in segments])


@app.command()
def export(
    project: Project,
    user: User = None,
    endpoint: Endpoint = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="File; default: standard output.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write everything known about somebody as one JSON file."""
    client = Client(load({"data": data}, config=config), url, region)
    query = _query(project, user, endpoint)
    # Before a file is made: is there anybody?
    client.call("GET", PATH, query)
    with ExitStack() as opened:
        file = sys.stdout if output is None else opened.enter_context(output.open("w", encoding="utf-8"))
        for text in _document(query, _parts(client, query)):
            file.write(text)


@app.command()
def erase(
    project: Project,
    user: User = None,
    endpoint: Endpoint = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Erase somebody everywhere, for good. The erasure is recorded, without saying who it was."""
    client = Client(load({"data": data}, config=config), url, region)
    query = _query(project, user, endpoint)
    if not yes:
        typer.confirm(f"Erase everything about {user or endpoint}?", abort=True)
    answer = client.call("POST", f"{PATH}/erase", {"ApplicationId": project}, {**query, "WaitSeconds": 60})
    if json:
        as_json(answer)
        return
    say(f"erasure {answer['ErasureId']}: {answer['State'].lower()}")
    table(["ERASED", "ROWS"], list(answer["Counts"].items()))


@app.command()
def erasures(
    project: Project,
    user: User = None,
    endpoint: Endpoint = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=1000)] = 20,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List erasures, newest first; with an id only those that erased it."""
    client = Client(load({"data": data}, config=config), url, region)
    query: dict[str, Any] = {"ApplicationId": project, "UserId": user, "EndpointId": endpoint, "Limit": limit}
    found = client.call("GET", f"{PATH}/erasures", query)["Erasures"]
    if json:
        as_json(found)
        return
    names = ("RequestedAt", "ErasureId", "Kind", "State", "AccessKeyId")
    rows = [(*(one[name] for name in names), sum(one["Counts"].values())) for one in found]
    table(["REQUESTED", "ERASURE", "KIND", "STATE", "BY", "ROWS"], rows)


@app.command()
def timeline(
    project: Project,
    user: User = None,
    endpoint: Endpoint = None,
    since: Annotated[str | None, typer.Option("--since", help="Nothing older than this ISO 8601 time.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many entries.", min=1)] = 50,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell everything somebody did and was sent, with reasons, newest first."""
    client = Client(load({"data": data}, config=config), url, region)
    query = {**_query(project, user, endpoint), "Since": since, "Limit": min(limit, 1000)}
    entries: list[dict[str, Any]] = []
    for page in client.pages("/clarion/v1/timeline", query):
        entries += page["Entries"]
        if len(entries) >= limit:
            break
    if json:
        as_json(entries[:limit])
        return
    rows = [[plain(cell) for cell in _told(entry)] for entry in entries[:limit]]
    table(["AT", "KIND", "WHAT", "ENDPOINT", "ABOUT"], rows)


def _told(entry: dict[str, Any]) -> list[str]:
    """An entry in one line."""
    about = [f"{name}={value}" for name, value in entry.get("Attributes", {}).items()]
    about += [f"{name}={value:g}" for name, value in entry.get("Metrics", {}).items()]
    names = (("CampaignId", "campaign"), ("JourneyId", "journey"), ("ActivityId", "activity"), ("Detail", "detail"))
    about += [f"{word} {entry[name]}" for name, word in names if entry.get(name)]
    what = entry.get("Outcome", "")
    if entry["Kind"] == "REFUSED":
        what = f"{entry['Gate']}: {entry['Reason']}"
    if entry["Kind"] == "MESSAGE":
        what = ", ".join(fate["EventType"].lstrip("_") for fate in entry["Fates"])
    if entry["Kind"] == "ENDPOINT":
        about += [entry.get("Channel", ""), entry.get("Address", "")]
    return [entry["At"], entry["Kind"], what, entry.get("EndpointId", ""), " ".join(part for part in about if part)]


def _query(project: str, user: str | None, endpoint: str | None) -> dict[str, str]:
    if (user is None) == (endpoint is None):
        fail("give either --user or --endpoint")
    named = {"UserId": user, "EndpointId": endpoint}
    return {"ApplicationId": project, **{name: value for name, value in named.items() if value is not None}}


def _parts(client: Client, query: dict[str, str]) -> Iterator[tuple[str, list[Any]]]:
    for part in client.pages(f"{PATH}/export", query):
        yield part["Section"], part["Items"]


def _document(query: dict[str, str], parts: Iterator[tuple[str, list[Any]]]) -> Iterator[str]:
    """One JSON object, written while it comes in: who, then a list for each section."""
    yield "{\n" + f'"Format": "{FORMAT}"'
    for name, value in query.items():
        yield f",\n{_text(name)}: {_text(value)}"
    current, first = "", True
    for section, items in parts:
        if section != current:
            yield ("" if not current else "\n]") + f",\n{_text(section)}: ["
            current, first = section, True
        for item in items:
            yield ("\n" if first else ",\n") + _text(item)
            first = False
    yield "\n]\n}\n"


def _text(value: object) -> str:
    return msgspec.json.encode(value).decode()
