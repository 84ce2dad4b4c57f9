"""`clarion secrets` and what `clarion doctor` says of credentials that do not open."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.engine.jobs import Jobs
from clarion.server.stores import open_state
from clarion.shapes.pinpoint import GCMChannelRequest
from clarion.store.migrate import migrate
from clarion.store.vault import open_vault
from tests.cli.test_commands import clarion

OLD, NEW, OTHER = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n", b"x"))


def configured(data: Path) -> None:
    """A state database with one channel, sealed by the old key."""
    database, clock, ids = open_state(Settings(data=str(data))), SystemClock(), SystemIds()
    try:
        migrate(database)
        apps = Apps(database, Tags(database), Jobs(database, clock), clock=clock, ids=ids)
        scope = Scope("000000000001", "us-east-1")
        app_id = apps.create(scope, "shop", None).app.id
        channels = Channels(database, apps, open_vault(database, ids, OLD), clock=clock)
        channels.update(scope, app_id, "GCM", GCMChannelRequest(api_key="key-of-gcm"), "me")
    finally:
        database.close()


def doctor(data: Path, key: str) -> dict[str, str]:
    """What the doctor finds of credentials."""
    said = clarion("doctor", "--json", data=data, CLARION_SECRETS_KEY=key).stdout
    [finding] = [finding for finding in json.loads(said) if finding["Check"] == "credentials"]
    return dict(finding)


def test_a_key_is_replaced(tmp_path: Path) -> None:
    configured(tmp_path)
    assert (
        doctor(tmp_path, f"{NEW},{OLD}")["Detail"]
        == "1 channels, providers, sending domains and destinations have some, all open, 1 by an older key"
    )
    done = clarion("secrets", "reseal", "--json", data=tmp_path, CLARION_SECRETS_KEY=f"{NEW},{OLD}")
    assert json.loads(done.stdout) == {"Found": 1, "Resealed": 1, "Closed": []}
    assert doctor(tmp_path, NEW)["State"] == "well"


def test_what_does_not_open_is_said(tmp_path: Path) -> None:
    configured(tmp_path)
    done = clarion("secrets", "reseal", data=tmp_path, CLARION_SECRETS_KEY=OTHER)
    assert done.returncode == 1
    whose = "channels, providers, sending domains and destinations"
    assert done.stdout == f"1 {whose} have credentials, 0 of them are sealed anew\n"
    assert "secrets_key: key " in done.stderr
    assert "channel GCM of project" in done.stderr
    assert doctor(tmp_path, OTHER)["State"] == "ill"
    wrong = doctor(tmp_path, "short")
    assert (wrong["State"], wrong["Detail"]) == ("ill", "secrets_key: key 1 must be 32 bytes in base64")
    assert "key-of-gcm" not in done.stdout + done.stderr
