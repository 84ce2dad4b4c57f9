"""What a push service answered, as the result of one target. Source: spec of direct messages, 3.1 and 3.2.

Programs match on `StatusCode` 410, or look for the service's words in `StatusMessage`: JSON text whose
`pushProviderResponse` is the service's answer itself. Pinpoint's code and the service's differ.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from clarion.channels.port import Gone, Moved, Outcome
from clarion.channels.push.services import answers
from clarion.domain.messaging.direct.round import Result, push_status
from clarion.domain.messaging.outcomes import HANDED_OVER
from clarion.shapes.pinpoint import DeliveryStatus

_BAD_TOKENS = frozenset(("BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken", "UNREGISTERED"))
"""Errors that Pinpoint tells as 410. FCM's INVALID_ARGUMENT and SENDER_ID_MISMATCH are 400, bad token or not."""
_NOT_GONE = frozenset(("INVALID_ARGUMENT", "SENDER_ID_MISMATCH", "MismatchSenderId"))


def result_of(channel: str, accepted: Result, outcome: Outcome) -> Result:
    """The result of a target whose message was `accepted`, now that its service has answered."""
    said = _Said.of(outcome)
    status, code = _pair(outcome, said)
    if status == "SUCCESSFUL":
        named = outcome.provider_message_id or accepted.message_id or ""
        told = {"pushProviderStatusCode": said.code or "200", "pushProviderMessageId": named}
    else:
        told = {
            "errorMessage": _message(code, outcome),
            "pushProviderStatusCode": said.code,  # "" when it never answered
            "pushProviderError": said.text or said.word,
            "pushProviderResponse": said.body,
        }
    moved = next((fact.address for fact in outcome.events if isinstance(fact, Moved)), None)
    text = push_status(channel, **{name: value for name, value in told.items() if value})
    return msgspec.structs.replace(accepted, status=status, code=code, text=text, updated_token=moved)


class _Said(NamedTuple):
    """A service's own answer: its HTTP status, its body, the word it has for the error, its sentence about it."""

    code: str
    body: str
    word: str
    text: str

    @classmethod
    def of(cls, outcome: Outcome) -> _Said:
        code, error, body = answers.told(outcome)
        try:
            word, text = _error(msgspec.json.decode(body))
        except (msgspec.DecodeError, RecursionError):
            word, text = "", ""
        return cls(code, body, word or error, text)


def _error(found: Any) -> tuple[str, str]:
    """Word and sentence of an error in the forms that services have: Apple's and Amazon's, Google's, Baidu's."""
    if not isinstance(found, dict):
        return "", ""
    error = found.get("error")
    if isinstance(error, dict):
        details = error.get("details")
        words = [one.get("errorCode") for one in details if isinstance(one, dict)] if isinstance(details, list) else []
        word = next((word for word in words if word), None) or error.get("status") or ""
        return str(word), str(error.get("message") or "")
    word = found.get("reason") or error or found.get("error_code") or ""
    return str(word), str(found.get("error_msg") or found.get("error_description") or "")


def _pair(outcome: Outcome, said: _Said) -> tuple[DeliveryStatus, int]:
    if outcome.status in HANDED_OVER:
        return "SUCCESSFUL", 200
    if outcome.status == "throttled":
        return "THROTTLED", 429
    if outcome.blame == "credentials":
        return "PERMANENT_FAILURE", 400
    if outcome.status == "temporary":
        return ("UNKNOWN_FAILURE" if outcome.uncertain else "TEMPORARY_FAILURE"), 500
    gone = any(isinstance(fact, Gone) for fact in outcome.events)
    bad = said.word in _BAD_TOKENS or (gone and said.word not in _NOT_GONE)
    return "PERMANENT_FAILURE", 410 if bad else 400


def _message(code: int, outcome: Outcome) -> str:
    if code == 410:
        return "Unregistered or expired token"
    if outcome.blame == "credentials":
        return "The credentials of the channel were refused"
    if outcome.status == "permanent":
        return "Invalid notification"
    return "Too many notifications" if code == 429 else "The notification was not delivered"
