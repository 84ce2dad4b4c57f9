"""Journeys simulated, seed by seed: random ones, over 18 months, with crashes, two workers, and stores that are away.

python -m bench.journey_simulation [--seeds 100000] [--from 0]     how many keep every promise, and how fast
python -m bench.journey_simulation --seed 4711                     one of them, with all that was wrong
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter

from tests.domain.journeys.simulation.simulation import Outcome, run

EVERY = 500
"""Seeds between two lines of progress."""


def one(seed: int) -> int:
    """Run a seed and tell what came of it."""
    outcome = run(seed)
    told = {name: value for name, value in outcome._asdict().items() if name != "wrong"}
    print(", ".join(f"{name} {value}" for name, value in told.items()))
    for line in outcome.wrong:
        print(f"  {line}")
    return 1 if outcome.wrong else 0


def many(first: int, seeds: int) -> int:
    """Run them on all cores; failures are told as they come."""
    begun, sums, failed = time.perf_counter(), Counter[str](), 0
    with multiprocessing.get_context("forkserver").Pool() as pool:
        outcomes = pool.imap_unordered(run, range(first, first + seeds), chunksize=10)
        for done, outcome in enumerate(outcomes, 1):
            failed += _tell(outcome)
            sums.update(moves=outcome.moves, messages=outcome.messages, crashes=outcome.crashes)
            if done % EVERY == 0 or done == seeds:
                rate = done / (time.perf_counter() - begun)
                line = f"{done:,} of {seeds:,} seeds, {rate:.1f} a second, {failed} failed"
                print(line, file=sys.stdout if done == seeds else sys.stderr, flush=True)
    print(f"{sums['moves']:,} moves, {sums['messages']:,} messages, {sums['crashes']:,} crashes")
    return 1 if failed else 0


def _tell(outcome: Outcome) -> int:
    if outcome.wrong:
        print(f"seed {outcome.seed}: {outcome.wrong[0]}", flush=True)
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, help="run this one only")
    options.add_argument("--seeds", type=int, default=100_000)
    options.add_argument("--from", type=int, default=0, dest="first")
    given = options.parse_args()
    sys.exit(one(given.seed) if given.seed is not None else many(given.first, given.seeds))
