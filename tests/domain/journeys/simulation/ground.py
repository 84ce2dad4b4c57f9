"""What every simulation begins with: a migrated database with a project, its channels and templates, in memory."""

from __future__ import annotations

import functools
import sqlite3
import tempfile
from contextlib import closing
from typing import NamedTuple

from clarion.core.clock import VirtualClock, from_ms
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.kinds import KINDS
from clarion.domain.templates.service import Templates
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import (
    DefaultPushNotificationTemplate,
    EmailChannelRequest,
    EmailTemplateRequest,
    GCMChannelRequest,
    PushNotificationTemplateRequest,
    SMSChannelRequest,
    SMSTemplateRequest,
)
from clarion.store.database import Database, open_database
from clarion.store.migrate import migrate
from clarion.store.vault import Vault, open_vault

SCOPE = Scope("123456789012", "eu-central-1")
SETTINGS = Settings()
TEMPLATE = "greeting"
BEGIN_MS = 1_798_761_600_000
CACHE = TemplateCache()

_TEXTS = {
    "EMAIL": EmailTemplateRequest(subject="Hello", text_part="Hello {{User.UserId}}"),
    "SMS": SMSTemplateRequest(body="Hello"),
    "PUSH": PushNotificationTemplateRequest(default=DefaultPushNotificationTemplate(title="Hello", body="Hello")),
}


class Ground(NamedTuple):
    """The database, what opens its secrets, and the project's id."""

    kept: sqlite3.Connection
    vault: Vault
    app_id: str


@functools.cache
def ground() -> Ground:
    """Made once."""
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(f"sqlite:///{folder}/state.db")
        migrate(opened)
        vault = open_vault(opened, SeededIds(1), "")
        app_id = _project(opened, vault)
        opened.close()
        with closing(sqlite3.connect(f"{folder}/state.db")) as file:
            file.execute("PRAGMA journal_mode = DELETE")
            file.execute("DELETE FROM ingest_log")
            file.execute("DELETE FROM jobs")
            file.commit()
            file.execute("PRAGMA page_size = 1024")
            file.execute("VACUUM")
            file.backup(kept)
    # What the simulation itself notes: messages that left, and people who were erased, with their entries and the
    # newest row of the log then.
    kept.execute("CREATE TABLE handed (message_id, channel, group_id, at_ms, body)")
    kept.execute("CREATE TABLE erased (participant, entries, log_id)")
    return Ground(kept, vault, app_id)


def _project(database: Database, vault: Vault) -> str:
    clock, ids, tags = VirtualClock(from_ms(BEGIN_MS)), SeededIds(2), Tags(database)
    apps = Apps(database, tags, Jobs(database, clock), clock=clock, ids=ids)
    channels = Channels(database, apps, vault, clock=clock)
    app_id = apps.create(SCOPE, "simulated", None).app.id
    identity = f"arn:aws:ses:{SCOPE.region}:{SCOPE.account}:identity/example.com"
    email = EmailChannelRequest(from_address="shop@example.com", identity=identity)
    channels.update(SCOPE, app_id, "EMAIL", email, "simulation")
    channels.update(SCOPE, app_id, "SMS", SMSChannelRequest(enabled=True), "simulation")
    channels.update(SCOPE, app_id, "GCM", GCMChannelRequest(api_key="key"), "simulation")
    templates = Templates(database, tags, clock, CACHE)
    for name, texts in _TEXTS.items():
        templates.create(SCOPE, name, TEMPLATE, templates.read(SCOPE, KINDS[name], texts), None)
    return app_id
