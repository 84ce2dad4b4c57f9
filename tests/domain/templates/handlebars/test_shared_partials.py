"""Partials that come from outside: where inline ones win, what they know, how their mistakes are told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.domain.templates.handlebars import (
    Budget,
    RenderError,
    Template,
    TemplateCache,
    TemplateSyntaxError,
    compile_template,
)
from clarion.domain.templates.handlebars.tags import hidden, tags

CONTEXT = {"Name": "Lea", "Location": {"City": "Rome"}, "List": ["a", "b"]}


def rendered(template: Template, **options: object) -> str:
    return template.render(CONTEXT, clock=VirtualClock(datetime(2020, 9, 19, tzinfo=UTC)), ids=SeededIds(7), **options)  # type: ignore[arg-type]


def render(source: str, **partials: str) -> str:
    return rendered(compile_template(source, partials=partials))


EXAMPLES: list[tuple[str, dict[str, str], str]] = [
    ("Hi {{> who}}!", {"who": "{{Name}}"}, "Hi Lea!"),
    ("{{> a}}", {"a": "<{{> b}}>", "b": "{{Name}}"}, "<Lea>"),
    ("{{> a}}{{> a}}", {"a": "{{Name}}"}, "LeaLea"),
    ("{{> city Location}}", {"city": "{{City}}"}, "Rome"),
    ('{{> sign mark="!"}}', {"sign": "{{Name}}{{mark}}"}, "Lea!"),
    ("{{#each List}}{{> item}}{{/each}}", {"item": "[{{@index}}{{this}}]"}, "[0a][1b]"),
    ("{{#each List as |x|}}{{> item}}{{/each}}", {"item": "{{#each List as |y|}}{{y}}{{/each}}"}, "abab"),
    ('{{#*inline "a"}}inline{{/inline}}{{> a}}', {"a": "shared"}, "inline"),
    ('{{#if Name}}{{#*inline "a"}}inline{{/inline}}{{> a}}{{/if}}{{> a}}', {"a": "shared"}, "inlineshared"),
    ('{{#*inline "b"}}inline{{/inline}}{{> a}}', {"a": "{{> b}}", "b": "shared"}, "shared"),
    ("{{> a}}", {"a": '{{#*inline "b"}}own{{/inline}}{{> b}}', "b": "shared"}, "own"),
    ("x\n  {{> a}}\ny", {"a": "1\n2\n"}, "x\n  1\n  2\ny"),
]


@pytest.mark.parametrize(("source", "partials", "text"), EXAMPLES)
def test_example(source: str, partials: dict[str, str], text: str) -> None:
    assert render(source, **partials) == text


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("\n{{> none}}", {}, "line 2, column 1: the partial none is not defined before"),
    ("{{> a}}", {"a": "x\n{{#if}}"}, "line 1, column 1: in the partial a, line 2, column 1: "),
    ("{{> a}}", {"a": "{{> a}}"}, "a comes to call itself: a > a"),
    ("{{> a}}", {"a": "{{> b}}", "b": "{{> c}}", "c": "{{> a}}"}, "a comes to call itself: a > b > c > a"),
    (
        '{{#*inline "b"}}x{{/inline}}{{> a}}',
        {"a": "{{> b}}"},
        "in the partial a, line 1, column 1: the partial b is not",
    ),
    ("{{> p0}}", {f"p{n}": f"{{{{> p{n + 1}}}}}" for n in range(40)} | {"p40": "x"}, "more than 32 deep"),
]


@pytest.mark.parametrize(("source", "partials", "problem"), WRONG)
def test_what_cannot_be_compiled(source: str, partials: dict[str, str], problem: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_template(source, partials=partials)
    assert problem in caught.value.message


def test_a_failure_is_told_with_the_partial_and_its_line() -> None:
    template = compile_template("a{{> sum}}", partials={"sum": "\n {{add 'x' 1}}"})
    with pytest.raises(RenderError) as caught:
        rendered(template)
    assert caught.value.message == "line 2, column 4: in the partial sum: add: the first argument is not a number"
    with pytest.raises(RenderError) as caught:
        rendered(compile_template("{{> ok}}\n{{add 'x' 1}}", partials={"ok": ""}))
    assert caught.value.message.startswith("line 2, column 3: add")


def test_steps_are_counted_within_partials() -> None:
    source = "{{#each List}}{{> a}}{{/each}}"
    template = compile_template(source, partials={"a": "{{Name}}" * 10}, budget=Budget(steps=20))
    with pytest.raises(RenderError, match="more than 20 steps"):
        rendered(template)


def test_variables_of_partials_are_known() -> None:
    template = compile_template("{{Location.City}}{{> a}}", partials={"a": "{{User.UserId}}"})
    assert template.variables() == ["Location.City", "User.UserId"]


def test_missing_variables_are_noted_and_print_nothing() -> None:
    source = "{{Name}}{{User.X}}{{#if Y}}{{Z}}{{/if}}{{upper Attributes.U}}{{> a}}{{Location}}{{User.X}}"
    template = compile_template(source, partials={"a": "{{Attributes.P}}"})
    noted: dict[str, None] = {}
    assert rendered(template, noted=noted) == "Lea"
    assert list(noted) == ["User.X", "Attributes.U", "Attributes.P"]


def test_the_cache_knows_templates_by_all_they_are_made_of() -> None:
    cache = TemplateCache()
    one = cache.get("{{> a}}", {"a": "1"})
    assert cache.get("{{> a}}", {"a": "1"}) is one
    assert rendered(cache.get("{{> a}}", {"a": "2"})) == "2"
    assert rendered(cache.get("{{> a}}", {"a": "1"})) == "1"
    assert rendered(cache.get("{{> a}}", {"a": "{{> b}}", "b": "3"})) == "3"
    assert rendered(cache.get("{{> a}}", {"a": "{{> b}}", "b": "4"})) == "4"
    with pytest.raises(TemplateSyntaxError):
        cache.get("{{> a}}")


def test_tags_are_found_where_the_parser_finds_them() -> None:
    source = (
        r"""a {{x}} \{{no}} {{{y}}} {{! }} {{!-- }} --}} {{#if (eq a "}}")}}{{else}}{{/if}}{{> p}}{{^x}}{{^}}{{/x}}"""
    )
    found = list(tags(source))
    assert [tag.sign for tag in found] == ["", "{", "!", "!", "#", "else", "/", ">", "^", "^", "/"]
    assert source[found[4].start : found[4].end] == '{{#if (eq a "}}")}}'
    text, same = hidden(source, lambda number, tag: f"<{number}>")
    assert text == r"a <0> \{{no}} <1> <2> <3> <4><5><6><7><8><9><10>"
    assert same == found
    with pytest.raises(TemplateSyntaxError, match="line 2"):
        list(tags("a\n{{x"))
