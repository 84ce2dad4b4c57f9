"""`clarion retention`: how long a project's events are kept."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, say
from clarion.core.settings import load

PATH = "/clarion/v1/analytics/retention"

app = typer.Typer(help="How long a project's events are kept.", no_args_is_help=True)


@app.command("show")
def show(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show how many days a project's events are kept."""
    client = Client(load({"data": data}, config=config), url, region)
    _tell(client.call("GET", PATH, {"ApplicationId": project}), json=json)


@app.command("set")
def change(
    project: Project,
    days: Annotated[
        int | None, typer.Argument(help="Days, 1 to 3650; without a number: as the settings say.", min=1, max=3650)
    ] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Say how many days a project's events are kept. Older ones are deleted soon, and do not come back."""
    client = Client(load({"data": data}, config=config), url, region)
    # The project is in the query, where keys of one project must have it.
    _tell(client.call("PUT", PATH, {"ApplicationId": project}, {"Days": days}), json=json)


def _tell(found: dict[str, Any], *, json: bool) -> None:
    if json:
        as_json(found)
        return
    own = "OwnDays" in found
    say(f"events are kept {found['Days']} days, {'as this project says' if own else 'as the settings say'}")
