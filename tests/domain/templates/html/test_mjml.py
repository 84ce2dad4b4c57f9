"""MJML: what is compiled, where tags of the template language survive, how mistakes are told."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid
from clarion.domain.templates.handlebars import compile_template
from clarion.domain.templates.html.mjml import compile_mjml

FRAME = "<mjml><mj-body>\n<mj-section><mj-column>\n{}\n</mj-column></mj-section></mj-body></mjml>"


def test_everything_of_the_template_survives() -> None:
    source = """<mjml>
  <mj-head><mj-title>{{Subject}}</mj-title><mj-preview>{{#if a}}x{{/if}}</mj-preview></mj-head>
  <mj-body background-color="{{colour}}">
    {{#if vip}}
    <mj-section css-class="{{#if a}}one{{else}}two{{/if}}">
      <mj-column>
        {{#each items}}
        <mj-text font-size="14px">{{this}} &amp; {{{../raw}}} {{#gt @index "1"}}more{{/gt}} {{> footer}}</mj-text>
        <mj-button href="https://x.example/?a=1&amp;b={{join items ", "}}">Go {{upper "now"}}</mj-button>
        {{else}}
        <mj-text>none<br/></mj-text>
        {{/each}}
      </mj-column>
    </mj-section>
    {{/if}}
  </mj-body>
</mjml>"""
    html = compile_mjml(source)
    for written in (
        '<body style="word-spacing:normal;background-color:{{colour}};">',
        "{{#if a}}one{{else}}two{{/if}}",
        '{{this}} &amp; {{{../raw}}} {{#gt @index "1"}}more{{/gt}} {{> footer}}',
        'href="https://x.example/?a=1&amp;b={{join items ", "}}"',
        'Go {{upper "now"}}',
    ):
        assert written in html, written
    assert "mj-" not in html.replace("mj-outlook", "").replace("mj-column", "")
    compile_template(html, partials={"footer": ""})


WRONG = {
    "<mj-text>a": "line 4: </mj-column> stands where <mj-text> of line 3 has to be closed",
    "<mj-nope/>": "line 3: <mj-nope> is no element of MJML",
    '<mj-include path="/etc/passwd"/>': "line 3: <mj-include> is not possible here; use a partial",
    "<mj-text>\na < b</mj-text>": "line 4: a < that begins no element is written &lt;",
    "<mj-text><img src=a></mj-text>": "line 3: an attribute of <img> stands without quotes",
    "words": "line 3: text cannot stand in <mj-column>; it needs an <mj-text> or <mj-raw>",
    '<mj-image src="x" width="{{w}}"/>': "line 3: {{w}} cannot stand in <mj-image>: MJML leaves it out",
    "<mj-text>{{#if a</mj-text>": "line 3, column 16: 'a' cannot stand here, or the tag lacks its }}",
    "<mj-text>" + "<b>" * 200 + "</b>" * 200 + "</mj-text>": "line 3: elements nest more than 100 deep",
    "<mj-navbar><mj-raw>x</mj-raw></mj-navbar>": "line 3: unexpected element: <mj-raw>",
    '<mj-navbar>{{#if a}}<mj-navbar-link href="x">a</mj-navbar-link>{{/if}}</mj-navbar>': "line 3: unexpected",
    "<mj-text><!-- x</mj-text>": "line 3: this comment is never closed",
}


@pytest.mark.parametrize("content", WRONG)
def test_mistakes_are_told_with_their_line(content: str) -> None:
    with pytest.raises(Invalid) as caught:
        compile_mjml(FRAME.format(content))
    assert caught.value.message.startswith(WRONG[content])


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("<p>Hi</p>", "line 1: an MJML source begins with <mjml>"),
        ("", "line 1: an MJML source begins with <mjml>"),
        ("<mjml><mj-body>", "line 1: <mj-body> is never closed"),
        ("<mjml>" + "x" * 600_000, "has 600006 characters, at most 600000 are allowed"),
    ],
)
def test_what_is_no_mjml(source: str, problem: str) -> None:
    with pytest.raises(Invalid) as caught:
        compile_mjml(source)
    assert caught.value.message == problem


def test_nothing_ends_the_process() -> None:
    """Deep nesting that only the compiler sees as such: its process ends, not this one."""
    deep = "<mj-raw><![CDATA[ > ]]>" + "<!-- --><b a='<'>" * 90 + "</b>" * 90 + "</mj-raw>"
    with pytest.raises(Invalid):
        compile_mjml(FRAME.format(deep))
