"""Whatever the template and the values: a text, or one of the two errors."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.domain.templates.handlebars import (
    Budget,
    Layers,
    RenderError,
    TemplateSyntaxError,
    compile_template,
)
from clarion.domain.templates.handlebars.builtin import HELPERS
from tests.domain.templates.handlebars.rendering import render

_BUDGET = Budget(steps=2_000, output=20_000, work=20_000)
_NAMES = st.sampled_from(["a", "b", "a.b", "a.[0]", "../a", "this", "@index", "@root.b", "@key", "x y", "[", "a.b.c"])
_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.dates().map(str), st.datetimes()
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)),
    max_leaves=8,
)
_CONTEXTS = st.dictionaries(st.sampled_from(["a", "b", "c", "a.b", "b.c"]), _VALUES, max_size=4)
_ARGUMENTS = st.one_of(
    _NAMES,
    st.integers(-5, 50).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).map(str),
    st.text(alphabet="ab <>%-:/.0'\\yMdHzX", max_size=12).map(lambda text: f'"{text}"'),
    st.sampled_from(["true", "null", "(lower a)", "(add a 1)", "pad='' ", "size=9", "tz=UTC", "inputFormat=a"]),
)
_CALLS = st.builds(
    lambda name, arguments: f"{name} {' '.join(arguments)}",
    st.sampled_from(sorted(HELPERS)),
    st.lists(_ARGUMENTS, max_size=4),
)
_TAGS = st.one_of(_NAMES, _CALLS).map(lambda inside: "{{" + inside + "}}")
_PIECES = st.one_of(st.text(max_size=8), _TAGS)


def _block(head: str, body: str, otherwise: str | None) -> str:
    middle = "" if otherwise is None else "{{else}}" + otherwise
    return "{{#" + head + "}}" + body + middle + "{{/" + head.split()[0] + "}}"


_TEMPLATES = st.recursive(
    st.lists(_PIECES, max_size=4).map("".join),
    lambda inner: st.one_of(
        st.builds(
            _block,
            st.sampled_from(["if a", "each a", "each b as |x y|", "with a", "a", "eq a b", "unless b", '*inline "p"']),
            inner,
            st.none() | inner,
        ),
        st.tuples(inner, inner).map("{{> p}}".join),
    ),
    max_leaves=6,
)


def _attempt(template: str, context: Any) -> None:
    for missing in ("empty", "strict"):
        try:
            text = render(template, context, missing=missing, budget=_BUDGET)
        except (TemplateSyntaxError, RenderError) as error:
            place = (error.line, error.column)
        else:
            place = (1, 1)
            assert len(text) <= _BUDGET.output
        assert min(place) >= 1


@settings(max_examples=400, deadline=None)
@given(_TEMPLATES, _CONTEXTS, _CONTEXTS)
def test_well_formed_templates(template: str, upper: dict[str, Any], lower: dict[str, Any]) -> None:
    _attempt(template, Layers(upper, lower))


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}#/^~!>*&@.[]()|='\"\\- \nabif else each1", max_size=60), _CONTEXTS)
def test_noise(template: str, context: dict[str, Any]) -> None:
    _attempt(template, context)


@settings(max_examples=200, deadline=None)
@given(_CALLS, _CONTEXTS)
def test_helpers(call: str, context: dict[str, Any]) -> None:
    _attempt("{{" + call + "}}", context)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="{\\")))
def test_text_without_tags_is_left_alone(text: str) -> None:
    assert render(text) == text


@settings(max_examples=200, deadline=None)
@given(_TEMPLATES)
def test_compiling_tells_the_variables(template: str) -> None:
    try:
        names = compile_template(template).variables()
    except TemplateSyntaxError:
        return
    assert len(names) == len(set(names))
    assert all(names)
