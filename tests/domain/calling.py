"""A stand-in for `channels.calls`: answers from functions of the test, keeps what was asked, and calls nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from clarion.channels.calls.port import CalloutFailed

T = TypeVar("T")


class FakeCallout:
    """See `clarion.channels.calls.service.Callout`. `answer` takes the decoded payload and may raise CalloutFailed;
    bytes go out as they are, everything else as JSON."""

    def __init__(
        self,
        answer: Callable[[Any], Any] = lambda payload: {},
        items: Callable[[str], list[str]] = lambda user_id: [],
    ) -> None:
        self.answer = answer
        self.items = items
        self.called: list[tuple[str, Any]] = []
        self.asked: list[tuple[str, str, int]] = []

    def call(self, uri: str, payload: bytes, *, app_id: str = "") -> bytes:
        decoded = msgspec.json.decode(payload)
        self.called.append((uri, decoded))
        answer = self.answer(decoded)
        return answer if isinstance(answer, bytes) else msgspec.json.encode(answer)

    def recommend(self, model: str, user_id: str, count: int) -> list[str]:
        self.asked.append((model, user_id, count))
        return self.items(user_id)[:count]

    def batch(self, calls: Sequence[Callable[[], T]]) -> list[T | CalloutFailed]:
        found: list[T | CalloutFailed] = []
        for call in calls:
            try:
                found.append(call())
            except CalloutFailed as error:
                found.append(error)
        return found
