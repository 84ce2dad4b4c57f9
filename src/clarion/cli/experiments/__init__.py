"""`clarion campaign results`: what a campaign has found out, and what may be concluded from it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, plain, say, table
from clarion.core.settings import load

Campaign = Annotated[str, typer.Argument(help="Campaign id.")]

COLUMNS = [
    "GROUP",
    "NAME",
    "PEOPLE",
    "CONVERTED",
    "RATE",
    "OPENED",
    "CLICKED",
    "AGAINST HELD OUT",
    "LIFT",
    "AGAINST DEFAULT",
    "LIFT",
]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(results)


def results(
    project: Project,
    campaign: Campaign,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show how the treatments of a campaign compare with each other and with its hold-out, and what that means."""
    client = Client(load({"data": data}, config=config), url, region)
    found = client.call("GET", "/clarion/v1/campaigns/results", {"ApplicationId": project, "CampaignId": campaign})
    if json:
        as_json(found)
        return
    table(COLUMNS, [_row(one) for one in found["Groups"]])
    for sentence in found["Conclusions"]:
        say(plain(sentence))
    if winner := found.get("Winner"):
        reason = f": {winner['Reason']}" if winner.get("Reason") else ""
        say(plain(f"winner: {winner['State']}{reason}"))


def _row(one: dict[str, Any]) -> list[object]:
    return [
        one["Group"],
        plain(one["Name"]),
        one["People"],
        one["Conversions"],
        _percent(one.get("Rate")),
        _percent(one["Opens"] / one["People"] if one["People"] else None),
        _percent(one["Clicks"] / one["People"] if one["People"] else None),
        *_compared(one.get("AgainstHoldout")),
        *_compared(one.get("AgainstDefault")),
    ]


def _compared(found: dict[str, Any] | None) -> tuple[str, str]:
    """The difference in percentage points with its interval, and the lift."""
    if found is None:
        return "", ""
    points = [f"{found[name] * 100:+.2f}" for name in ("Difference", "Low", "High")]
    lift = found.get("Lift")
    return f"{points[0]} ({points[1]} to {points[2]})", "" if lift is None else f"{lift:+.0%}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.2%}"
