"""`clarion events`: what apps report, followed while it arrives, and taken out of the record."""

from __future__ import annotations

import typer

from clarion.cli.events import tail

app = typer.Typer(help="Events: follow them as they arrive.", no_args_is_help=True)
tail.add_to(app)
