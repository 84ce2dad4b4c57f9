"""Asking a model what to recommend to whom, and a function what to make of it.

    people ──→ ids, each once ──→ model ──→ items ──→ function (50 endpoints a call) ──→ attributes

One person's failure is theirs alone; that of a call is everybody's in it. Source: spec of recommenders, 4 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from clarion.channels.calls.port import CalloutFailed, parts
from clarion.channels.calls.service import Callout, is_url
from clarion.domain.recommenders.model import MOST_CHARACTERS, Recommender

ITEMS, ATTRIBUTES = "RecommendationItems", "Recommendations"
"""The variables of messages."""


class Person(NamedTuple):
    """One endpoint to be recommended something; `document` is what functions are told of it, JSON."""

    endpoint_id: str
    user_id: str
    document: bytes


class Found(NamedTuple):
    """What messages can name because of it, nothing when nothing is recommended; or why that is not known."""

    variables: Mapping[str, Any] = {}
    failed: str = ""


class _Answer(msgspec.Struct):
    """What a URL answers that is no model of Amazon's."""

    recommendations: dict[str, list[str]]


_answer = msgspec.json.Decoder(_Answer).decode
_encode = msgspec.json.Encoder().encode


def ask(callout: Callout, config: Recommender, people: Sequence[Person], about: Mapping[str, Any]) -> list[Found]:
    """What is found for each of the people, in order. Never raises for one of them."""
    asked = [person.user_id if config.by_user else person.endpoint_id for person in people]
    known = _items(callout, config, list(dict.fromkeys(filter(None, asked))))
    found: list[Found] = []
    for identity in asked:
        if not identity:
            found.append(Found(failed="the model wants a user id, and the endpoint has none"))
            continue
        items = known[identity]
        if isinstance(items, str):
            found.append(Found(failed=items))
        else:
            found.append(Found({ITEMS: items} if items else {}))
    if config.transformer:
        wanting = [number for number, one in enumerate(found) if one.variables]
        told = [(people[number], found[number].variables[ITEMS]) for number in wanting]
        for number, one in zip(wanting, _transformed(callout, config, told, about), strict=True):
            found[number] = one
    return found


def _items(callout: Callout, config: Recommender, identities: Sequence[str]) -> dict[str, list[str] | str]:
    """Items for each id, or what went wrong."""
    if is_url(config.provider):
        asked = parts(identities)
        answers = callout.batch([_posting(callout, config, part) for part in asked])
    else:
        asked = parts(identities, 1)
        answers = callout.batch([_recommending(callout, config, identity) for identity in identities])
    found: dict[str, list[str] | str] = {}
    for part, answer in zip(asked, answers, strict=True):
        for identity in part:
            found[identity] = (
                answer.reason
                if isinstance(answer, CalloutFailed)
                else _checked(answer.get(identity, [])[: config.items])
            )
    return found


def _checked(items: list[str]) -> list[str] | str:
    if any(len(item) > MOST_CHARACTERS for item in items):
        return f"a recommended item has more than {MOST_CHARACTERS} characters"
    return items


def _recommending(callout: Callout, config: Recommender, identity: str) -> Callable[[], Mapping[str, list[str]]]:
    return lambda: {identity: callout.recommend(config.provider, identity, config.items)}


def _posting(callout: Callout, config: Recommender, identities: Sequence[str]) -> Callable[[], Mapping[str, list[str]]]:
    def call() -> Mapping[str, list[str]]:
        body = callout.call(config.provider, _encode({"userIds": identities, "numResults": config.items}))
        try:
            return _answer(body).recommendations
        except (msgspec.MsgspecError, RecursionError) as error:
            raise CalloutFailed(f"the model's answer cannot be read: {error}", final=True) from error

    return call


def _transformed(
    callout: Callout, config: Recommender, told: Sequence[tuple[Person, list[str]]], about: Mapping[str, Any]
) -> list[Found]:
    """What a function makes of people and their items, in order."""
    asked = parts(told)
    answers = callout.batch([_transforming(callout, config, part, about) for part in asked])
    found: list[Found] = []
    for part, answer in zip(asked, answers, strict=True):
        for person, items in part:
            if isinstance(answer, CalloutFailed):
                found.append(Found(failed=answer.reason))
            else:
                found.append(_attributes(config, answer.get(person.endpoint_id), items))
    return found


def _transforming(
    callout: Callout, config: Recommender, part: Sequence[tuple[Person, list[str]]], about: Mapping[str, Any]
) -> Callable[[], Mapping[str, Any]]:
    def call() -> Mapping[str, Any]:
        endpoints = {person.endpoint_id: _with_items(person.document, items) for person, items in part}
        body = callout.call(config.transformer or "", _encode({**about, "Endpoints": endpoints}))
        try:
            answer = msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise CalloutFailed(f"the function's answer is not JSON: {error}", final=True) from error
        if isinstance(answer, dict) and isinstance(answer.get("Endpoints"), dict) and "Endpoints" not in endpoints:
            answer = answer["Endpoints"]
        if not isinstance(answer, dict):
            raise CalloutFailed("the function's answer is not an object with endpoints", final=True)
        return answer

    return call


def _with_items(document: bytes, items: list[str]) -> dict[str, Any]:
    endpoint: dict[str, Any] = msgspec.json.decode(document)
    return {**endpoint, ITEMS: items}


def _attributes(config: Recommender, endpoint: Any, items: list[str]) -> Found:
    """The attributes of one endpoint of an answer, wherever in it they stand."""
    given = _within(endpoint)
    if given is None:
        return Found(failed="the function's answer has no Recommendations for the endpoint")
    names = config.attributes or {}
    if not given or len(given) > len(names) or not given.keys() <= names.keys():
        return Found(failed=f"the function's Recommendations must be named as configured: {', '.join(sorted(names))}")
    if not all(isinstance(value, str) or _is_texts(value) for value in given.values()):
        return Found(failed="the function's Recommendations must be strings or lists of strings")
    return Found({ITEMS: items, ATTRIBUTES: given})


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _within(endpoint: Any) -> dict[str, Any] | None:
    """The first object called Recommendations, outermost first."""
    level = [endpoint]
    while level:
        following: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                if isinstance(value.get(ATTRIBUTES), dict):
                    inner: dict[str, Any] = value[ATTRIBUTES]
                    return inner
                following += value.values()
            elif isinstance(value, list):
                following += value
        level = following
    return None
