"""`clarion campaign approve` and `reject`: the second pair of eyes."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, say
from clarion.core.settings import load

Campaign = Annotated[str, typer.Argument(help="Campaign id.")]
Version = Annotated[int | None, typer.Option("--version", help="The version you have looked at.", min=1)]
Comment = Annotated[str, typer.Option("--comment", help="What there is to say about it.")]


def approve(
    project: Project,
    campaign: Campaign,
    version: Version = None,
    comment: Comment = "",
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Let a campaign run that waits for approval; with another access key than the one that wrote it."""
    client = Client(load({"data": data}, config=config), url, region)
    _decide(client, "approve", project, campaign, version, comment, json=json)


def reject(
    project: Project,
    campaign: Campaign,
    version: Version = None,
    comment: Comment = "",
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Say that a campaign must not run as it is."""
    client = Client(load({"data": data}, config=config), url, region)
    _decide(client, "reject", project, campaign, version, comment, json=json)


def _decide(
    client: Client, what: str, project: str, campaign: str, version: int | None, comment: str, *, json: bool
) -> None:
    # The project is in the query, where keys of one project must have it.
    body = {"CampaignId": campaign, "Comment": comment, **({} if version is None else {"Version": version})}
    done = client.call("POST", f"/clarion/v1/campaigns/{what}", {"ApplicationId": project}, body)
    if json:
        as_json(done)
        return
    say(f"version {done['Version']} {done['Approval']['Status'].lower()}, the campaign is {done['CampaignStatus']}")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("approve")(approve)
    app.command("reject")(reject)
