"""`bench.crash` in small: many more kills are a matter of numbers (`python -m bench.crash 10000 200`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.crash import run


@pytest.mark.parametrize("handover", ["skip", "resend"])
def test_everybody_gets_what_the_record_says_however_often_it_is_killed(tmp_path: Path, handover: str) -> None:
    figures = run(300, 3, handover, seed=3, folder=str(tmp_path))
    assert figures.wrong == []
    assert sum(figures.statuses.values()) == 300
    assert figures.statuses["HOLDOUT"] > 10
    if handover == "resend":
        assert figures.statuses.keys() == {"HOLDOUT", "SUCCESS"}
        assert figures.taken - figures.repeated == figures.statuses["SUCCESS"]
    else:
        assert figures.repeated == 0
