"""Commands about the e-mail addresses of a project."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, plain, say, table

PATH = "/clarion/v1/email"

Address = Annotated[str, typer.Argument(help="E-mail address.")]

app = typer.Typer(help="Addresses that are not written to, complaints, topics.", no_args_is_help=True)


@app.command()
def suppressions(
    project: Project,
    reason: Annotated[str | None, typer.Option("--reason", help="BOUNCE, COMPLAINT or MANUAL only.")] = None,
    address: Annotated[str | None, typer.Option("--address", help="This address only.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the addresses of a project that are not written to, newest first: why, and since when."""
    query = {"ApplicationId": project, "Reason": reason, "Address": address}
    pages = connected(config, data, url, region).pages(f"{PATH}/suppressions", query)
    found = [one for page in pages for one in page["Suppressions"]]
    if json:
        as_json({"Suppressions": found})
        return
    rows = [[one.get("Address", "(erased)"), one["Reason"], one["At"], one.get("Detail", "")] for one in found]
    table(["ADDRESS", "REASON", "SINCE", "DETAIL"], [cells(row) for row in rows])


@app.command()
def suppress(
    project: Project,
    address: Address,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Put an address on the suppression list: e-mail to it is accepted, but not sent."""
    body = {"ApplicationId": project, "Address": address}
    made = connected(config, data, url, region).call("POST", f"{PATH}/suppressions", None, body)
    say(plain(f"{made['Address']} is on the list since {made['At']}: {made['Reason']}"))


@app.command()
def unsuppress(
    project: Project,
    address: Address,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Take an address off the suppression list."""
    query = {"ApplicationId": project, "Address": address}
    connected(config, data, url, region).read("DELETE", f"{PATH}/suppressions", query)
    say(plain(f"{address} is no longer on the list"))


@app.command()
def complaints(
    project: Project,
    headers: Annotated[bool, typer.Option("--headers", help="Show the headers of the mails as well.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List complaints about a project's mail, newest first."""
    query = {"ApplicationId": project}
    pages = connected(config, data, url, region).pages(f"{PATH}/complaints", query)
    found = [one for page in pages for one in page["Complaints"]]
    if json:
        as_json({"Complaints": found})
        return
    columns = ["AT", "ADDRESS", "TYPE", "MESSAGE", "SOURCE"]
    rows = [
        [one["At"], one["Address"], one["FeedbackType"], one["MessageId"], one.get("SourceIp", "")] for one in found
    ]
    table(columns, [cells(row) for row in rows])
    for one in found if headers else ():
        say("")
        for header in one.get("Headers", []):
            say(plain(f"{header['Name']}: {header['Value']}"))


@app.command()
def topics(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the topics that people may choose on the preference page."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/topics", {"ApplicationId": project})
    if json:
        as_json(found)
        return
    rows = [
        [one["Name"], one["Title"], "yes" if one["Subscribed"] else "no", one["Description"]] for one in found["Topics"]
    ]
    table(["NAME", "TITLE", "BY DEFAULT", "DESCRIPTION"], rows)


@app.command()
def topic(
    project: Project,
    name: Annotated[str, typer.Argument(help="Name: letters, digits, - and _.")],
    title: Annotated[str | None, typer.Option("--title", help="What people see; default: the name.")] = None,
    description: Annotated[str, typer.Option("--description", help="A line below the title.")] = "",
    opt_in: Annotated[bool, typer.Option("--opt-in", help="Only for those who choose it.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Drop the topic, with what people chose of it.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Make a topic, or change it."""
    client = connected(config, data, url, region)
    if remove:
        client.read("DELETE", f"{PATH}/topics", {"ApplicationId": project, "Name": name})
        say(plain(f"topic {name} is gone"))
        return
    body = {
        "ApplicationId": project,
        "Name": name,
        "Title": title or name,
        "Description": description,
        "Subscribed": not opt_in,
    }
    made = client.call("PUT", f"{PATH}/topics", None, body)
    say(plain(f"topic {made['Name']}: {made['Title']}"))


@app.command()
def preferences(
    project: Project,
    address: Address,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell which topics an address gets mail about."""
    query = {"ApplicationId": project, "Address": address}
    found = connected(config, data, url, region).call("GET", f"{PATH}/preferences", query)
    if json:
        as_json(found)
        return
    table(["TOPIC", "WANTED"], [[name, "yes" if wanted else "no"] for name, wanted in found["Topics"].items()])
