"""`clarion secrets`: the keys that seal stored credentials, changed beside a running server."""

from __future__ import annotations

import typer

from clarion.cli.options import Config, Data, Json, State
from clarion.cli.output import as_json, fail, log_warnings, say
from clarion.core.settings import load

app = typer.Typer(help="Change the keys that seal stored credentials.", no_args_is_help=True)


@app.command()
def reseal(config: Config = None, data: Data = None, state: State = None, json: Json = False) -> None:
    """Seal all stored credentials with the first key of secrets_key; the others are then no longer needed."""
    from clarion.core.ids import SystemIds
    from clarion.server.stores import open_state
    from clarion.server.ways import sealed
    from clarion.store.migrate import migrate
    from clarion.store.vault import open_vault

    log_warnings()
    settings = load({"data": data, "state": state}, config=config)
    database = open_state(settings)
    try:
        migrate(database)
        vault = open_vault(database, SystemIds(), settings.secrets_key)
        done = sealed.reseal(database, vault)
    finally:
        database.close()
    if json:
        as_json({"Found": done.found, "Resealed": done.older, "Closed": done.closed})
    else:
        say(f"{done.found} {sealed.WHOSE} have credentials, {done.older} of them are sealed anew")
    if done.closed:
        fail("\n".join(done.closed))
