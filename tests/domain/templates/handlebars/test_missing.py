"""`missing="strict"`: a variable that would print nothing is an error, a question about one is not."""

from __future__ import annotations

import pytest

from clarion.domain.templates.handlebars import Layers, RenderError
from tests.domain.templates.handlebars.rendering import render

CONTEXT = {"Name": ["Ann"], "Empty": [], "Blank": "", "Map": {"x": 1}, "None": None, "list": ["a", None]}

FINE = {
    "{{Name}}{{Blank}}": "Ann",
    "{{#if Nobody}}{{Nobody}}{{else}}friend{{/if}}": "friend",
    "{{#unless Nobody}}none{{/unless}}": "none",
    "{{#each Nobody}}x{{else}}none{{/each}}": "none",
    "{{#with Nobody}}x{{else}}none{{/with}}": "none",
    "{{#Nobody}}x{{/Nobody}}{{^Nobody}}none{{/Nobody}}": "none",
    "{{#eq Nobody 'x'}}x{{else}}none{{/eq}}{{eq Nobody 'x'}}{{and Nobody 1}}": "nonefalsefalse",
    "{{#if (eq (lower Nobody) 'x')}}x{{else}}none{{/if}}": "none",
    "{{yesno Nobody}}": "maybe",
    "{{inflect 2 apple apples}}{{now 'HH' tz=UTC}}": "apples17",
    "{{#if (lookup Map 'y')}}x{{else}}none{{/if}}": "none",
}

REFUSED = {
    "a\n{{Nobody}}": ("Nobody", 2, 3),
    "{{{User.UserAttributes.[Last Name].[0]}}}": ("User.UserAttributes.Last Name.0", 1, 4),
    "{{Empty}}": ("Empty", 1, 3),
    "{{None}}": ("None", 1, 3),
    "{{Map}}": ("Map", 1, 1),
    "{{upper Nobody}}": ("Nobody", 1, 9),
    "{{upper (lower Nobody)}}": ("Nobody", 1, 16),
    "{{add 1 Nobody}}": ("Nobody", 1, 9),
    "{{#if Name}}{{Nobody}}{{/if}}": ("Nobody", 1, 15),
    "{{#each list}}{{this}}{{/each}}": ("this", 1, 17),
    "{{@index}}": ("@index", 1, 3),
    '{{#*inline "p"}}{{Nobody}}{{/inline}}{{> p}}': ("Nobody", 1, 19),
}


@pytest.mark.parametrize("template", FINE)
def test_a_question_about_a_missing_value_is_fine(template: str) -> None:
    assert render(template, CONTEXT, missing="strict") == FINE[template]


@pytest.mark.parametrize("template", REFUSED)
def test_a_missing_value_is_named(template: str) -> None:
    with pytest.raises(RenderError) as caught:
        render(template, CONTEXT, missing="strict")
    assert (caught.value.variable, caught.value.line, caught.value.column) == REFUSED[template]
    assert str(caught.value.variable) in str(caught.value)
    assert isinstance(render(template, CONTEXT), str)


def test_a_default_fills_the_gap() -> None:
    layers = Layers({"Name": []}, {"Name": "friend"})
    assert render("{{Name}}", layers, missing="strict") == "friend"
