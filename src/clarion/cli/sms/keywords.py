"""`clarion sms keyword`: what is answered to people who write."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, plain, say, table
from clarion.cli.sms.calling import PATH, text_of

app = typer.Typer(help="Keywords and what is answered to them.", no_args_is_help=True)

Word = Annotated[str, typer.Argument(help="Keyword; of STOP, HELP and START only the answer can be chosen.")]
AtNumber = Annotated[str, typer.Option("--number", help="One of the project's; `*`: all.")]


@app.command("list")
def list_keywords(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the keywords that a project answers in its own words."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/keywords", {"ApplicationId": project})["Keywords"]
    if json:
        as_json({"Keywords": found})
        return
    rows = [[one[name] for name in ("Number", "Keyword", "Action", "Message")] for one in found]
    table(["NUMBER", "KEYWORD", "ACTION", "ANSWER"], rows)


@app.command("set")
def set_keyword(
    project: Project,
    word: Word,
    answer: Annotated[str, typer.Option("--answer", help="What is answered, or @file; empty: nothing.")] = "",
    action: Annotated[
        str, typer.Option("--action", help="AUTOMATIC_RESPONSE, OPT_OUT or OPT_IN.")
    ] = "AUTOMATIC_RESPONSE",
    number: AtNumber = "*",
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Answer a keyword."""
    body = {"ApplicationId": project, "Number": number, "Keyword": word, "Message": text_of(answer), "Action": action}
    made = connected(config, data, url, region).call("PUT", f"{PATH}/keywords", None, body)
    say(plain(f"{made['Keyword']} at {made['Number']}: {made['Action']}"))


@app.command()
def remove(
    project: Project,
    word: Word,
    number: AtNumber = "*",
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Answer a keyword no more, or STOP, HELP and START as usual again."""
    query = {"ApplicationId": project, "Number": number, "Keyword": word}
    connected(config, data, url, region).read("DELETE", f"{PATH}/keywords", query)
    say(plain(f"{word} at {number} has no answer of its own"))
