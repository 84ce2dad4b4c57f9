"""What the suite over all providers stands on: a provider's transport, its peer at the other end, and how that behaves.

A provider joins with a `Stage`, made of the fake that its own tests have, and a line in `test_promises.STAGES`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Literal

Mood = Literal["well", "away", "ill", "stranger", "busy", "hangs", "cuts"]
"""How the peer behaves: takes everything, is not there, cannot just now, does not let us in, wants us to slow down,
never answers a message, ends the connection instead of answering one."""

PATIENCE = 0.4
"""Seconds that a transport waits for a peer that hangs."""


@dataclasses.dataclass(frozen=True)
class Scene:
    """A transport that is not open yet, and `arrived`: how many messages the peer has taken."""

    transport: Any
    arrived: Callable[[], int]


Play = Callable[[Mood, Path], AbstractAsyncContextManager[Scene]]


@dataclasses.dataclass(frozen=True)
class Stage:
    """`messages(count, start)` are well-formed and each another one, `broken` is one that cannot be sent. Of moods that
    are not in `moods` the protocol knows nothing. `secrets` are in the config and must not be told. `blames` is what a
    peer's illness is put down to, `strangers` that it does not let us in."""

    name: str
    play: Play
    messages: Callable[[int, int], Sequence[Any]]
    broken: Callable[[], Any] | None
    moods: frozenset[Mood]
    secrets: Sequence[str] = ()
    blames: Literal["provider", "message"] = "provider"
    strangers: Literal["credentials", "message"] = "credentials"
