"""One campaign of many recipients, killed with SIGKILL at random moments: what did everybody get?

An A/B test with a hold-out goes by SMTP to a relay that remembers what it took. Between kills only a process of the
stores, the engine and the lanes is started again. Moments are random: in a process that is opening (one in four), in
one that is open, and in one that has begun to send (most). The e-mail rate is set so that the run lasts about as long
as there are kills. Afterwards, for each recipient:

- exactly one outcome is recorded, in one treatment, and one `_email.send` where that outcome is success;
- the relay took a message for every success, and none for anybody who was held out; of the treatment on record;
- `skip`: it took at most one message for anybody. `resend`: also none but the same one again, by its Message-ID.

    python -m bench.crash [recipients] [kills] [skip|resend] [seed]
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

from bench import crash_life
from bench.crash_life import Campaign, Life, Seen
from bench.crash_relay import Relay

OPENING_PART = 0.25
SENDING_PART = 0.6
LIFE_SECONDS = 0.8
"""How long a process lives at most once it is open, or once it has sent its first message."""

PATIENCE_SECONDS = 4.0
"""How long it is waited for that message: there may be none, when pages are planned or all is sent."""

SENT_BY = 0.95
"""The part of the kills by which about everything shall have been handed over; the last ones hit the run's end."""


class Figures(NamedTuple):
    """What came of a run; `wrong` is empty when every promise was kept.

    `given_up`: jobs whose worker was killed as often as a job is tried; that must not keep a run from its end.
    """

    kills: int
    opening: int
    sending: int
    seconds: float
    statuses: dict[str, int]
    taken: int
    repeated: int
    given_up: int
    wrong: list[str]


class _Lives:
    """Starts processes one after the other, from a server that has everything imported."""

    def __init__(self, folder: str, relay: Relay, handover: str) -> None:
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["bench.crash_life"])
        self._folder = folder
        self._relay = relay
        self._handover = handover
        self._number = 0

    def begin(self, what: Any, *more: Any, rate: int = 0) -> tuple[BaseProcess, Any]:
        """A new process, and the end of the pipe on which it tells something."""
        self._number += 1
        ours, theirs = self._processes.Pipe(duplex=False)
        life = Life(self._folder, self._relay.port, self._number, rate, self._handover)
        process = self._processes.Process(target=what, args=(life, *more, theirs), daemon=True)
        process.start()
        theirs.close()
        return process, ours

    def whole(self, what: Any, *more: Any) -> Any:
        """What a process tells that is left to end by itself."""
        process, told = self.begin(what, *more)
        try:
            answer = told.recv()
        except EOFError:
            raise SystemExit(f"{what.__name__} ended without a word") from None
        finally:
            told.close()
            process.join(60)
        return answer


