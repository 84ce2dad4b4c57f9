"""Renderings per second of a 2 KB e-mail: 10 variables, an #if, an #each of 10, one helper.

python -m bench.templates [seconds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.domain.templates.handlebars import Layers, compile_template

_PROSE = "<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.</p>\n"
_VARIABLES = [f"User.UserAttributes.V{number}" for number in range(5)] + [
    "Attributes.A0", "Attributes.A1", "Attributes.Default", "Address", "Location.City",
]  # fmt: skip
TEMPLATE = (
    "".join(f"{_PROSE}<b>{{{{{name}}}}}</b>\n" for name in _VARIABLES)
    + "{{#if Attributes.Vip}}<b>Thank you</b>{{else}}Join now{{/if}}\n<ul>\n"
    + "{{#each Attributes.Items}}\n<li>{{@index}}: {{this}}</li>\n{{/each}}\n</ul>\n"
    + "{{upper Location.City}}\n" + _PROSE * 4
)  # fmt: skip
ENDPOINT: dict[str, Any] = {
    "Address": "ann@example.com",
    "Location": {"City": "Rome"},
    "Attributes": {"A0": ["x"], "A1": ["y"], "Vip": ["yes"], "Items": [f"item {number}" for number in range(10)]},
    "User": {"UserId": "u", "UserAttributes": {f"V{number}": [f"value {number}"] for number in range(5)}},
}
DEFAULTS = {"Attributes": {"Default": "default"}}


def _rate(work: Callable[[], object], seconds: float) -> float:
    """The best of rounds of 500."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        for _ in range(500):
            work()
        best = min(best, (time.perf_counter() - begun) / 500)
    return 1 / best


def main(seconds: float = 3.0) -> None:
    clock, ids = SystemClock(), SystemIds()
    template = compile_template(TEMPLATE)

    def render(context: Any) -> str:
        return template.render(context, clock=clock, ids=ids)

    print(f"template {len(TEMPLATE)} characters, text {len(render(Layers(ENDPOINT, DEFAULTS)))}")
    print(f"one map      {_rate(lambda: render(ENDPOINT), seconds):10,.0f} renderings/s")
    layered = _rate(lambda: render(Layers({"Code": ["x"]}, {"Shop": ["Clarion"]}, ENDPOINT, DEFAULTS)), seconds)
    print(f"four layers  {layered:10,.0f} renderings/s")
    print(f"compile      {1000 / _rate(lambda: compile_template(TEMPLATE), seconds):10.2f} ms")


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
