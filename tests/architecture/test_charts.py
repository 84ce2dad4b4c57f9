"""The page about charts says what charts there are."""

from __future__ import annotations

from tools.charts import PAGE, written


def test_every_chart_is_documented_as_it_is() -> None:
    text = PAGE.read_text()
    assert text == written(text), "run: python -m tools.charts"
