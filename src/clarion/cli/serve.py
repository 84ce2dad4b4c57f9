"""`clarion serve` and `clarion worker`: the long-running commands."""

from __future__ import annotations

from typing import Annotated

import typer

from clarion.cli.options import Config, Data, Events, State
from clarion.core.settings import load


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(serve)
    app.command()(worker)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    data: Data = None,
    state: State = None,
    events: Events = None,
    clock: Annotated[str | None, typer.Option(help="real, virtual, or virtual:TIME.")] = None,
    workers: Annotated[bool | None, typer.Option("--workers/--no-workers", help="Also do the background work.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="On empty stores, make a demo project.")] = False,
    config: Config = None,
) -> None:
    """Serve the API (and do the background work, unless --no-workers)."""
    from clarion.server.running import run_server

    overrides = {
        "host": host,
        "port": port,
        "data": data,
        "state": state,
        "events": events,
        "clock": clock,
        "workers": workers,
    }
    raise typer.Exit(run_server(load(overrides, config=config), demo=demo))


def worker(data: Data = None, state: State = None, events: Events = None, config: Config = None) -> None:
    """Do the background work only: jobs, the ingest log, the lanes."""
    from clarion.server.running import run_worker

    overrides = {"data": data, "state": state, "events": events}
    raise typer.Exit(run_worker(load(overrides, config=config)))
