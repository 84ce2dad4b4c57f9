"""Where a process keeps things: the state database and the columnar store that the settings name.

Without URLs both live in the data folder, which belongs to its owner alone.
"""

from __future__ import annotations

from pathlib import Path

from clarion.core.errors import Unavailable
from clarion.core.settings import Settings
from clarion.domain.analytics.charts.activity.kept import ACTIVITY
from clarion.domain.analytics.charts.activity.sealing import SESSIONS
from clarion.domain.analytics.kept import MESSAGES
from clarion.domain.audience import columnar as audience
from clarion.domain.events import columnar as events
from clarion.domain.journeys.metrics import columnar as moves
from clarion.domain.segments import columnar as segments
from clarion.store.columnar import Columnar, derived, open_columnar
from clarion.store.database import Database, open_database

DERIVED = (MESSAGES, ACTIVITY, SESSIONS)
"""Tables of figures that are filled from the record of events."""


def data_folder(settings: Settings) -> Path:
    """The data folder, made on first use. Raises Unavailable when it cannot be."""
    folder = Path(settings.data).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unavailable(f"the data folder {folder} cannot be made: {error.strerror}") from error
    return folder


def state_url(settings: Settings) -> str:
    """The URL of the state database."""
    return settings.state or f"sqlite:///{data_folder(settings) / 'state.sqlite'}"


def events_url(settings: Settings) -> str:
    """The URL of the columnar store."""
    return settings.events or f"chdb://{data_folder(settings) / 'events'}"


def open_state(settings: Settings) -> Database:
    """The state database."""
    return open_database(state_url(settings))


def open_events(settings: Settings) -> Columnar:
    """The columnar store."""
    return open_columnar(events_url(settings))


def create_tables(columnar: Columnar, events_days: int) -> None:
    """Create the tables of the columnar store, or bring those of before to what they are now; `events_days` is how
    long events are kept. What is filled from another table comes after it."""
    for statement in (*audience.DDL, *events.ddl(events_days), *segments.DDL, *moves.ddl()):
        columnar.command(statement)
    for one in DERIVED:
        derived.create(columnar, one, events_days)
