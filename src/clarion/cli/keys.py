"""`clarion keys`: access keys, made and revoked beside a running server as well as without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from clarion.cli.options import App, Config, Data, Json, State
from clarion.cli.output import as_json, fail, log_warnings, say, table
from clarion.core.clock import SystemClock, iso_ms
from clarion.core.settings import Settings, load
from clarion.wire.keys import Role

if TYPE_CHECKING:
    from clarion.domain.apps.keys import AccessKeys
    from clarion.store.database import Database

app = typer.Typer(help="Create, list and revoke access keys.", no_args_is_help=True)

Account = Annotated[str | None, typer.Option("--account", help="Account id; default: the root account.")]


@app.command()
def create(
    account: Account = None,
    role: Annotated[str, typer.Option(help="admin, marketer, developer, reader or client.")] = "developer",
    project: App = None,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    config: Config = None,
    data: Data = None,
    state: State = None,
    json: Json = False,
) -> None:
    """Make an access key; its secret is shown here and never again."""
    if role not in get_args(Role):
        fail(f"--role: {role} is not one of {', '.join(get_args(Role))}")
    settings, database, keys = _open(config, data, state)
    try:
        key = keys.create(account or settings.account, cast(Role, role), app_id=project, label=label)
    finally:
        database.close()
    if json:
        as_json({"AccessKeyId": key.access_key_id, "SecretAccessKey": key.secret, "Account": key.account, "Role": role})
        return
    say(f"[default]\naws_access_key_id = {key.access_key_id}\naws_secret_access_key = {key.secret}".replace("[", "\\["))


@app.command("list")
def list_keys(
    account: Account = None, config: Config = None, data: Data = None, state: State = None, json: Json = False
) -> None:
    """List access keys, without their secrets."""
    _, database, keys = _open(config, data, state)
    try:
        found = keys.listed(account)
    finally:
        database.close()
    if json:
        as_json([key._asdict() for key in found])
        return
    rows = [(key.access_key_id, key.account, key.role, key.app_id, key.label, iso_ms(key.created_ms)) for key in found]
    table(["ACCESS KEY", "ACCOUNT", "ROLE", "PROJECT", "LABEL", "CREATED"], rows)


@app.command()
def revoke(
    access_key_id: Annotated[str, typer.Argument(help="The key to revoke.")],
    account: Account = None,
    config: Config = None,
    data: Data = None,
    state: State = None,
) -> None:
    """Revoke an access key; a running server refuses it within two seconds."""
    _, database, keys = _open(config, data, state)
    try:
        keys.revoke(access_key_id, account)
    finally:
        database.close()
    say(f"revoked {access_key_id}")


def _open(config: str | None, data: str | None, state: str | None) -> tuple[Settings, Database, AccessKeys]:
    from clarion.core.ids import SystemIds
    from clarion.domain.apps.keys import AccessKeys
    from clarion.server.stores import open_state
    from clarion.store.migrate import migrate

    log_warnings()
    settings = load({"data": data, "state": state}, config=config)
    database = open_state(settings)
    migrate(database)
    return settings, database, AccessKeys(database, clock=SystemClock(), ids=SystemIds())
