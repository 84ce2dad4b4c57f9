"""Options that several commands take."""

from __future__ import annotations

from typing import Annotated

import typer

Config = Annotated[str | None, typer.Option("--config", help="TOML file with settings.")]
Data = Annotated[str | None, typer.Option("--data", help="Data folder.")]
State = Annotated[str | None, typer.Option("--state", help="State database URL.")]
Events = Annotated[str | None, typer.Option("--events", help="Columnar store URL.")]
Url = Annotated[str | None, typer.Option("--url", help="URL of the server; default: host and port of the settings.")]
Region = Annotated[str, typer.Option("--region", help="AWS region whose things are meant.")]
App = Annotated[str | None, typer.Option("--app", help="Project (application) id.")]
Project = Annotated[str, typer.Option("--app", help="Project (application) id.")]
Json = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]

DEFAULT_REGION = "us-east-1"
