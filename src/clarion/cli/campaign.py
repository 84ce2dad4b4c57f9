"""`clarion campaign`: what campaigns there are, how their runs go, and how to stop one in flight."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, say, table
from clarion.core.settings import load

app = typer.Typer(help="List and show campaigns, stop and resume their runs.", no_args_is_help=True)

Campaign = Annotated[str, typer.Argument(help="Campaign id.")]


@app.command("list")
def list_campaigns(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the campaigns of a project, in the order of their creation."""
    client = Client(load({"data": data}, config=config), url, region)
    pages = client.pages(f"/v1/apps/{project}/campaigns", {"page-size": 100}, token="token")
    found = [item for page in pages for item in page["Item"]]
    if json:
        as_json(found)
        return
    rows = [
        (
            one["Id"],
            one.get("Name"),
            one["State"]["CampaignStatus"],
            one["Schedule"].get("Frequency", "ONCE"),
            one["Schedule"]["StartTime"],
            1 + len(one["AdditionalTreatments"]),
        )
        for one in found
    ]
    table(["CAMPAIGN", "NAME", "STATUS", "FREQUENCY", "START", "TREATMENTS"], [cells(row) for row in rows])


@app.command()
def show(
    project: Project,
    campaign: Campaign,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show a campaign, where each treatment stands, its latest runs, and who dropped out where."""
    client = Client(load({"data": data}, config=config), url, region)
    path = f"/v1/apps/{project}/campaigns/{campaign}"
    found = client.call("GET", path)
    activities = client.call("GET", f"{path}/activities", {"page-size": 20})["Item"]
    if json:
        as_json({"Campaign": found, "Activities": activities})
        return
    say(f"{escape(found.get('Name', ''))}: {found['State']['CampaignStatus']}, version {found['Version']}")
    if approval := found.get("Approval"):
        said = " ".join(filter(None, (approval.get("By"), approval.get("At"), escape(approval.get("Comment", "")))))
        say(f"approval: {approval['Status']} {said}".rstrip())
    treatments = found["AdditionalTreatments"]
    if treatments or found["HoldoutPercent"]:
        held, taken = found["HoldoutPercent"], sum(one["SizePercent"] for one in treatments)
        default = found.get("DefaultState", found["State"])
        rows = [("0", found.get("TreatmentName"), 100 - held - taken, default["CampaignStatus"])]
        rows += [
            (one["Id"], one.get("TreatmentName"), one["SizePercent"], one["State"]["CampaignStatus"])
            for one in treatments
        ]
        rows += [("", "held out", held, "")] if held else []
        table(["TREATMENT", "NAME", "PERCENT", "STATUS"], [cells(row) for row in rows])
    columns = ["ACTIVITY", "TREATMENT", "STATE", "RESULT", "SCHEDULED", "REACHED", "OF", "REASON"]
    table(columns, [cells(_activity(one)) for one in activities])
    if activities:
        metrics = sorted(activities[0].get("ExecutionMetrics", {}).items())
        table(["WHO OF THE LATEST RUN", "ENDPOINTS"], metrics)


@app.command()
def stop(
    project: Project,
    campaign: Campaign,
    for_good: Annotated[bool, typer.Option("--for-good", help="End the runs; they cannot go on.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Stop the runs of a campaign that are in flight: nothing more goes out until `resume`."""
    body = {"CampaignId": campaign, "ForGood": for_good}
    _change(Client(load({"data": data}, config=config), url, region), "stop", project, body, json=json)


@app.command()
def resume(
    project: Project,
    campaign: Campaign,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Let the stopped runs of a campaign go on where they were."""
    client = Client(load({"data": data}, config=config), url, region)
    _change(client, "resume", project, {"CampaignId": campaign}, json=json)


def _change(client: Client, what: str, project: str, body: dict[str, object], *, json: bool) -> None:
    # The project is in the query, where keys of one project must have it.
    done = client.call("POST", f"/clarion/v1/campaigns/{what}", {"ApplicationId": project}, body)
    if json:
        as_json(done)
        return
    words = "go on" if what == "resume" else "taken back" if body["ForGood"] else "held"
    say(f"{done['CampaignStatus']}: {len(done['ActivityIds'])} run(s), {done['Messages']} planned message(s) {words}")


def _activity(one: dict[str, Any]) -> tuple[object, ...]:
    return (
        one["Id"],
        one["TreatmentId"],
        one["State"],
        one.get("Result"),
        one["ScheduledStart"],
        one["SuccessfulEndpointCount"],
        one["TotalEndpointCount"],
        one.get("Reason"),
    )
