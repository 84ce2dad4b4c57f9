"""What a template's author is told, and where."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid
from clarion.domain.templates.handlebars import Budget, TemplateSyntaxError, compile_template

SYNTAX = {
    "a\n\nHello friends{{#if a}}x": "line 3, column 14: {{#if}} opened here is never closed",
    "{{#if a}}{{#each b}}{{/if}}{{/each}}": (
        "line 1, column 21: expected {{/each}} instead of {{/if}}: {{#each}} opened at line 1, column 10"
    ),
    "{{^a}}x": "line 1, column 1: {{^a}} opened here is never closed",
    "{{/if}}": "line 1, column 1: {{/if}} closes a block that is not open",
    "{{#if a}}{{/if a}}": "line 1, column 10: a closing tag takes no arguments",
    "{{else}}": "line 1, column 1: {{else}} stands outside of a block",
    "{{#if a}}{{else}}{{else}}{{/if}}": "line 1, column 18: {{#if}} has its {{else}} already",
    "{{#if a}}{{else}}{{else if b}}{{/if}}": "line 1, column 18: {{#if}} has its {{else}} already",
    "{{^a}}{{else if b}}{{/a}}": "line 1, column 7: a block opened with ^ has only a plain {{else}}",
    "Hi {{name": "line 1, column 6: 'n' cannot stand here, or the tag lacks its }}",
    "Hi {{name }": "line 1, column 11: '}' cannot stand here, or the tag lacks its }}",
    "Hi {{": "line 1, column 6: expected }} before the end of the template",
    "{{}}": "line 1, column 3: expected a name before }}",
    "{{{a}}": "line 1, column 5: expected }}} here, since the tag begins with {{{",
    "{{a 'b}}": "line 1, column 5: expected another ' that ends the text begun here",
    "{{a.[b}}": "line 1, column 5: expected a ] that ends the name begun here",
    "{{a..b}}": "line 1, column 3: there is no helper named a",
    "{{a.}}": "line 1, column 3: there is no helper named a",
    "{{" + "a" * 400 + " b}}": "line 1, column 3: there is no helper named " + "a" * 275 + "…",
    "{{a/../b}}": "line 1, column 5: .. cannot stand within a path",
    "{{!-- a }}": "line 1, column 1: this comment is never closed",
    "{{! a": "line 1, column 1: this comment is never closed",
    "{{shout name}}": "line 1, column 3: there is no helper named shout",
    "{{First Name}}": "line 1, column 3: there is no helper named First",
    "{{#shout name}}{{/shout}}": "line 1, column 4: there is no helper named shout",
    "{{upper (shout)}}": "line 1, column 9: there is no helper named shout that takes no arguments",
    "{{a.b c}}": "line 1, column 3: a.b is not a helper and takes no arguments",
    "{{upper a b}}": "line 1, column 3: upper takes 1 argument, not 2",
    "{{substring a}}": "line 1, column 3: substring takes 2 to 3 arguments, not 1",
    "{{#and a}}{{/and}}": "line 1, column 4: and takes at least 2 arguments, not 1",
    "{{uuid 1}}": "line 1, column 3: uuid takes no arguments, not 1",
    "{{#if a b}}{{/if}}": "line 1, column 4: if takes 1 argument, not 2",
    "{{#if}}{{/if}}": "line 1, column 4: if takes 1 argument, not 0",
    "{{#with}}{{/with}}": "line 1, column 4: with takes 1 argument, not 0",
    "{{#each a b}}{{/each}}": "line 1, column 4: each takes 1 argument, not 2",
    "{{if a}}": "line 1, column 3: if opens a block: {{#if …}}",
    "{{#upper a}}{{/upper}}": "line 1, column 4: upper makes a value and cannot open a block",
    "{{join a b=1 c}}": "line 1, column 14: c must stand before the named arguments",
    "{{upper (lower a}}": "line 1, column 17: expected a name instead of }}",
    "{{upper ()}}": "line 1, column 10: expected a name instead of )",
    "{{a as |b|}}": "line 1, column 5: expected }} instead of as |",
    "{{#each a as |b}}{{/each}}": "line 1, column 11: expected names and a closing |, as in: as |item index|",
    "{{#each a as ||}}{{/each}}": "line 1, column 11: expected names and a closing |, as in: as |item index|",
    "{{> p}}": 'line 1, column 1: the partial p is not defined before: {{#*inline "p"}}',
    '{{#*inline "p"}}{{else}}{{/inline}}': "line 1, column 17: {{else}} stands outside of a block",
    '{{#*other "p"}}{{/other}}': 'line 1, column 1: expected {{#*inline "name"}}',
    "{{#> p}}{{/p}}": "line 1, column 1: partial blocks {{#> }} are not part of the language",
    "{{{{raw}}}}{{{{/raw}}}}": "line 1, column 1: raw blocks {{{{ }}}} are not part of the language",
    "{{* d}}": "line 1, column 1: decorators {{* }} are not part of the language, except {{#*inline}}",
    "{{add 1 " + "9" * 41 + "}}": "line 1, column 9: a number has at most 40 digits",
    "{{a b|c}}": "line 1, column 6: expected a name instead of |",
    "{{a % b}}": "line 1, column 5: '%' cannot stand here, or the tag lacks its }}",
}


@pytest.mark.parametrize("template", SYNTAX)
def test_syntax(template: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        compile_template(template)
    assert str(caught.value) == SYNTAX[template]
    assert isinstance(caught.value, Invalid)


def test_the_source_is_limited() -> None:
    with pytest.raises(TemplateSyntaxError, match=r"^line 1, column 11: a template has at most 10 characters$"):
        compile_template("x" * 11, budget=Budget(source=10))
