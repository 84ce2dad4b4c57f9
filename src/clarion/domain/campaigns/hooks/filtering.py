"""Calling a hook for the people of a page, 50 at a time, and what its answer means for each of them.

Whoever is left out gets nothing, and that is the hook's word, no failure. A batch that brings no usable answer has
failed for everybody in it. Changes are for this message only; nothing is stored. Source: spec of campaigns, section 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels.calls.port import CalloutFailed, parts
from clarion.channels.calls.service import Callout
from clarion.channels.push.services import SERVICES
from clarion.domain.messaging.content.custom import endpoint_document, send_document
from clarion.domain.messaging.model import Enricher, Refusal, Send, Turn
from clarion.shapes.pinpoint import CampaignHook, DirectMessageConfiguration

OVERRIDABLE = SERVICES | {"SMS"}
"""Channel types whose title and body a hook may replace."""

_LEFT_OUT = Refusal("hook", "the campaign hook left the endpoint out")

_encode = msgspec.json.Encoder().encode

Answer = Mapping[str, Any]


def filtering(callout: Callout, hook: CampaignHook, message: DirectMessageConfiguration, scheduled_ms: int) -> Enricher:
    """Asks the hook about everybody whom nothing has refused yet. `scheduled_ms` (Unix ms) is when the run was due."""
    destination = hook.web_url or hook.lambda_function_name or ""

    def enrich(send: Send, turns: Sequence[Turn]) -> None:
        about = {"MessageConfiguration": message, **send_document(send, scheduled_ms)}
        batches = parts([turn for turn in turns if turn.refusal is None])
        if hook.mode == "DELIVERY":
            failed = CalloutFailed("a hook's Mode DELIVERY delivers nothing any more: use a custom channel")
            answers: list[Answer | CalloutFailed] = [failed] * len(batches)
        else:
            answers = callout.batch([_calling(callout, destination, about, batch) for batch in batches])
        for batch, answer in zip(batches, answers, strict=True):
            for turn in batch:
                if isinstance(answer, CalloutFailed):
                    turn.refusal = Refusal("hook", answer.reason, "HOOK_FAILURE")
                else:
                    _apply(turn, answer.get(turn.endpoint.id))

    return enrich


def _calling(
    callout: Callout, destination: str, about: Mapping[str, Any], batch: Sequence[Turn]
) -> Callable[[], Answer]:
    def call() -> Answer:
        endpoints = {
            turn.endpoint.id: msgspec.Raw(endpoint_document(about["ApplicationId"], turn.endpoint)) for turn in batch
        }
        payload = _encode({**about, "Endpoints": endpoints})
        return _read(callout.call(destination, payload, app_id=about["ApplicationId"]), endpoints.keys())

    return call


def _read(body: bytes, asked: Any) -> Answer:
    """The endpoints of an answer, by id; also of one that returns the whole request."""
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise CalloutFailed(f"the hook's answer is not JSON: {error}", final=True) from error
    if isinstance(answer, dict) and isinstance(answer.get("Endpoints"), dict) and "Endpoints" not in asked:
        answer = answer["Endpoints"]
    if not isinstance(answer, dict):
        raise CalloutFailed("the hook's answer is not an object with endpoints", final=True)
    return answer


def _apply(turn: Turn, given: Any) -> None:
    """What the answer says of one endpoint, None when it says nothing."""
    if not isinstance(given, dict):
        turn.refusal = _LEFT_OUT
        return
    variables = turn.variables
    variables["Attributes"] = {**variables["Attributes"], **_lists(given.get("Attributes"))}
    for group in ("Metrics", "Demographic", "Location"):
        variables[group] = {**variables[group], **_scalars(given.get(group))}
    user = given.get("User")
    if isinstance(user, dict):
        known = variables["User"]
        variables["User"] = {
            **known,
            "UserAttributes": {**known["UserAttributes"], **_lists(user.get("UserAttributes"))},
        }
    if turn.endpoint.channel_type in OVERRIDABLE:
        turn.title = _text(given.get("TitleOverride"), turn.title)
        turn.body = _text(given.get("BodyOverride"), turn.body)


def _lists(given: Any) -> dict[str, list[str]]:
    """Attributes as lists of strings, numbers in them written out; what is neither is left out."""
    if not isinstance(given, dict):
        return {}
    found = {}
    for name, values in given.items():
        listed = values if isinstance(values, list) else [values]
        found[name] = [_written(one) for one in listed if isinstance(one, str | int | float)]
    return found


def _scalars(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        return {}
    return {name: value for name, value in given.items() if isinstance(value, str | int | float)}


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else _encode(value).decode()


def _text(given: Any, known: str | None) -> str | None:
    return given if isinstance(given, str) else known
