"""Which events came in lately, so that a client's retry is answered again and stored once.

In memory and bounded: this process remembers for `SECONDS`, or under heavy load for as long as `MOST_BYTES` last.
An event is remembered from the moment it is taken in hand. A repeat that arrives while the first is still being
written waits for it, and shares its fate: so nothing is called accepted that is not stored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Set

from clarion.core.clock import perf_seconds
from clarion.core.errors import Unavailable

SECONDS = 300.0
MOST_BYTES = 128_000_000

# What a remembered event id and the set it is in take, about.
_ID_BYTES = 130
_SET_BYTES = 400

Key = tuple[str, str]
"""App id and endpoint key."""


class Claim:
    """The events that one request has in hand, and the claims whose events it repeats."""

    def __init__(self) -> None:
        self.ids: dict[Key, set[str]] = {}
        self.repeats: list[Claim] = []
        self.settled = False
        self.error: BaseException | None = None
        self.followers: list[Follower] = []


class Follower:
    """A call that waits for `left` claims to be settled."""

    def __init__(self, claims: list[Claim], call: Callable[[BaseException | None], None]) -> None:
        self.claims = claims
        self.left = 0
        self._call = call

    def run(self) -> None:
        self._call(next((claim.error for claim in self.claims if claim.error is not None), None))


class RecentEvents:
    """The memory of one process; safe for any number of threads."""

    def __init__(self, *, seconds: float = SECONDS, most_bytes: int = MOST_BYTES) -> None:
        self._half_seconds = seconds / 2
        self._half_bytes = most_bytes // 2
        self._lock = threading.Lock()
        self._young: dict[Key, set[str]] = {}
        self._old: dict[Key, set[str]] = {}
        self._young_bytes = 0
        self._turned = perf_seconds()
        self._in_hand: dict[Key, list[Claim]] = {}

    def claim(self, claim: Claim, key: Key, ids: Set[str]) -> set[str]:
        """Take `ids` of one endpoint in hand, but for those that are known already: these are answered."""
        with self._lock:
            self._turn()
            known = {event for half in (self._young, self._old) if (had := half.get(key)) for event in had & ids}
            if known:
                claim.repeats += [
                    other
                    for other in self._in_hand.get(key, ())
                    if other is not claim and not known.isdisjoint(other.ids[key])
                ]
            taken = set(ids)
            taken -= known
            if taken:
                self._remember(key, taken)
                if key not in claim.ids:
                    claim.ids[key] = taken
                    self._in_hand.setdefault(key, []).append(claim)
                else:
                    claim.ids[key] |= taken
        return known

    def release(self, claim: Claim, key: Key, ids: Iterable[str]) -> None:
        """Forget events of a claim that are refused after all; who repeats the claim shall try again."""
        with self._lock:
            claim.error = Unavailable("a repeated event was not stored, try again")
            self._discard(key, ids)

    def settle(self, claim: Claim, error: BaseException | None = None) -> None:
        """Let go of a claim whose events are stored now, or with `error` are not and never will be."""
        with self._lock:
            claim.settled, claim.error = True, error or claim.error
            for key, ids in claim.ids.items():
                claims = self._in_hand[key]
                claims.remove(claim)
                if not claims:
                    del self._in_hand[key]
                if error is not None:
                    self._discard(key, ids)
            for follower in claim.followers:
                follower.left -= 1
            ready = [follower for follower in claim.followers if follower.left == 0]
        for follower in ready:
            follower.run()

    def after(self, claim: Claim, call: Callable[[BaseException | None], None]) -> None:
        """Call `call` when all that `claim` repeats has been settled, with the error of one that failed."""
        follower = Follower(claim.repeats, call)
        with self._lock:
            for other in claim.repeats:
                if not other.settled:
                    follower.left += 1
                    other.followers.append(follower)
            waits = follower.left > 0
        if not waits:
            follower.run()

    def _remember(self, key: Key, ids: set[str]) -> None:
        had = self._young.get(key)
        if had is None:
            self._young[key] = set(ids)
            self._young_bytes += _SET_BYTES
        else:
            had |= ids
        self._young_bytes += _ID_BYTES * len(ids)

    def _discard(self, key: Key, ids: Iterable[str]) -> None:
        for half in (self._young, self._old):
            if had := half.get(key):
                had.difference_update(ids)

    def _turn(self) -> None:
        """Forget the older half when the younger one has become old or large enough."""
        now = perf_seconds()
        if self._young_bytes < self._half_bytes and now - self._turned < self._half_seconds:
            return
        self._old, self._young = self._young, {}
        self._young_bytes = 0
        self._turned = now
