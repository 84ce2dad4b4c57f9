"""`clarion sms`."""

from __future__ import annotations

import typer

from clarion.cli.sms import keywords, numbers, optouts, spending

app = typer.Typer(help="Text messages both ways: numbers, keywords, opt-outs, spending.", no_args_is_help=True)
app.add_typer(numbers.app, name="number")
app.add_typer(keywords.app, name="keyword")
app.add_typer(optouts.app, name="optouts")
app.add_typer(spending.app, name="spend")
