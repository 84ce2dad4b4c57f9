"""`clarion lanes`: what each lane is doing, and pausing, draining, leading elsewhere, slowing down."""

from __future__ import annotations

import threading
from typing import Annotated, Any

import typer

from clarion.cli.client import Client, connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, fail, plain, say, table

PATH = "/clarion/v1/lanes"

app = typer.Typer(help="Watch and steer the lanes that messages leave by.", invoke_without_command=True)

Lane = Annotated[str, typer.Argument(help="A lane, a provider's lanes (SMS/carrier), or a channel (SMS).")]
_COLUMNS = [
    "LANE",
    "STATE",
    "QUEUED",
    "SENDING",
    "RATE/S",
    "HANDED",
    "FAILED",
    "OLDEST S",
    "OTP/TRANS/PROMO",
    "LAST ERROR",
]


@app.callback()
def show(
    context: typer.Context,
    watch: Annotated[float, typer.Option("--watch", help="Show again every so many seconds; 0: once.")] = 0,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show every lane: queued, sending, rate, errors, oldest."""
    if context.invoked_subcommand is not None:
        return
    client, pause = connected(config, data, url, region), threading.Event()
    while True:
        found = client.call("GET", PATH)
        if json:
            as_json(found)
        else:
            table(_COLUMNS, [_row(one) for one in found["Lanes"]])
        if watch <= 0:
            return
        pause.wait(watch)


@app.command()
def pause(
    lane: Lane, url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None
) -> None:
    """Let nothing leave; messages wait."""
    _change(connected(config, data, url, region), lane, State="paused")
    say(plain(f"{lane} is paused; what is being handed over at this moment still goes out"))


@app.command()
def resume(
    lane: Lane, url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None
) -> None:
    """End a pause, a drain or a detour."""
    _change(connected(config, data, url, region), lane, State="open", RerouteTo="")
    say(plain(f"{lane} is open"))


@app.command()
def drain(
    lane: Lane, url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None
) -> None:
    """Let what waits go out, and lead new messages to the next provider."""
    _change(connected(config, data, url, region), lane, State="draining")
    say(plain(f"{lane} is being drained"))


@app.command()
def reroute(
    lane: Lane,
    provider: Annotated[str, typer.Argument(help="The provider that takes over.")],
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Lead what waits, and what comes, to another provider of the channel."""
    _change(connected(config, data, url, region), lane, RerouteTo=provider)
    say(plain(f"{lane} goes to {provider}"))


@app.command()
def limit(
    lane: Lane,
    rate: Annotated[float | None, typer.Option(help="Messages per second; 0: as its provider says.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Batches at a time; 0: no limit.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Limit how fast messages leave by a lane, in each process."""
    given = {"Rate": rate, "Concurrency": concurrency}
    change = {name: one for name, one in given.items() if one is not None}
    if not change:
        fail("give --rate, --concurrency, or both")
    _change(connected(config, data, url, region), lane, **change)
    limited = any(change.values())
    say(plain(f"{lane} is limited" if limited else f"{lane} has no such limit any more"))


def _change(client: Client, lane: str, **change: object) -> None:
    client.call("POST", PATH, None, {"Name": lane, **change})


def _row(one: dict[str, Any]) -> list[object]:
    state = one["State"] + (f" to {one['RerouteTo']}" if one.get("RerouteTo") else "")
    return [
        plain(one["Name"]),
        state,
        one["Queued"],
        one["Sending"],
        one["Rate"],
        one["Handed"],
        one["Failed"],
        one.get("OldestSeconds"),
        "/".join(map(str, one["Waiting"])),
        plain(one.get("LastError", ""))[:80],
    ]
