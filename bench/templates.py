"""Renderings per second of a 2 KB e-mail (10 variables, an #if, an #each of 10, one helper); what sources cost.

python -m bench.templates [seconds]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.domain.templates.handlebars import Layers, TemplateCache, compile_template
from clarion.domain.templates.html.mjml import compile_mjml
from clarion.domain.templates.html.plain import plain_text
from clarion.domain.templates.locales import Variants

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
MJML = f"<mjml><mj-body><mj-section><mj-column><mj-text>{TEMPLATE}</mj-text></mj-column></mj-section></mj-body></mjml>"
ENDPOINT: dict[str, Any] = {
    "Address": "ann@example.com",
    "Location": {"City": "Rome"},
    "Attributes": {"A0": ["x"], "A1": ["y"], "Vip": ["yes"], "Items": [f"item {number}" for number in range(10)]},
    "User": {"UserId": "u", "UserAttributes": {f"V{number}": [f"value {number}"] for number in range(5)}},
}
DEFAULTS = {"Attributes": {"Default": "default"}}


def _rate(work: Callable[[], object], seconds: float, size: int = 500) -> float:
    """The best of rounds of `size`."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        begun = time.perf_counter()
        for _ in range(size):
            work()
        best = min(best, (time.perf_counter() - begun) / size)
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
    print(f"plain text   {1000 / _rate(lambda: plain_text(TEMPLATE), seconds, 50):10.2f} ms a source")
    print(f"MJML         {1000 / _rate(lambda: compile_mjml(MJML), seconds, 5):10.2f} ms a source")
    variants = Variants(dict.fromkeys(("de", "de_AT", "fr", "pt_BR"), 1))
    print(f"variant      {1e6 / _rate(lambda: variants.of('de_CH'), seconds):10.2f} µs a recipient")
    cache, partials = TemplateCache(), {"footer": _PROSE * 10, "header": _PROSE * 10}
    calling = TEMPLATE + "{{> header}}{{> footer}}"
    print(
        f"from memory  {1e6 / _rate(lambda: cache.get(calling, partials), seconds):10.2f} µs, with two partials of 1 KB"
    )


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
