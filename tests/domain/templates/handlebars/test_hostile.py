"""Templates and values that want to hang the process, fill it or look into it; each test is bounded in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.domain.templates.handlebars import Budget, RenderError, TemplateSyntaxError, compile_template
from tests.domain.templates.handlebars.rendering import NOW, render

_SECONDS = 20


@contextmanager
def _bounded() -> Iterator[None]:
    begun = time.perf_counter()
    yield
    assert time.perf_counter() - begun < _SECONDS


DEEP = {
    "blocks": "{{#if a}}" * 60_000,
    "closed blocks": "{{#if a}}" * 30_000 + "{{/if}}" * 30_000,
    "sections": "{{#a}}" * 100 + "{{/a}}" * 100,
    "inline partials": '{{#*inline "a"}}' * 1000,
    "parentheses": "{{upper " + "(upper " * 50_000,
    "path": "{{a" + ".a" * 100_000 + "}}",
    "parents": "{{" + "../" * 100_000 + "a}}",
    "else each": "{{#each a}}" + "{{else each a}}" * 20_000 + "{{/each}}",
    "open tag": "{{" * 200_000,
    "names": "{{a" + "b" * 500_000,
    "blanks": "{{a" + " " * 500_000,
    "quotes": "{{a '" + "\\'" * 200_000,
    "brackets": "{{a.[" + "\\]" * 200_000,
    "comments": "{{!--" * 100_000,
    "stripping": "{{~",
}


@pytest.mark.parametrize("template", DEEP.values(), ids=DEEP)
def test_deep_or_endless_input_is_a_syntax_error(template: str) -> None:
    with _bounded(), pytest.raises(TemplateSyntaxError):
        compile_template(template)


LONG = {
    "inverses": "{{^a}}" * 31 + "x" + "{{/a}}" * 31,
    "inverted ifs": "{{^if a}}y{{else}}" * 31 + "x" + "{{/if}}" * 31,
    "loops": "{{#each b}}" * 31 + "x" + "{{else}}y{{/each}}" * 31,
    "words": "".join(f"{{{{a{number}}}}}{{{{cut b w{number}}}}}" for number in range(15_000)),
    "else if": "{{#if a}}1" + "{{else if a}}2" * 30_000 + "{{else}}3{{/if}}",
    "variables": "{{a}}" * 100_000,
    "blank lines": " \n" * 100_000 + "{{#if b}}\n{{/if}}" + "\n " * 100_000,
    "arguments": "{{or " + "a " * 50_000 + "}}",
    "escapes": "\\{{" * 100_000,
    "backslashes": "\\" * 300_000 + "{{b}}",
}


@pytest.mark.parametrize("template", LONG.values(), ids=LONG)
def test_long_templates_compile_and_end(template: str) -> None:
    with _bounded():
        compiled = compile_template(template)
        with suppress(RenderError):
            compiled.render({"b": "x"}, clock=VirtualClock(NOW), ids=SeededIds(7))


GREEDY = {
    "nested loops": "{{#each m}}" * 6 + "x" + "{{/each}}" * 6,
    "output": "{{#each m}}{{#each @root.m}}" + "x" * 500_000 + "{{/each}}{{/each}}",
    "output of a value": "{{#each m}}{{#each @root.m}}{{@root.big}}{{/each}}{{/each}}",
    "padding": "{{center 'x' size=99999999999}}",
    "padding again": "{{#each m}}{{ljust 'x' 9000000}}{{/each}}",
    "padding of padding": "{{#each m}}{{md5 (rjust 'x' size=9000000 pad=(ljust 'y' 900000))}}{{/each}}",
    "replace": "{{replace (replace (replace big 'x' big) 'x' big) 'x' big}}",
    "join": "{{join m2 big}}",
    "hash": "{{#each m}}{{#each @root.m}}{{sha512 @root.big}}{{/each}}{{/each}}",
    "compare": "{{#each m}}{{#each @root.m}}{{#if (eq @root.big @root.big2)}}{{/if}}{{/each}}{{/each}}",
    "lists": "{{#each m}}{{#each @root.m}}{{@root.long}}{{/each}}{{/each}}",
    "recursion": '{{#*inline "p"}}x{{> p}}{{/inline}}{{> p}}',
    "recursion of two": '{{#*inline "p"}}{{> q}}{{/inline}}{{#*inline "q"}}{{> p}}{{/inline}}{{> p}}',
    "branching recursion": '{{#*inline "p"}}{{#each @root.m}}{{> p}}{{/each}}{{/inline}}{{> p}}',
    "deep recursion in blocks": '{{#*inline "p"}}'
    + "{{#if m}}" * 31
    + "{{> p}}"
    + "{{/if}}" * 31
    + "{{/inline}}{{> p}}",
    "indented partials": '{{#*inline "p"}}\n' + "x\n" * 100_000 + "{{/inline}}\n" + " " * 1000 + "{{> p}}\n",
    "a date format": "{{now (ljust 'y' 1000 pad='y')}}",
    "deep values": "{{deep}}",
}
_CONTEXT: dict[str, Any] = {
    "m": {str(key): key for key in range(200)},
    "m2": ["a", "b"] * 1000,
    "big": "x" * 100_000,
    "big2": "x" * 99_999 + "y",
    "long": ["x"] * 20_000,
}
_CONTEXT["deep"] = []
for _ in range(5_000):
    _CONTEXT["deep"] = [_CONTEXT["deep"], 1]


@pytest.mark.parametrize("template", GREEDY.values(), ids=GREEDY)
def test_a_greedy_template_is_stopped(template: str) -> None:

    with _bounded(), pytest.raises(RenderError):
        render(template, _CONTEXT)


def test_budgets_are_counted_per_rendering_and_can_be_chosen() -> None:
    template = "{{#each m}}{{this}}{{/each}}"
    assert len(render(template, _CONTEXT, budget=Budget(steps=402))) == 490
    with pytest.raises(RenderError, match=r"^line 1, column 1: rendering takes more than 400 steps$"):
        render(template, _CONTEXT, budget=Budget(steps=400))
    with pytest.raises(RenderError, match=r"rendering writes more than 480 characters$"):
        render(template, _CONTEXT, budget=Budget(output=480))
    with pytest.raises(RenderError, match=r"^line 1, column 3: upper: rendering handles more than 5 characters"):
        render("{{upper 'abcdef'}}", budget=Budget(work=5))


class _Secret:
    """An object that must never be looked into."""

    secret = "leaked"

    def __getattr__(self, name: str) -> str:
        return "leaked"

    def __getitem__(self, key: object) -> str:
        return "leaked"

    def __str__(self) -> str:
        return "leaked"

    def __iter__(self) -> Iterator[str]:
        return iter(["leaked"])

    def keys(self) -> list[str]:
        return ["leaked"]


INSIDE = [
    "{{o}}{{o.secret}}{{o.[0]}}{{o.__class__}}{{o.length}}{{o.keys}}",
    "{{lookup o 'secret'}}{{lookup o '__class__'}}{{lookup f '__globals__'}}{{lookup t '__class__'}}",
    "{{#each o}}{{this}}{{secret}}{{@key}}{{/each}}{{#with o}}{{this}}{{secret}}{{./secret}}{{/with}}",
    "{{#o}}{{this}}{{secret}}{{/o}}{{upper o}}{{join o ','}}{{join l ','}}{{l}}",
    "{{f}}{{f.__globals__}}{{f.__code__.co_consts}}{{t.__class__.__mro__}}{{t.upper}}{{t.format}}",
    "{{n.__class__.__base__.__subclasses__}}{{n.real}}{{d.items}}{{d.__class__}}{{l.append}}{{l.__len__}}",
    "{{__class__}}{{this.__class__}}{{@root.__class__}}{{@root.find}}{{@root.maps}}{{maps}}{{__builtins__}}",
    "{{constructor}}{{d.constructor.constructor}}{{t.constructor}}{{@__class__}}{{@root.__init__.__globals__}}",
]


@pytest.mark.parametrize("template", INSIDE)
def test_nothing_but_maps_and_lists_is_looked_into(template: str) -> None:
    secret = _Secret()
    context = {"o": secret, "f": _bounded, "t": "", "n": 0, "d": {}, "l": [secret]}
    text = render(template, context)
    assert text.strip("0") == ""
