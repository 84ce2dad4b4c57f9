"""`clarion jobs` and `clarion ingest`: what a running server gave up or set aside, listed and brought back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, fail, say, table
from clarion.core.settings import load

jobs = typer.Typer(help="List jobs, and retry or drop those given up.", no_args_is_help=True)
ingest = typer.Typer(help="List rows of the ingest log that no sink took; retry or drop them.", no_args_is_help=True)

_TOGETHER = 1_000

Ids = Annotated[list[int], typer.Argument(help="Numbers, as `list` shows them.")]
SomeIds = Annotated[list[int] | None, typer.Argument(help="Numbers, as `list` shows them.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
Limit = Annotated[int, typer.Option(help="At most so many.", min=1)]


@jobs.command("list")
def list_jobs(
    dead: Annotated[bool, typer.Option("--dead", help="Only those given up.")] = False,
    kind: Annotated[str | None, typer.Option(help="Only of this kind.")] = None,
    limit: Limit = 100,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List jobs, oldest first."""
    client = _client(data, config, url, region)
    query = {"State": "dead" if dead else None, "Kind": kind}
    found = _pages(client, "/clarion/v1/jobs", query, "Jobs", limit)
    if json:
        as_json(found)
        return
    rows = [
        (one["Id"], one["Kind"], one["State"], one["DueAt"], one["Attempts"], one.get("Key"), one.get("Error"))
        for one in found
    ]
    table(["ID", "KIND", "STATE", "DUE", "ATTEMPTS", "KEY", "ERROR"], rows)


@jobs.command("retry")
def retry_jobs(
    ids: SomeIds = None,
    everything: All = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Give given-up jobs all their attempts again, now."""
    _change(_client(data, config, url, region), "jobs/retry", ids, everything, "will be tried again")


@jobs.command("drop")
def drop_jobs(
    ids: Ids, url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None
) -> None:
    """Remove given-up jobs for good."""
    _change(_client(data, config, url, region), "jobs/drop", ids, False, "dropped")


@ingest.command("dead")
def list_rows(
    limit: Limit = 100,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the rows that were set aside, oldest first, with the reason."""
    found = _pages(_client(data, config, url, region), "/clarion/v1/ingest/dead", {}, "Rows", limit)
    if json:
        as_json(found)
        return
    rows = [(one["Id"], one["Kind"], one["SetAsideAt"], one["Size"], one["Error"]) for one in found]
    table(["ID", "KIND", "SET ASIDE", "BYTES", "ERROR"], rows)


@ingest.command("retry")
def retry_rows(
    ids: SomeIds = None,
    everything: All = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Put rows back into the ingest log."""
    _change(_client(data, config, url, region), "ingest/dead/retry", ids, everything, "put back into the log")


@ingest.command("drop")
def drop_rows(
    ids: Ids, url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None
) -> None:
    """Remove rows that were set aside for good: what they say is lost."""
    _change(_client(data, config, url, region), "ingest/dead/drop", ids, False, "dropped")


def _client(data: str | None, config: str | None, url: str | None, region: str) -> Client:
    return Client(load({"data": data}, config=config), url, region)


def _pages(client: Client, path: str, query: dict[str, Any], member: str, limit: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token = None
    while len(found) < limit:
        most = min(limit - len(found), _TOGETHER)
        page = client.call("GET", path, {**query, "Limit": most, "NextToken": token})
        found += page[member]
        token = page.get("NextToken")
        if token is None:
            break
    return found


def _change(client: Client, path: str, ids: Sequence[int] | None, everything: bool, done: str) -> None:
    if bool(ids) == everything:
        fail("name them by their numbers, or say --all")
    changed = 0
    if everything:
        changed = client.call("POST", f"/clarion/v1/{path}", body={"All": True})["Changed"]
    for start in range(0, len(ids or ()), _TOGETHER):
        some = list(ids or ())[start : start + _TOGETHER]
        changed += client.call("POST", f"/clarion/v1/{path}", body={"Ids": some})["Changed"]
    say(f"{changed} {done}")
    if ids and changed < len(set(ids)):
        fail(f"{len(set(ids)) - changed} of these are not there")
