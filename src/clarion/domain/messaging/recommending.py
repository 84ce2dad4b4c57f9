"""Recommendations in messages: asked for when a template names them, for everybody whose turn has come.

Nothing is remembered: each page asks anew, by the configuration as it is then. Whoever the recommender fails for gets
no message, with the reason; for whom it knows nothing, the template's defaults serve. Direct messages never ask.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from clarion.core.scope import Scope
from clarion.domain.messaging.content.composing import PUSH, Said
from clarion.domain.messaging.content.custom import endpoint_document, send_document
from clarion.domain.messaging.model import Enricher, Refusal, Send, Turn
from clarion.domain.recommenders.asking import Person
from clarion.domain.recommenders.service import Recommenders
from clarion.domain.templates.model import Content
from clarion.domain.templates.sources import texts

_VARIABLE = re.compile(r"\{\{[^}]*\b(?:RecommendationItems|Recommendations)\b")
_CHANNELS = {"EMAIL": ("EMAIL",), "SMS": ("SMS",), "PUSH": tuple(PUSH)}
"""Kinds of templates that may have recommendations → the channel types they speak to."""
_NOT_SAID = frozenset({"default_substitutions", "description", "recommender_id"})


def recommender_of(template: Content[Any]) -> str:
    """The recommender to ask before this template is rendered; '' when it has none, or needs nothing of it."""
    named = template.recommender_id
    if not named:
        return ""
    sources = [*_sources(template), *template.sources.partials.values()]
    return named if any(map(_VARIABLE.search, sources)) else ""


def recommenders_of(said: Said) -> dict[str, str]:
    """Recommenders by channel type, of those templates that name recommendations."""
    return {
        channel: named
        for kind, channels in _CHANNELS.items()
        if (template := said.templates.get(kind)) is not None and (named := recommender_of(template))
        for channel in channels
    }


def recommending(recommenders: Recommenders, by_channel: Mapping[str, str], scheduled_ms: int) -> Enricher:
    """Asks for those whose channel type has a recommender. `scheduled_ms` (Unix ms) is when the run was due."""

    def enrich(send: Send, turns: Sequence[Turn]) -> None:
        waiting: dict[str, list[Turn]] = defaultdict(list)
        for turn in turns:
            if turn.refusal is None and (named := by_channel.get(turn.endpoint.channel_type)):
                waiting[named].append(turn)
        scope, about = Scope(send.account, send.region), send_document(send, scheduled_ms)
        for recommender_id, asking in waiting.items():
            people = [_person(send.app_id, turn) for turn in asking]
            found = recommenders.recommend(scope, recommender_id, people, about)
            for turn, one in zip(asking, found, strict=True):
                turn.variables.update(one.variables)
                if one.failed:
                    turn.refusal = Refusal("recommender", one.failed, "RECOMMENDATION_FAILURE")

    return enrich


def _person(app_id: str, turn: Turn) -> Person:
    endpoint = turn.endpoint
    return Person(endpoint.id, endpoint.user_id, endpoint_document(app_id, endpoint))


def _sources(template: Content[Any]) -> Iterator[str]:
    """All texts of a template: of its parts, its variants and the partials it shares."""
    fields = msgspec.structs.asdict(template.parts)
    yield from texts([value for name, value in fields.items() if name not in _NOT_SAID])
    yield from template.sources.partials.values()
