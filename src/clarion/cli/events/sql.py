"""`clarion sql`: the record of a project asked in SQL, reading only."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, cells, fail, say, table
from clarion.core.settings import load

PATH = "/clarion/v1/sql"


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(sql)


def sql(
    project: Project,
    query: Annotated[str | None, typer.Argument(help="The query; default: --file, or what comes in.")] = None,
    file: Annotated[Path | None, typer.Option("--file", "-f", help="A file with the query.")] = None,
    rows: Annotated[int, typer.Option("--max-rows", help="At most so many rows.", min=1, max=10_000)] = 1_000,
    as_csv: Annotated[bool, typer.Option("--csv", help="Answer in CSV.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Ask the events and endpoints of a project in SQL. Tables: events, endpoints."""
    if as_csv and json:
        fail("give --csv or --json, not both")
    client = Client(load({"data": data}, config=config), url, region)
    body = {"ApplicationId": project, "Query": _query(query, file), "MaxRows": rows}
    # The project stands in the query as well, for keys that may only reach one.
    answer = client.call("POST", PATH, {"ApplicationId": project}, body)
    if json:
        as_json(answer)
        return
    names = [column["Name"] for column in answer["Columns"]]
    if as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([[_cell(value) for value in row] for row in answer["Rows"]])
    else:
        table(names, [cells([_cell(value) for value in row]) for row in answer["Rows"]])
    if answer["Truncated"]:
        typer.echo(f"there are more than {rows} rows: --max-rows", err=True)
    elif not as_csv and not answer["Rows"]:
        say("no rows")


def _query(query: str | None, file: Path | None) -> str:
    if query is not None and file is not None:
        fail("give a query or --file, not both")
    if query is not None:
        return query
    try:
        return sys.stdin.read() if file is None else file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{file}: {error}")


def _cell(value: Any) -> object:
    """A value in one cell: lists and maps as JSON."""
    return msgspec.json.encode(value).decode() if isinstance(value, list | dict | bool) else value
