"""`clarion audience`: rules that hold for a project's whole audience."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, fail, table
from clarion.core.settings import load

PATH = "/clarion/v1/audience/policy"

app = typer.Typer(help="Rules that hold for a project's whole audience.", no_args_is_help=True)


@app.callback()
def audience() -> None:
    """Rules that hold for a project's whole audience."""


@app.command()
def policy(
    project: Annotated[str, typer.Option("--app", help="Project (application) id.")],
    most: Annotated[int | None, typer.Option("--most", help="Endpoints a user may have; 0: any number.")] = None,
    mode: Annotated[
        Literal["strict", "retire"] | None,
        typer.Option("--mode", help="One too many: `strict` refuses it, `retire` retires the oldest idle one."),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Leave it to the settings again.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell, or say, how many endpoints a user may have and what becomes of one too many."""
    if reset and (most is not None or mode is not None):
        fail("--reset goes with neither --most nor --mode")
    client = Client(load({"data": data}, config=config), url, region)
    query = {"ApplicationId": project}
    answer = client.call("GET", PATH, query)
    if reset or most is not None or mode is not None:
        own = {} if reset else dict(answer["Own"])
        given = {"EndpointsPerUser": most, "Mode": mode}
        own |= {name: value for name, value in given.items() if value is not None}
        answer = client.call("PUT", PATH, query, own)
    if json:
        as_json(answer)
        return
    own = answer["Own"]
    rows = [(name, answer[name], "project" if name in own else "settings") for name in ("EndpointsPerUser", "Mode")]
    table(["RULE", "VALUE", "SAID BY"], rows)
