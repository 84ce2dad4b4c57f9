"""Outcomes of push services: where in them stands what a service said, and what their answers have in common.

Whoever tells the results to a sender (SendMessages) finds

- the service's HTTP status and its own word or sentence in `detail` ("410 Unregistered"), which `told` takes apart;
  without a status it never answered,
- the body of its answer in `response`, the words in it that programs look for in place,
- its id of the notification in `provider_message_id`,
- a refusal of our credentials as `blame="credentials"`, whatever the HTTP status.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import msgspec

from clarion.channels.port import Outcome

_DETAIL = re.compile(r"(\d{3})(?: (.*))?", re.DOTALL)
_LONGEST = 2_000
_LONGEST_WAIT_MS = 24 * 3_600_000


class Told(NamedTuple):
    """A service's answer for people and programs: HTTP status ("" if there was none), its own words, its body."""

    code: str
    error: str
    response: str


def told(outcome: Outcome) -> Told:
    """What the service said that the outcome is of."""
    found = _DETAIL.fullmatch(outcome.detail)
    if found is None:
        return Told("", outcome.detail, outcome.response)
    return Told(found[1], found[2] or "", outcome.response)


def detail(status: int, error: str) -> str:
    """The `detail` that `told` understands."""
    return f"{status} {' '.join(error.split())[:300]}".rstrip()


def text(body: bytes) -> str:
    """A body as `response`: at most 2,000 characters of it, whatever its encoding."""
    return body[: 4 * _LONGEST].decode(errors="replace")[:_LONGEST]


def members(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; empty if it is something else."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def word(found: Mapping[str, Any], name: str) -> str:
    """A member that is to be text; "" if it is missing or something else."""
    value = found.get(name)
    return value if isinstance(value, str) else ""


def retry_after_ms(headers: Mapping[str, str]) -> int | None:
    """How long the service wants to be left alone: `Retry-After` in seconds or as a date, a day at most."""
    value = (headers.get("retry-after") or "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return min(int(value) * 1_000, _LONGEST_WAIT_MS)
    try:
        wait = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date") or "")
    except (TypeError, ValueError):
        return None
    return min(max(int(wait.total_seconds() * 1_000), 0), _LONGEST_WAIT_MS)


def usual(status: int, error: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """What an HTTP status means unless a service's own words say otherwise."""
    wait = retry_after_ms(headers)
    line, response = detail(status, error), text(body)
    if status == 429:
        return Outcome("throttled", line, response, retry_after_ms=wait)
    if status in (401, 403):
        return Outcome("temporary", line, response, blame="credentials")
    if 400 <= status < 500 and status not in (404, 405, 408, 421, 425):
        return Outcome("permanent", line, response)
    # What no such service says to a request like ours (a redirect, 404 without its words) somebody in between says.
    return Outcome("temporary", line, response, blame="provider", retry_after_ms=wait)


def garbage(status: int, body: bytes) -> Outcome:
    """An answer of success that does not have the form of one: the service may have taken the message."""
    line = detail(status, "not an answer of this service; it may have been delivered")
    return Outcome("temporary", line, text(body), uncertain=True)
