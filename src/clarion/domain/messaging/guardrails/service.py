"""What the gates need to know of the people of a page, for the guardrails that their project has switched on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from clarion.core.clock import HOUR_MS, Clock
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.service import Audience
from clarion.domain.events.figures import Figures
from clarion.domain.messaging.guardrails.control_group import in_control_group, person_of
from clarion.domain.messaging.guardrails.frequency import Person, Rule, Tally, before, rules_of
from clarion.shapes.pinpoint import ApplicationSettingsResource
from clarion.store import secrets
from clarion.store.database import Database

_SECRET = "control-group"  # noqa: S105 - the name of one

Cancelled = Callable[[str, int], Collection[str]]
"""Runs of an app that were cancelled since a time (Unix ms): what they had planned was taken back."""


class Guardrails:
    """The guardrails of every app. `cancelled` is told by those that have runs."""

    def __init__(
        self, database: Database, apps: Apps, audience: Audience, figures: Figures, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._apps = apps
        self._audience = audience
        self._figures = figures
        self._clock = clock
        self._ids = ids
        self._secret: bytes | None = None
        self._cancelled: list[Cancelled] = []

    def cancelled(self, runs: Cancelled) -> None:
        """Have `runs` tell whose planned messages do not count."""
        self._cancelled.append(runs)

    def control_group(self, settings: ApplicationSettingsResource, endpoints: Iterable[Endpoint]) -> frozenset[str]:
        """The keys of those endpoints whose people are in the project's control group."""
        percent = percent_of(settings)
        if not percent:
            return frozenset()
        return frozenset(one.key for one in endpoints if self.drawn(settings.application_id, person_of(one), percent))

    def drawn(self, app_id: str, person: str, percent: int) -> bool:
        """Whether a person is in a control group of that size."""
        if self._secret is None:
            self._secret = secrets.get(self._database, self._ids, _SECRET)
        return in_control_group(self._secret, app_id, person, percent)

    def is_member(self, scope: Scope, app_id: str, person: str) -> tuple[int, bool]:
        """The size of a project's control group in percent (0: there is none), and whether a person is in it."""
        percent = percent_of(self._apps.settings(scope, app_id))
        return percent, bool(percent) and self.drawn(app_id, person, percent)

    def person(self, scope: Scope, app_id: str, endpoint_id: str) -> str:
        """Who is drawn for an endpoint. Raises NotFound."""
        return person_of(self._audience.get(scope, app_id, endpoint_id))

    def tally(self, settings: ApplicationSettingsResource, endpoints: Sequence[Endpoint]) -> Tally | None:
        """What these got in the times that the project's frequency caps look back on; None without caps.

        All that was planned before is counted: what is in no outcome yet is in the record as planned.
        """
        rules = rules_of(settings.frequency_caps)
        if not rules or not endpoints:
            return None
        app_id = settings.application_id
        people = [Person(one.key, one.user_id) for one in endpoints]
        of_user = self._of_users(app_id, rules, people)
        keys = sorted({one.key for one in people}.union(*of_user.values()))
        now_ms = self._clock.now_ms()
        oldest = now_ms - max(rule.hours for rule in rules) * HOUR_MS
        cancelled = {run for told in self._cancelled for run in told(app_id, oldest)}
        spans = [(now_ms - rule.hours * HOUR_MS, rule.channels) for rule in rules]
        self._figures.catch_up()
        counts = self._figures.sent_since(app_id, keys, spans, cancelled)
        shared = {user for user, keys_of in of_user.items() if len(keys_of) > 1}
        return Tally(rules, before(rules, people, counts, of_user), shared)

    def _of_users(self, app_id: str, rules: Sequence[Rule], people: Sequence[Person]) -> dict[str, list[str]]:
        """The keys of all endpoints of these users, when a rule asks for them."""
        if not any(rule.per_user for rule in rules):
            return {}
        return self._audience.keys_of_users(app_id, {one.user_id for one in people if one.user_id})


def percent_of(settings: ApplicationSettingsResource) -> int:
    """The size of a project's control group, 0 without one."""
    return (settings.control_group.percent if settings.control_group else 0) or 0
