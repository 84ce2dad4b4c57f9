"""What names find: lists, defaults, layers, substitutions by dotted name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from clarion.domain.templates.handlebars import Layers, Lookup, compile_template
from tests.domain.templates.handlebars.rendering import render

ENDPOINT: dict[str, Any] = {
    "Address": "ann@example.com",
    "Attributes": {"colors": ["red", "blue"], "none": [], "Purchase": None},
    "Metrics": {"visits": 19.0, "score": 7.25},
    "Location": {"City": "Rome", "Country": None},
    "User": {"UserId": "u1", "UserAttributes": {"FirstName": ["Ann"], "Last Name": ["Roe"], "y": ["endpoint"]}},
}
DEFAULTS: dict[str, Any] = {
    "Attributes": {"Purchase": "Test", "none": "default", "colors": "green", "sizes": ["S", "M"]},
    "User": {"UserAttributes": {"x": "default", "y": "default"}},
    "User.UserAttributes.Flat": "flat default",
}
SUBSTITUTIONS = {"Name": ["Bo"], "User.UserAttributes.FirstName": ["Cy"], "Empty": [], "Blank": [""]}

LAYERED = {
    "{{Name}} {{Name.[0]}}": "Bo Bo",
    "{{User.UserAttributes.FirstName}} {{User.UserAttributes.FirstName.[0]}}": "Cy Cy",
    "{{upper User.UserAttributes.FirstName.[0]}}": "CY",
    "{{User.UserAttributes.[Last Name]}} {{User.UserAttributes.[Last Name].[0]}}": "Roe Roe",
    "{{User.UserAttributes.x}} {{User.UserAttributes.y}} {{User.UserAttributes.Flat}}": (
        "default endpoint flat default"
    ),
    "{{Attributes.Purchase}} {{Attributes.Purchase.[0]}} {{Attributes.none}}": "Test Test default",
    "{{Attributes.Purchase.[1]}}{{Attributes.Purchase.x}}": "",
    "{{Attributes.colors}}": "red, blue",
    "{{Attributes.colors.[1]}}{{Attributes.colors.1}}{{Attributes.colors.[2]}}": "blueblue",
    "{{Attributes.sizes}}": "S, M",
    "{{Metrics.visits}} {{Metrics.score}}": "19 7.25",
    "{{#with User.UserAttributes}}{{FirstName}} {{x}} {{y}} {{Flat}} {{[Last Name]}}{{/with}}": (
        "Cy default endpoint flat default Roe"
    ),
    "{{#with User}}{{UserId}} {{UserAttributes.x}} {{UserAttributes.FirstName}}{{/with}}": "u1 default Cy",
    "{{#each User.UserAttributes}}{{@key}}={{this}};{{/each}}": (
        "FirstName=Cy;Last Name=Roe;y=endpoint;Flat=flat default;x=default;"
    ),
    "{{#each Attributes.colors}}{{this}} {{User.UserAttributes.y}} {{../Address}};{{/each}}": (
        "red endpoint ann@example.com;blue endpoint ann@example.com;"
    ),
    "{{#each Attributes.Purchase}}<{{this}}>{{else}}none{{/each}}": "<Test>",
    "{{#if Empty}}x{{else}}empty{{/if}} [{{Blank}}]": "empty []",
    "{{lookup User.UserAttributes 'FirstName'}} {{lookup . 'Name'}}": "Cy Bo",
    "{{#each Name}}{{@root.Address}}{{@root.User.UserAttributes.FirstName}}{{/each}}": "ann@example.comCy",
    "[{{Attributes}}{{User}}{{this}}]": "[]",
    "{{Location.City}}[{{Location.Country}}]": "Rome[]",
}


@pytest.mark.parametrize("template", LAYERED)
def test_layers(template: str) -> None:
    assert render(template, Layers(SUBSTITUTIONS, ENDPOINT, DEFAULTS)) == LAYERED[template]


def test_a_layer_that_is_missing_is_no_layer() -> None:
    assert render("{{a}}{{b}}", Layers(None, {}, {"a": 1}, Layers(None, {"b": 2}))) == "12"


def test_layers_are_a_map_of_the_first_values() -> None:
    layers = Layers({"a": [], "b": "1"}, {"a": "2", "b": "3", "c": None})
    assert layers["a"] == "2"
    assert layers["b"] == "1"
    assert layers.get("c") is None
    assert list(layers) == ["a", "b"]
    assert layers.find(Lookup(("b",))) == "1"


def test_the_longest_dotted_key_wins_in_each_layer_and_the_first_layer_wins_over_all() -> None:
    context = {"a.b": "dotted", "a": {"b": "walked", "c": "walked"}}
    assert render("{{a.b}} {{a.c}}", context) == "dotted walked"
    assert render("{{a.b}}", Layers({"a": {"b": "upper"}}, context)) == "upper"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (19.0, "19"), (7.3, "7.3"), (-0.0, "0"), (1e21, "1e+21"), (1e-7, "1e-7"), (0.00001, "0.00001"),
        (123456789012345680000.0, "123456789012345680000"), (1.5e300, "1.5e+300"), (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"), (10**30, "1e+30"), (10**400 // 3, "3." + "3" * 39 + "e+399"),
        (True, "true"), (False, "false"), (Decimal("1.50"), "1.5"), (Decimal("1E+3"), "1000"),
        (["a", None, 1.0], "a, , 1"), (("a", "b"), "a, b"), ([["a", "b"], "c"], "a, b, c"), (b"bytes", ""),
        (object(), ""),
    ],
)  # fmt: skip
def test_how_values_print(value: object, text: str) -> None:
    assert render("{{x}}", {"x": value}) == text


def test_each_takes_at_most_fifteen_items_of_a_list() -> None:
    context = {"list": list(range(20)), "map": {str(key): key for key in range(20)}}
    assert render("{{#each list}}{{this}}{{#if @last}}.{{/if}} {{/each}}", context).split() == [
        *map(str, range(14)), "14.",
    ]  # fmt: skip
    assert len(render("{{#list}}{{this}} {{/list}}", context).split()) == 15
    assert len(render("{{#each map}}{{this}} {{/each}}", context).split()) == 20


def test_partials_see_their_definition_around_them() -> None:
    people = {"city": "Oslo", "people": [{"name": "Bo"}, {"name": "Cy"}], "list": ["a", "b"]}
    above = '{{#*inline "p"}}{{name}}/{{../city}} {{/inline}}{{#each people}}{{> p}}{{/each}}'
    assert render(above, people) == "Bo/Oslo Cy/Oslo "
    inside = '{{#each list as |x|}}{{#*inline "p"}}<{{x}}>{{/inline}}{{> p}}{{/each}}'
    assert render(inside, people) == "<a><b>"


def test_block_parameters_survive_recursion() -> None:
    tree = {"kids": [{"n": 1, "kids": [{"n": 2, "kids": []}]}, {"n": 3, "kids": []}]}
    template = (
        '{{#*inline "t"}}{{#each kids as |k|}}{{k.n}}({{#with k}}{{> t}}{{/with}}){{k.n}} {{/each}}{{/inline}}{{> t}}'
    )
    assert render(template, tree) == "1(2()2 )1 3()3 "


def test_variables() -> None:
    template = """{{Address}} {{User.UserAttributes.FirstName.[0]}} {{upper User.UserAttributes.[Last Name]}}
    {{#if Attributes.vip}}{{Address}}{{else if (eq Metrics.n 3)}}{{Metrics.n}}{{/if}}
    {{#each Attributes.list as |x|}}{{x}}{{this}}{{@index}}{{name}}{{Location.City}}{{../Id}}{{@root.Code}}{{/each}}
    {{#with User}}{{UserId}}{{/with}}{{inflect Metrics.n apple apples}}{{now "full" tz=America/Los_Angeles}}
    {{#Location}}{{Country}}{{/Location}}{{this.OptOut}}{{#*inline "p"}}{{InPartial}}{{/inline}}{{> p}}"""
    assert compile_template(template).variables() == [
        "InPartial", "Address", "User.UserAttributes.FirstName", "User.UserAttributes.Last Name", "Attributes.vip",
        "Metrics.n", "Attributes.list", "Location.City", "Id", "Code", "User", "User.UserId", "Location",
        "Location.Country", "OptOut",
    ]  # fmt: skip
