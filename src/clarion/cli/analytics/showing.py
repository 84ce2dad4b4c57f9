"""Charts as commands show them: tables, or what the server makes as CSV, in a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from clarion.cli.client import Client
from clarion.cli.output import as_json, cells, fail, say, table

Start = Annotated[str | None, typer.Option("--from", help="First day (2027-03-01), or moment.")]
End = Annotated[str | None, typer.Option("--to", help="Last day, or moment.")]
Zone = Annotated[str | None, typer.Option("--zone", help="Whose days: an IANA name; UTC unless given.")]
Members = Annotated[
    list[str] | None,
    typer.Option("--with", help="A member of the query, such as `Platform=iOS`; again for more of them."),
]
Output = Annotated[
    Path | None,
    typer.Option("--csv", help="Write CSV to this file; for a dashboard a zip of CSVs, one for each chart."),
]


def members_of(given: Sequence[str] | None) -> dict[str, list[str]]:
    """`Name=value` texts by name."""
    found: dict[str, list[str]] = {}
    for text in given or []:
        name, equals, value = text.partition("=")
        if not equals:
            fail(f"--with {text}: must be Name=value")
        found.setdefault(name, []).append(value)
    return found


def show(client: Client, path: str, query: Mapping[str, object], output: Path | None, *, json: bool) -> None:
    """Ask for charts and show them, or write them to a file."""
    if output is not None:
        body = client.read("GET", path, {**query, "Format": "csv"})
        output.write_bytes(body)
        say(f"{output}: {len(body):,} bytes")
        return
    answer = client.call("GET", path, query)
    if json:
        as_json(answer)
        return
    zone = ZoneInfo(answer["TimeZone"])
    first, last = (datetime.fromisoformat(answer[end]).astimezone(zone).date() for end in ("StartTime", "EndTime"))
    say(f"{answer['Name']}, {first} to {last} ({answer['TimeZone']})")
    for chart in answer["Charts"]:
        _show(chart)


def _show(chart: Mapping[str, Any]) -> None:
    say("")
    say(f"{chart['Chart']}{'' if chart['Exact'] else ' (estimated)'}")
    rows = chart["Rows"]
    if not rows:
        say("nothing")
        return
    # A row lacks what it has no value for.
    names = list(dict.fromkeys(one["Key"] for row in rows for one in (*row.get("GroupedBys", ()), *row["Values"])))
    lines = [{one["Key"]: one["Value"] for one in (*row.get("GroupedBys", ()), *row["Values"])} for row in rows]
    table(names, [cells([line.get(name, "") for name in names]) for line in lines])
