"""Plain text of HTML sources: what is said, what is left out, where the template's tags stay."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.core.clock import SystemClock
from clarion.core.ids import SeededIds
from clarion.domain.templates.handlebars import compile_template
from clarion.domain.templates.handlebars.tags import tags
from clarion.domain.templates.html.plain import plain_text

EXAMPLES = {
    "<p>Hi {{Name}},</p><p>bye</p>": "Hi {{Name}},\n\nbye",
    "a<br>b<br/>c": "a\nb\nc",
    "  a \n  b&nbsp;c &amp; d&#39;s &lt;x&gt; ": "a b c & d's <x>",
    "<h1>Sale</h1>Now<div>one</div><div>two</div>": "Sale\n\nNow\none\ntwo",
    "<ul><li>a</li><li>b <b>c</b></li></ul>x": "- a\n- b c\n\nx",
    "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>": "a b\nc",
    '<a href="https://x.example/?a=1&amp;b={{Id}}">Shop</a>!': "Shop (https://x.example/?a=1&b={{Id}})!",
    "<a href='https://x.example'>https://x.example</a>": "https://x.example",
    '<a href="mailto:a@b.c">a@b.c</a> <a href="#top">top</a>': "a@b.c top",
    '<a href={{url}}><img src="x.png" alt="Logo"></a><img alt="">': "Logo ({{url}})",
    '<a href="https://x.example/"><img src="x.png"></a>': "https://x.example/",
    "<head><title>t</title><style>p{}</style></head><body>x<script>if (a < b) '</p>'</script>y</body>": "xy",
    '<div style="display: none">pre<div>header</div></div>shown': "shown",
    "a<!-- no {{x}} --><!--[if mso]><p>no</p><![endif]--><![if !mso]>b<![endif]>": "ab",
    "<pre>a  b\n  c</pre>": "a  b\n  c",
    "a<hr>b": "a\n--------------------\nb",
    "5 < 6 > 4 <3": "5 < 6 > 4 <3",
    "zero\u200bwidth\u00ad &zwnj;": "zerowidth",
    "{{! a comment }}a{{!-- b --}}": "a",
    "&#123;&#123;Name}}": "\\{{Name}}",
    "": "",
}


@pytest.mark.parametrize("html", EXAMPLES)
def test_example(html: str) -> None:
    assert plain_text(html) == EXAMPLES[html]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a", "a"),
        ("<p>a</p>", "\na\n"),
        ("<b>a</b><div>b</div>", "a\nb\n"),
        ("<div>a</div>{{x}}", "\na\n{{x}}"),
        ("<p></p>", ""),
    ],
)
def test_partials_keep_apart(html: str, text: str) -> None:
    assert plain_text(html, partial=True) == text


CONTEXT = {"items": ["a", "b"], "yes": True, "Name": "Lea", "Id": "1"}
RENDERED = {
    "<ul>{{#each items}}<li>{{this}}</li>{{/each}}</ul><p>end</p>": "- a\n- b\n\nend",
    "<p>a</p>{{#if yes}}<p>b</p>{{/if}}<p>c</p>": "a\n\nb\n\nc",
    "<p>a</p>{{#if no}}<p>b</p>{{/if}}<p>c</p>": "a\n\nc",
    "<table>{{#each items}}<tr><td>{{@index}}</td><td>{{this}}</td></tr>{{/each}}</table>": "0 a\n1 b",
    "Hi{{#if yes}} dear{{/if}} {{Name}}!": "Hi dear Lea!",
    '{{#*inline "f"}}<b>{{Name}}</b>{{/inline}}<p>x</p>{{> f}}': "x\n\nLea",
    "<div>a</div>{{> p}}<div>b</div>": "a\nP\nb",
    "&#123;&#123;Name}} \\{{Name}}": "{{Name}} {{Name}}",
}


@pytest.mark.parametrize("html", RENDERED)
def test_what_becomes_of_it(html: str) -> None:
    template = compile_template(plain_text(html), partials={"p": "P"})
    assert template.render(CONTEXT, clock=SystemClock(), ids=SeededIds(1)).strip() == RENDERED[html]


_TAGS = "<p>|</p>|<td>|</tr>|<a href='{{u}}'>|</a>|<div style='display:none'>|</div>|<li>|<pre>|<style>|</style>|<br>"
_PIECES = st.sampled_from([*_TAGS.split("|"), *"<>\"'\n", "<!--", "-->", "{{x}}", "text ", "&amp;", "{{> p}}"])
_BLOCK = st.lists(_PIECES, max_size=12).map("".join).map(lambda text: f"{{{{#if x}}}}{text}{{{{else}}}}-{{{{/if}}}}")


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(_PIECES, _BLOCK), max_size=20).map("".join))
def test_tags_stay_in_order(html: str) -> None:
    source = [html[tag.start : tag.end] for tag in tags(html)]
    text = plain_text(html)
    found = [text[tag.start : tag.end] for tag in tags(text)]
    rest = iter(source)
    assert all(any(tag == other for other in rest) for tag in found if tag != "{{u}}")


@pytest.mark.parametrize(
    "piece", ["<a", "<a '", "<a \"'", "<!--", "</", "<a =", "<style>", "<a href=", "<pre>\n", "{{x}}<"]
)
def test_reading_takes_time_in_proportion(piece: str) -> None:
    """Twenty times as much takes no four hundred times as long."""

    def seconds(count: int) -> float:
        begun = time.process_time()
        plain_text(piece * count)
        return time.process_time() - begun

    seconds(500)
    assert seconds(10_000) < 100 * max(seconds(500), 0.002)
