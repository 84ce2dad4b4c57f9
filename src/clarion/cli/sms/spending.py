"""`clarion sms spend`: what texts cost, the limit, and prices. People type US dollars, the API has millicents."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.client import connected
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, fail, plain, say, table
from clarion.cli.sms.calling import PATH

app = typer.Typer(help="What texts cost, by month.", no_args_is_help=True)

MILLICENTS = 100_000
"""Of a dollar."""


@app.command()
def show(
    url: Url = None, region: Region = DEFAULT_REGION, config: Config = None, data: Data = None, json: Json = False
) -> None:
    """Show what each month cost, the limit, and the prices of a part by country."""
    found = connected(config, data, url, region).call("GET", f"{PATH}/spending")
    if json:
        as_json(found)
        return
    limit = found["Limit"]
    say(f"limit a month: {'none' if limit is None else _dollars(limit)}")
    table(["MONTH", "SPENT"], [(one["Month"], _dollars(one["Millicents"])) for one in found["Months"]])
    prices = found["Prices"]
    table(["COUNTRY", "A PART"], [(country, _dollars(prices[country])) for country in sorted(prices)])


@app.command()
def limit(
    dollars: Annotated[str, typer.Argument(help="Most that a month may cost, in US dollars; `none`: no limit.")],
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Set the most that a month may cost."""
    body = {"Millicents": _millicents(dollars)}
    connected(config, data, url, region).read("PUT", f"{PATH}/spending/limit", None, body)
    say(plain(f"limit a month: {dollars}"))


@app.command()
def price(
    country: Annotated[str, typer.Argument(help="Country of two letters; `*`: all without a price of their own.")],
    dollars: Annotated[str, typer.Argument(help="What a part costs, in US dollars; `none`: not known.")],
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Set what a part of a text costs in a country."""
    body = {"Country": country, "Millicents": _millicents(dollars)}
    connected(config, data, url, region).read("PUT", f"{PATH}/spending/prices", None, body)
    say(plain(f"{country}: {dollars} a part"))


def _millicents(text: str) -> float | None:
    if text == "none":
        return None
    try:
        return round(float(text) * MILLICENTS, 3)
    except (ValueError, OverflowError):
        fail(f"{text} is no amount: a number of US dollars, or `none`")


def _dollars(millicents: float) -> str:
    return f"${millicents / MILLICENTS:,.5f}"
