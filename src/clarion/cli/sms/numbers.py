"""`clarion sms number`: what a project's texts come from, and where texts to it go."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, plain, say, table
from clarion.cli.sms.calling import PATH, text_of

app = typer.Typer(help="Numbers and sender IDs that a project's texts come from.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="Number in E.164, short code or sender ID; `*`: all others.")]


@app.command("list")
def list_numbers(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the numbers of a project."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/numbers", {"ApplicationId": project})["Numbers"]
    if json:
        as_json({"Numbers": found})
        return
    names = ("Number", "Kind", "Country", "MessageType", "Keyword", "OptOutList", "Destination")
    rows = [[*(one[name] for name in names), "self" if one["SelfManaged"] else ""] for one in found]
    table(["NUMBER", "KIND", "COUNTRY", "TYPE", "KEYWORD", "OPT-OUT LIST", "TEXTS GO TO", "MANAGED"], rows)


@app.command()
def add(
    project: Project,
    number: Number,
    kind: Annotated[
        str | None, typer.Option("--kind", help="SHORT_CODE, LONG_CODE, TEN_DLC, TOLL_FREE or SENDER_ID.")
    ] = None,
    country: Annotated[str, typer.Option("--country", help="Two letters; short codes need it.")] = "",
    message_type: Annotated[str, typer.Option("--type", help="TRANSACTIONAL or PROMOTIONAL.")] = "TRANSACTIONAL",
    keyword: Annotated[str, typer.Option("--keyword", help="Programme that a short code is registered for.")] = "",
    opt_out_list: Annotated[
        str, typer.Option("--opt-out-list", help="List of the account; default: the project's own.")
    ] = "",
    self_managed: Annotated[
        bool, typer.Option("--self-managed", help="Leave STOP, HELP and START to whoever gets the texts.")
    ] = False,
    destination: Annotated[
        str, typer.Option("--destination", help="Where texts go: https://…#whsec_…, a topic's ARN, or @file.")
    ] = "",
    role: Annotated[str, typer.Option("--role", help="ARN of the role that publishes to the topic.")] = "",
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Have a project send from a number, or change what is said of it."""
    body = {
        "ApplicationId": project,
        "Number": number,
        "Kind": kind,
        "Country": country,
        "MessageType": message_type,
        "Keyword": keyword,
        "OptOutList": opt_out_list,
        "SelfManaged": self_managed,
        "Destination": text_of(destination),
        "Role": role,
    }
    given = {name: value for name, value in body.items() if value is not None}
    made = connected(config, data, url, region).call("PUT", f"{PATH}/numbers", None, given)
    say(plain(f"{made['Number']} ({made['Kind']}{', ' + made['Country'] if made['Country'] else ''}) is the project's"))


@app.command()
def remove(
    project: Project,
    number: Number,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Take a number from a project, with its keywords."""
    query = {"ApplicationId": project, "Number": number}
    connected(config, data, url, region).read("DELETE", f"{PATH}/numbers", query)
    say(plain(f"{number} is no longer the project's"))
