"""`clarion sms optouts`: numbers that get no texts from a project."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, plain, say, table
from clarion.cli.sms.calling import PATH

app = typer.Typer(help="Numbers that get no texts.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="Number in E.164.")]


@app.command("list")
def list_opt_outs(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List who gets no texts from a project: since when, and by which word of theirs."""
    pages = connected(config, data, url, region).pages(f"{PATH}/opt-outs", {"ApplicationId": project})
    found = [one for page in pages for one in page["OptOuts"]]
    if json:
        as_json({"OptOuts": found})
        return
    rows = [
        [one.get("Number", "(erased)"), one["OptedOutAt"], one.get("Word", "") if one["ByPerson"] else "(by hand)"]
        for one in sorted(found, key=lambda one: str(one["OptedOutAt"]), reverse=True)
    ]
    table(["NUMBER", "SINCE", "WORD"], rows)


@app.command()
def add(
    project: Project,
    number: Number,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Opt a number out."""
    body = {"ApplicationId": project, "Number": number}
    connected(config, data, url, region).read("PUT", f"{PATH}/opt-outs", None, body)
    say(plain(f"{number} gets no more texts"))


@app.command()
def remove(
    project: Project,
    number: Number,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Take a number from the list, which can be done once in 30 days; the person can at any time."""
    query = {"ApplicationId": project, "Number": number}
    connected(config, data, url, region).read("DELETE", f"{PATH}/opt-outs", query)
    say(plain(f"{number} gets texts again"))
