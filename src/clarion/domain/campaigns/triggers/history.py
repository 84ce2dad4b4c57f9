"""What a campaign did to endpoints before, also what is on its way and not in the record of events yet.

A run that pages over a segment comes to everybody once, so the record alone tells it what came before. A window may
come to somebody twice within a second: there the answers it wrote down itself bridge the gap until the record has
them, so that limits and cool-downs are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from msgspec.structs import replace

from clarion.core.clock import DAY_MS
from clarion.domain.campaigns.triggers.store import Answer
from clarion.domain.events.figures import Figures
from clarion.domain.messaging.model import Caps, Counts


class History:
    """Earlier turns of the endpoints of one batch; grows with what the batch does to them."""

    def __init__(self, counts: dict[str, Counts] | None = None, last: dict[str, int] | None = None) -> None:
        self.counts = counts or {}
        self.last = last or {}

    def add(self, answer: Answer, *, since_ms: int) -> None:
        """An endpoint was targeted; `since_ms` begins the last 24 hours."""
        known = self.counts.get(answer.endpoint_key, Counts())
        recent = int(answer.sent and answer.at_ms >= since_ms)
        self.counts[answer.endpoint_key] = replace(
            known, app_daily=known.app_daily + recent, daily=known.daily + recent, total=known.total + 1
        )
        if answer.sent:
            self.last[answer.endpoint_key] = max(answer.at_ms, self.last.get(answer.endpoint_key, 0))


def read_history(
    figures: Figures,
    app_id: str,
    campaign_id: str,
    keys: Sequence[str],
    answers: Iterable[Answer],
    *,
    caps: Caps,
    cool_down: bool,
    now_ms: int,
) -> History:
    """What is known of these endpoints, read only as far as caps or a cool-down ask for it.

    `answers` were read before the record is: so each turn is in one of them at least.
    """
    since_ms = now_ms - DAY_MS
    history = History()
    if caps.any:
        past = figures.targeted(app_id, campaign_id, keys, since_ms)
        history.counts = {key: Counts(*counts) for key, counts in past.items()}
    if cool_down:
        history.last = figures.last_sent(app_id, campaign_id, keys)
    if caps.any or cool_down:
        for answer in _pending(answers, lambda ids: figures.recorded(app_id, ids)):
            history.add(answer, since_ms=since_ms)
    return history


def _pending(answers: Iterable[Answer], recorded: Callable[[Sequence[str]], Collection[str]]) -> list[Answer]:
    """The answers that are not in the record yet."""
    found = {answer.message_id: answer for answer in answers}
    known = recorded(list(found)) if found else ()
    return [answer for message_id, answer in found.items() if message_id not in known]
