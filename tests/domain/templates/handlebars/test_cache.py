"""The cache of compiled templates, and compiled templates in many threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.domain.templates.handlebars import TemplateCache, TemplateSyntaxError, compile_template
from tests.domain.templates.handlebars.rendering import NOW


def test_the_same_source_is_compiled_once() -> None:
    cache = TemplateCache()
    assert cache.get("Hi {{Name}}") is cache.get("Hi " + "{{Name}}")
    assert len(cache) == 1


def test_the_template_used_least_lately_goes_first() -> None:
    cache = TemplateCache(2)
    first, second = cache.get("{{a}}"), cache.get("{{b}}")
    assert cache.get("{{a}}") is first
    cache.get("{{c}}")
    assert len(cache) == 2
    assert cache.get("{{a}}") is first
    assert cache.get("{{b}}") is not second


def test_the_cache_is_bounded_in_characters() -> None:
    cache = TemplateCache(characters=100)
    for letter in "abcdef":
        cache.get(letter * 40)
    assert len(cache) == 2
    cache.get("x" * 1000)
    assert len(cache) == 1


def test_a_template_that_does_not_compile_is_not_kept() -> None:
    cache = TemplateCache()
    for _ in range(2):
        with pytest.raises(TemplateSyntaxError):
            cache.get("{{#if a}}")
    assert len(cache) == 0


def test_a_template_renders_in_many_threads_at_once() -> None:
    template = compile_template("{{#each list as |x i|}}{{i}}{{x}}{{n}} {{/each}}")
    clock, ids = VirtualClock(NOW), SeededIds()

    def one(number: int) -> str:
        return template.render({"list": ["a", "b"], "n": number}, clock=clock, ids=ids)

    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(one, range(2_000)))
    assert texts == [f"0a{number} 1b{number} " for number in range(2_000)]
