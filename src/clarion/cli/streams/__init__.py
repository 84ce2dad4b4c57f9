"""`clarion stream`: where a project's events go, and how far they are."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, plain, say, table

PATH = "/clarion/v1/streams"
COLUMNS = ["PROJECT", "STATE", "LAG", "SECONDS", "BYTES", "EXPORTED", "REFUSED", "LOST", "NEXT TRY", "LAST ERROR", "TO"]

app = typer.Typer(help="Stream a project's events to Kinesis, Firehose, Kafka, webhooks, files.", no_args_is_help=True)


@app.command("list")
def list_(
    url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None, json: Json = False
) -> None:
    """List all event streams: how they are, how many events wait and for how long, what went wrong last."""
    found = connected(config, data, url, region).call("GET", PATH)
    if json:
        as_json(found)
        return
    table(COLUMNS, [_row(one) for one in found["Streams"]])
    say(_room(found["BacklogBytes"], found["BacklogBoundBytes"]))


@app.command()
def status(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show how a project's event stream is: its lag, what it has sent, what went wrong last."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/status", {"ApplicationId": project})
    if json:
        as_json(found)
        return
    say(plain(f"{found['State'].lower()}, to {found['DestinationStreamArn']}"))
    say(f"{found['Lag']:,} events wait ({found['BacklogBytes']:,} bytes), the oldest for {found['LagSeconds']:,.0f} s")
    say(f"{found['Exported']:,} exported, {found['Refused']:,} refused, {found['Lost']:,} lost")
    if since := found.get("Failing"):
        say(f"failing since {since}, {found['Attempts']} tries in a row; the next at {found['NextTry']}")
    if error := found.get("LastError"):
        say(plain(f"last error {error['At']}: {error['Code']}: {error['Message']}"))


@app.command()
def put(
    project: Project,
    destination: Annotated[str, typer.Argument(help="ARN of a stream, or kafka://, https://, file://, s3:// URI.")],
    role: Annotated[str, typer.Option("--role", help="ARN of the role to assume at AWS.")] = "",
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Stream a project's events there from now on; the destination is asked first."""
    body = {"DestinationStreamArn": destination, "RoleArn": role}
    client = connected(config, data, url, region)
    made = client.call("POST", f"/v1/apps/{project}/eventstream", None, body)
    if json:
        as_json(made)
        return
    say(plain(f"streaming to {made['DestinationStreamArn']}"))
    found = client.call("GET", f"{PATH}/status", {"ApplicationId": project})
    if found.get("Failing"):
        say(plain(f"it does not answer yet, events wait for it: {found['LastError']['Message']}"))


@app.command()
def delete(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """End a project's event stream; what it has not sent is dropped."""
    gone = connected(config, data, url, region).call("DELETE", f"/v1/apps/{project}/eventstream")
    if json:
        as_json(gone)
    else:
        say(plain(f"no longer streaming to {gone['DestinationStreamArn']}"))


@app.command("test")
def send_test(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Ask the destination, and send it a record of type _test.event_stream behind what waits."""
    sent = connected(config, data, url, region).call("POST", f"{PATH}/test", None, {"ApplicationId": project})
    if json:
        as_json(sent)
    else:
        say(f"a record of type {sent['EventType']} with client_id {sent['ClientId']} is on its way")


@app.command()
def retry(
    project: Project, url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None
) -> None:
    """Try now what would be tried later."""
    connected(config, data, url, region).call("POST", f"{PATH}/retry", None, {"ApplicationId": project})
    say("trying now; see clarion stream status")


@app.command()
def refused(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the last records that the destination will never take, and why."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/refused", {"ApplicationId": project})
    if json:
        as_json(found)
        return
    rows = [
        (one["At"], one["Code"], plain(one["ClientId"]), plain(one["Message"]), len(one["Record"]))
        for one in found["Records"]
    ]
    table(["AT", "CODE", "CLIENT", "MESSAGE", "CHARACTERS"], rows)


def _row(one: dict[str, Any]) -> list[object]:
    error = one.get("LastError")
    return [
        one["ApplicationId"],
        one["State"],
        one["Lag"],
        round(one["LagSeconds"]),
        one["BacklogBytes"],
        one["Exported"],
        one["Refused"],
        one["Lost"],
        one.get("NextTry"),
        error and f"{error['At']} {error['Code']}",
        plain(one["DestinationStreamArn"]),
    ]


def _room(size: int, bound: int) -> str:
    return f"backlogs have {size:,} of {bound:,} bytes ({size / bound:.1%})"