def run(recipients: int, kills: int, handover: str = "skip", seed: int = 1, folder: str | None = None) -> Figures:
    """The whole of it, in `folder` or one that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="clarion-crash-", dir=folder) as data:
        relay = Relay()
        try:
            lives = _Lives(data, relay, handover)
            begun = time.perf_counter()
            campaign: Campaign = lives.whole(crash_life.prepare, recipients)
            opening, sending = _kill(lives, relay, recipients, kills, random.Random(seed))
            seen: Seen = lives.whole(crash_life.look, campaign)
            seconds = time.perf_counter() - begun
        finally:
            relay.close()
        return _judge(recipients, relay, seen, handover)._replace(
            kills=kills, opening=opening, sending=sending, seconds=seconds
        )


def _kill(lives: _Lives, relay: Relay, recipients: int, kills: int, moments: random.Random) -> tuple[int, int]:
    """Kill so many processes; how many were opening, and how many had handed over something."""
    everybody = int(recipients * 0.9)
    opens_in, opening, sending, waiting = 1.0, 0, 0, everybody
    for number in range(kills):
        before = len(relay.taken)
        left = max(1.0, kills * SENT_BY - number)
        rate = max(1, round(waiting / left / LIFE_SECONDS))
        begun = time.perf_counter()
        process, told = lives.begin(crash_life.work, rate=rate)
        early = moments.random() < OPENING_PART and told.poll(moments.uniform(0, opens_in)) is False
        if not early:
            if not told.poll(60):
                raise SystemExit(f"process {number} did not open")
            waiting = min(waiting, told.recv() or everybody)
            opens_in = time.perf_counter() - begun
            if moments.random() < SENDING_PART / (1 - OPENING_PART):
                _wait(relay, before)
            time.sleep(moments.uniform(0, LIFE_SECONDS))
        process.kill()
        process.join(30)
        told.close()
        opening += early
        sending += before < len(relay.taken)
        if not (number + 1) % 20:
            print(f"{number + 1} kills, {len(relay.taken):,} messages at the relay", file=sys.stderr, flush=True)
    return opening, sending


def _wait(relay: Relay, before: int) -> None:
    """Until the relay takes something, if it does."""
    end = time.perf_counter() + PATIENCE_SECONDS
    while len(relay.taken) == before and time.perf_counter() < end:
        time.sleep(0.005)


def _judge(recipients: int, relay: Relay, seen: Seen, handover: str) -> Figures:
    wrong: list[str] = []
    names = {f"person{number}" for number in range(recipients)}
    found: dict[str, list[tuple[str, str, int]]] = {}
    for name, status, treatment, count in seen.outcomes:
        found.setdefault(name, []).append((status, treatment, count))
    taken = Counter(one.to.partition("@")[0] for one in relay.taken)
    ids: dict[str, set[str]] = {}
    letters: dict[str, set[str]] = {}
    for one in relay.taken:
        name = one.to.partition("@")[0]
        ids.setdefault(name, set()).add(one.message_id)
        letters.setdefault(name, set()).add(one.subject[:1])
    if seen.status != "COMPLETED":
        wrong.append(f"the campaign is {seen.status}")
    if seen.left_messages or seen.left_jobs:
        wrong.append(f"{seen.left_messages} messages and {len(seen.left_jobs)} jobs are left: {seen.left_jobs[:3]}")
    if strangers := (found.keys() | taken.keys()) - names:
        wrong.append(f"nobody knows {sorted(strangers)[:3]}")
    mails = dict(seen.mails)
    for name in sorted(names):
        wrong += _of_one(name, found.get(name, []), taken[name], letters.get(name, set()), mails.get(name, 0))
        if len(ids.get(name, ())) > 1 or (handover == "skip" and taken[name] > 1):
            wrong.append(f"{name}: {taken[name]} messages under {len(ids[name])} ids came to the relay")
    statuses = Counter(outcomes[0][0] for outcomes in found.values())
    repeated = sum(count - 1 for count in taken.values())
    given_up = len(seen.given_up)
    return Figures(0, 0, 0, 0.0, dict(sorted(statuses.items())), len(relay.taken), repeated, given_up, wrong)


def _of_one(name: str, outcomes: list[tuple[str, str, int]], taken: int, letters: set[str], mails: int) -> list[str]:
    """What is wrong with one recipient."""
    if len(outcomes) != 1 or outcomes[0][2] != 1:
        return [f"{name}: outcomes {outcomes}"]
    ((status, treatment, _),) = outcomes
    wrong = []
    if status == "SUCCESS" and (taken < 1 or mails != 1):
        wrong.append(f"{name}: success, {taken} messages at the relay, {mails} times sent on record")
    if status not in ("SUCCESS", "UNKNOWN") and taken:
        wrong.append(f"{name}: {status}, and a message at the relay")
    if status not in ("SUCCESS", "UNKNOWN", "HOLDOUT"):
        wrong.append(f"{name}: {status}")
    if taken and letters != {"B" if treatment == "1" else "A"}:
        wrong.append(f"{name}: treatment {treatment}, message {letters}")
    return wrong


def main(recipients: int, kills: int, handover: str, seed: int) -> int:
    """Run it and print the figures."""
    figures = run(recipients, kills, handover, seed)
    print(
        f"{kills} kills in {figures.seconds:.0f} s: {figures.opening} while opening, {figures.sending} while messages"
        " were on their way"
    )
    print(f"outcomes of {recipients:,} recipients: {figures.statuses}")
    print(f"the relay took {figures.taken:,} messages, {figures.repeated} of them again ({handover})")
    print(f"jobs given up, since every process that had them was killed: {figures.given_up}")
    print(f"promises broken: {len(figures.wrong)}")
    for line in figures.wrong[:20]:
        print(f"  {line}")
    return 1 if figures.wrong else 0


if __name__ == "__main__":
    given = sys.argv[1:] + ["2000", "20", "skip", "1"][len(sys.argv) - 1 :]
    sys.exit(main(int(given[0]), int(given[1]), given[2], int(given[3])))
