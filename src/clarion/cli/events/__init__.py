"""`clarion events`: what apps report, followed while it arrives, and taken out of the record."""

from __future__ import annotations

import typer

from clarion.cli.events import export, tail

app = typer.Typer(help="Events: follow them as they arrive, export them.", no_args_is_help=True)
tail.add_to(app)
export.add_to(app)
