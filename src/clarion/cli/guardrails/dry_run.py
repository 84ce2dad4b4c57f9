"""`clarion campaign dry-run`: who would get what, and who nothing and why."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, progress, say, table
from clarion.core.settings import load

PATH = "/clarion/v1/campaigns/dry-run"
COLUMNS = ("TreatmentId", "EndpointId", "UserId", "Outcome", "Channel", "Address", "Text", "Gate", "Status", "Reason")
GROUP = ("TreatmentId", "Outcome", "Channel", "Gate", "Status")


def dry_run(
    project: Project,
    campaign: Annotated[str | None, typer.Argument(help="Campaign id; may be absent with --file.")] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", help="A WriteCampaignRequest in JSON that is not saved; with an id: its next version."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--csv", help="Write a line for each endpoint to this file, `-`: standard output.")
    ] = None,
    rendered: Annotated[
        bool, typer.Option("--rendered", help="In the CSV also subject, title or the beginning of the text.")
    ] = False,
    call_hooks: Annotated[
        bool, typer.Option("--call-hooks", help="Ask the campaign's hook and recommenders, as a run would.")
    ] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell who would get what of a campaign, and who nothing and why. Nothing is sent, nothing is recorded."""
    if campaign is None and file is None:
        fail("name a campaign, or give --file")
    client = Client(load({"data": data}, config=config), url, region)
    body = {
        "CampaignId": campaign,
        "Campaign": None if file is None else _definition(file),
        "People": output is not None,
        "Rendered": rendered,
        "CallHooks": call_hooks,
    }
    sent = {name: value for name, value in body.items() if value is not None}
    counts: Counter[tuple[str, ...]] = Counter()
    treatments: dict[str, Any] = {}
    with ExitStack() as opened:
        rows = None
        if output is not None:
            stream = typer.get_text_stream("stdout") if str(output) == "-" else None
            file_of = stream or opened.enter_context(output.open("w", encoding="utf-8", newline=""))
            rows = csv.DictWriter(file_of, COLUMNS, restval="", lineterminator="\n")
            rows.writeheader()
        going = opened.enter_context(progress("looking"))
        for page in _pages(client, project, sent):
            treatments |= {one["TreatmentId"]: one for one in page["Treatments"]}
            for one in page["Counts"]:
                counts[tuple(one.get(name, "") for name in GROUP)] += one["Endpoints"]
            if rows is not None:
                rows.writerows(page["People"])
            going(counts.total())
    if str(output) == "-":
        return
    ordered = [(*group, number) for group, number in sorted(counts.items())]
    if json:
        found = [dict(zip((*GROUP, "Endpoints"), row, strict=True)) for row in ordered]
        as_json({"Treatments": list(treatments.values()), "Counts": found})
        return
    table(["TREATMENT", "OUTCOME", "CHANNEL", "GATE", "STATUS", "ENDPOINTS"], ordered)
    for one in treatments.values():
        problem = one.get("Problem")
        say(f"treatment {one['TreatmentId']}: {problem or 'due ' + one['ScheduledStart']}")


def _pages(client: Client, project: str, sent: dict[str, Any]) -> Iterator[Any]:
    following: dict[str, str] = {}
    while True:
        # The project is in the query, where keys of one project must have it.
        page = client.call("POST", PATH, {"ApplicationId": project}, {**sent, **following})
        yield page
        if "NextToken" not in page:
            return
        following = {"NextToken": page["NextToken"]}


def _definition(file: Path) -> Any:
    try:
        found = msgspec.json.decode(file.read_bytes())
    except OSError as error:
        fail(f"{file}: {error.strerror}")
    except msgspec.DecodeError as error:
        fail(f"{file}: is not JSON: {error}")
    # What `aws pinpoint create-campaign --cli-input-json` takes has it one level deeper.
    return found.get("WriteCampaignRequest", found) if isinstance(found, dict) else found


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("dry-run")(dry_run)
