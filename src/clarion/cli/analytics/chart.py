"""`clarion chart`: which charts there are, and one of them as a table with bars, as CSV or JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, console, fail, say, table
from clarion.core.settings import load

app = typer.Typer(help="List charts, and show one.", no_args_is_help=True)

PATH = "/clarion/v1/charts"
_BAR = 24
_EIGHTHS = " ▏▎▍▌▋▊▉█"

Pairs = list[str]


@app.command("list")
def list_charts(
    url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None, json: Json = False
) -> None:
    """List all charts: what they show, by what, and what else they take (needed: with a star)."""
    charts = Client(load({"data": data}, config=config), url, region).call("GET", PATH)["Charts"]
    if json:
        as_json(charts)
        return
    rows = []
    for chart in charts:
        takes = [*(f"{name}*" for name in chart["Needs"]), *chart["Takes"]]
        rows.append((chart["Name"], ", ".join(chart["Groups"]), ", ".join(takes), chart["Summary"]))
    table(["CHART", "BY", "TAKES", "WHAT"], [cells(row) for row in rows])


@app.command()
def show(
    name: Annotated[str, typer.Argument(help="The chart, as `list` has it.")],
    project: Project,
    since: Annotated[str | None, typer.Option("--from", help="First day, or moment (ISO 8601).")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Last day, or moment; it belongs to the range.")] = None,
    zone: Annotated[str | None, typer.Option(help="Whose days: an IANA time zone; default: UTC.")] = None,
    segment: Annotated[str | None, typer.Option(help="Only members of this segment.")] = None,
    platform: Annotated[list[str] | None, typer.Option(help="Only endpoints of this platform, or these.")] = None,
    channel: Annotated[list[str] | None, typer.Option(help="Only endpoints of this channel, or these.")] = None,
    attribute: Annotated[
        list[str] | None, typer.Option(help="Only endpoints with this attribute: NAME=VALUE, or several.")
    ] = None,
    more: Annotated[
        list[str] | None, typer.Option("--with", help="What else the chart takes: EventType=cart.left, By=User …")
    ] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer in CSV.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show a chart."""
    if as_csv and json:
        fail("give --csv or --json, not both")
    given = [("StartTime", since), ("EndTime", until), ("TimeZone", zone), ("SegmentId", segment)]
    given += [("Platform", one) for one in platform or ()] + [("Channel", one) for one in channel or ()]
    given += [(f"EndpointAttribute.{key}", value) for key, value in _pairs("--attribute", attribute)]
    given += _pairs("--with", more)
    query: dict[str, list[str]] = {"ApplicationId": [project]}
    for member, value in given:
        if value is not None:
            query.setdefault(member, []).append(value)
    client = Client(load({"data": data}, config=config), url, region)
    if as_csv:
        sys.stdout.write(client.read("GET", f"{PATH}/{name}", {**query, "Format": "csv"}).decode())
        return
    answer = client.call("GET", f"{PATH}/{name}", query)
    if json:
        as_json(answer)
        return
    _show(answer)


def _pairs(option: str, given: Sequence[str] | None) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for text in given or ():
        name, equals, value = text.partition("=")
        if not name or not equals:
            fail(f"{option} {text}: must be NAME=VALUE")
        found.append((name, value))
    return found


def _show(answer: Mapping[str, Any]) -> None:
    rows = answer["Rows"]
    if not rows:
        say("nothing to count")
        return
    groups = [one["Key"] for one in rows[0]["GroupedBys"]]
    values = list(dict.fromkeys(one["Key"] for row in rows for one in row["Values"]))
    lines = []
    found = [{one["Key"]: float(one["Value"]) for one in row["Values"]} for row in rows]
    most = max((one.get(values[0], 0.0) for one in found), default=0.0) if values else 0.0
    for row, numbers in zip(rows, found, strict=True):
        told = [_number(numbers.get(key)) for key in values]
        bar = [_bar(numbers.get(values[0], 0.0), most)] if console.is_terminal and values else []
        lines.append([*(one["Value"] for one in row["GroupedBys"]), *told, *bar])
    table([*groups, *values, *([""] if console.is_terminal and values else [])], [cells(line) for line in lines])
    for summary in answer.get("Summaries", ()):
        parts = [f"average {_number(summary['Average'])}"]
        parts += [f"total {_number(summary['Total'])}"] if "Total" in summary else []
        parts += [f"{summary['Change']:+.1%} from the first day to the last"] if "Change" in summary else []
        typer.echo(f"{summary['Key']}: {', '.join(parts)}", err=True)
    if not answer["Exact"]:
        typer.echo("people are counted to within a percent or so", err=True)


def _number(value: float | None) -> str:
    """As short as it can be without saying something else."""
    if value is None:
        return ""
    return f"{value:.0f}" if value == int(value) else f"{value:.4g}" if abs(value) < 1000 else f"{value:.2f}"


def _bar(value: float, most: float) -> str:
    eighths = round(max(value, 0.0) / most * _BAR * 8) if most > 0 else 0
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")
