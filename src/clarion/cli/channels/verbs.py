"""`clarion channel`: the commands of all channels."""

from __future__ import annotations

import typer

from clarion.cli.channels import custom, push

app = typer.Typer(
    help="Look after channels: who lets us in, Web Push, what signs calls, what fails.", no_args_is_help=True
)
app.add_typer(custom.app, name="custom")
push.add_to(app)
