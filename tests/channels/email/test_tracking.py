"""Tracking, seen through an HTML parser: what a mail program would follow, and what the tokens say."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.email.tracking import Kind, Token, Tokens, Tracker, parse_tags

KEY = b"k" * 32
TOKENS = Tokens(KEY)
TRACKER = Tracker(TOKENS, "https://track.test/")
MESSAGE = "0123456789abcdef0123456789abcdef"
CLICK = "https://track.test/track/c/"
OPEN = "https://track.test/track/o/"

Tag = tuple[str, tuple[tuple[str, str | None], ...]]


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[Tag] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def hrefs(html: str) -> list[str]:
    return [value or "" for tag, attrs in _Tags(html).tags if tag == "a" for name, value in attrs if name == "href"]


def rewritten(html: str, **options: bool) -> str:
    return TRACKER.rewrite(html, MESSAGE, **options)


def target(href: str) -> Token:
    assert href.startswith(CLICK)
    token = TOKENS.verify(href.removeprefix(CLICK))
    assert token is not None
    return token


@pytest.mark.parametrize(
    ("anchor", "url"),
    [
        ('<a href="https://acme.test/sale">', "https://acme.test/sale"),
        ("<a href='http://acme.test/'>", "http://acme.test/"),
        ("<a href=https://acme.test/sale>", "https://acme.test/sale"),
        ('<A HREF = "HTTPS://acme.test/">', "HTTPS://acme.test/"),
        ('<a\n  class="b"\n  href="https://acme.test/"\n>', "https://acme.test/"),
        ('<a title="a > b" href="https://acme.test/" style="x">', "https://acme.test/"),
        ('<a data-href="no" disabled href="https://acme.test/">', "https://acme.test/"),
        ('<a title=\'href="https://evil.test"\' href="https://acme.test/">', "https://acme.test/"),
        ('<a href="https://acme.test/?a=1&amp;b=2#c">', "https://acme.test/?a=1&b=2#c"),
        ('<a href=" https://acme.test/ ">', "https://acme.test/"),
        ('<a href="https://acme.test/%C3%BC?q=%20">', "https://acme.test/%C3%BC?q=%20"),
        ('<a href="https://acme.test/it\'s">', "https://acme.test/it's"),
        ("<!--[if mso]><a href='https://acme.test/'><![endif]--><a href='https://acme.test/'>", "https://acme.test/"),
    ],
)
def test_a_link_leads_here_and_the_token_leads_there(anchor: str, url: str) -> None:
    (href,) = hrefs(rewritten(anchor + "sale</a>", opens=False))
    assert target(href)._replace(link=0) == Token("click", MESSAGE, 0, url)


@pytest.mark.parametrize(
    "anchor",
    [
        '<a href="mailto:lea@example.com">',
        '<a href="tel:+431234">',
        '<a href="#top">',
        '<a href="/relative">',
        '<a href="//acme.test/">',
        '<a href="">',
        "<a href>",
        '<a name="x">',
        '<a href="javascript:alert(1)">',
        '<a href="https://acme.test/a b">',
        '<a href="https://acme.test/ü">',
        '<a href="https://acme.test/{{x}}">',
        '<a href="https://">',
        '<abbr href="https://acme.test/">',
        '<area href="https://acme.test/">',
        '<link href="https://acme.test/">',
    ],
)
def test_what_is_no_trackable_link_stays(anchor: str) -> None:
    assert _Tags(rewritten(anchor, opens=False)).tags == _Tags(anchor).tags


def test_links_are_counted_in_order() -> None:
    html = '<a href="https://a.test/">1</a><a href="mailto:x@y">2</a><a href="https://b.test/">3</a>'
    first, mail, second = hrefs(rewritten(html))
    assert (target(first).link, target(first).url) == (0, "https://a.test/")
    assert mail == "mailto:x@y"
    assert (target(second).link, target(second).url) == (1, "https://b.test/")


def test_only_the_first_250_links_are_tracked() -> None:
    html = "".join(f'<a href="https://acme.test/{n}">' for n in range(260))
    found = hrefs(rewritten(html))
    assert [target(href).url for href in found[:250]] == [f"https://acme.test/{n}" for n in range(250)]
    assert found[250:] == [f"https://acme.test/{n}" for n in range(250, 260)]


@pytest.mark.parametrize(
    "anchor",
    [
        '<a ses:no-track href="https://acme.test/">',
        '<a href="https://acme.test/" ses:no-track>',
        '<a href="https://acme.test/" ses:no-track="" class="b">',
        '<a SES:NO-TRACK href="https://acme.test/" ses:tags="a:b">',
    ],
)
def test_no_track_is_respected_and_removed(anchor: str) -> None:
    result = rewritten(anchor, opens=False)
    assert "ses:" not in result.lower()
    assert hrefs(result) == ["https://acme.test/"]


def test_no_track_inside_a_value_is_only_text() -> None:
    (href,) = hrefs(result := rewritten('<a title="x ses:no-track y" href="https://acme.test/">', opens=False))
    assert target(href).url == "https://acme.test/"
    assert 'title="x ses:no-track y"' in result


def test_tags_move_from_the_link_into_the_token() -> None:
    result = rewritten('<a class="b" ses:tags="team:blue; spot:top;junk;x y:z" href="https://acme.test/">', opens=False)
    ((tag, attributes),) = _Tags(result).tags
    assert (tag, attributes[0]) == ("a", ("class", "b"))
    assert [name for name, _ in attributes] == ["class", "href"]
    assert target(hrefs(result)[0]).tags == (("team", "blue"), ("spot", "top"))


def test_tags_are_removed_even_where_nothing_is_tracked() -> None:
    result = rewritten('<a ses:tags="a:b" href="https://acme.test/">', opens=False, clicks=False)
    assert result == '<a href="https://acme.test/">'


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ("unsubscribeLinkTag:optOut", "unsubscribe"),
        ("a:b;unsubscribeLinkTag:click;", "unsubscribe"),
        ("notunsubscribeLinkTag:x", "click"),
        ("a:unsubscribeLinkTag", "click"),
    ],
)
def test_the_unsubscribe_tag_makes_another_kind_of_click(tags: str, kind: Kind) -> None:
    (href,) = hrefs(rewritten(f'<a href="https://acme.test/prefs" ses:tags="{tags}">'))
    assert target(href).kind == kind
    assert target(href).url == "https://acme.test/prefs"


@pytest.mark.parametrize(
    ("html", "before", "after"),
    [
        ("<html><body><p>Hi</p></body></html>", "<html><body><p>Hi</p>", "</body></html>"),
        ("<HTML><BODY>Hi</BODY></HTML>", "<HTML><BODY>Hi", "</BODY></HTML>"),
        ("<p>Hi</p>", "<p>Hi</p>", ""),
        ("", "", ""),
        ("<p>{{ses:openTracker}}Hi</p></body>", "<p>", "Hi</p></body>"),
        ("a{{ses:openTracker}}b{{ses:openTracker}}c", "a", "bc"),
    ],
)
def test_the_pixel_has_its_place(html: str, before: str, after: str) -> None:
    result = rewritten(html)
    assert result.startswith(before + "<img ")
    assert result.endswith(">" + after)
    assert result.count("<img ") == 1
    ((_, attributes),) = [tag for tag in _Tags(result).tags if tag[0] == "img"]
    source = dict(attributes)["src"] or ""
    assert source.startswith(OPEN)
    assert TOKENS.verify(source.removeprefix(OPEN)) == Token("open", MESSAGE)


def test_without_opens_there_is_no_pixel_and_no_placeholder() -> None:
    assert rewritten("<p>{{ses:openTracker}}Hi</p>", opens=False) == "<p>Hi</p>"


def test_html_without_links_is_untouched() -> None:
    html = "<p>a < b &amp; <abbr title='x'>c</abbr></p>"
    assert rewritten(html, opens=False) is html


names = st.sampled_from(["class", "style", "title", "id", "data-href", "hrefx", "disabled"])
values = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12)
attributes = st.lists(st.tuples(names, values), max_size=3, unique_by=lambda pair: pair[0])


@st.composite
def anchors(draw: st.DrawFn) -> tuple[str, str]:
    """An anchor's start tag, however quoted, and its URL."""
    url = draw(st.sampled_from(["https://a.test/", "http://b.test/?x=1&y=2", "mailto:x@y", "#z", "https://c.test/'"]))
    written = []
    for name, value in [*draw(attributes), ("href", url), *draw(attributes)]:
        quote = draw(st.sampled_from("\"'"))
        shown = escape(value, quote=True)
        written.append(f"{draw(st.sampled_from([' ', chr(10)]))}{name}={quote}{shown}{quote}")
    return f"<a{''.join(written)}>", url


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(st.one_of(anchors(), st.text("abc &;\n", max_size=9).map(lambda text: (text, ""))), max_size=6))
def test_nothing_but_the_hrefs_changes(parts: list[tuple[str, str]]) -> None:
    html = "".join(part for part, _ in parts)
    result = rewritten(html, opens=False)
    before, after = _Tags(html), _Tags(result)
    assert after.text == before.text
    restored = [
        (
            tag,
            tuple(
                (name, target(value).url if name == "href" and (value or "").startswith(CLICK) else value)
                for name, value in found
            ),
        )
        for tag, found in after.tags
    ]
    assert restored == before.tags
    tracked = [url for _, url in parts if url.startswith("http")]
    assert [target(href).url for href in hrefs(result) if href.startswith(CLICK)] == tracked


@settings(max_examples=200, deadline=None)
@given(html=st.text("<a href=\"'>/ ses:no-track\n", max_size=200))
def test_any_soup_is_survived(html: str) -> None:
    rewritten(html)


@pytest.mark.parametrize(
    "soup",
    [
        "<a ", '<a x="', "<a href=x ", "<a href='", '<a href="x" y=\'', "<a b ", "<a href=x>", "<a x=y", "<a x= ",
        "<a ses:tags=", "<a href=x ses:",
    ],
)  # fmt: skip
def test_hostile_html_is_no_slower_than_linear(soup: str) -> None:
    start = process_time()
    rewritten(soup * (600_000 // len(soup)))
    rewritten("<a" + " " * 600_000)
    rewritten("<a href='x' ses:tags=" + "'" + "a:b;" * 100_000 + "'>")
    assert process_time() - start < 5


# Tokens


@settings(max_examples=200, deadline=None)
@given(
    kind=st.sampled_from(["open", "click", "unsubscribe", "one_click"]),
    message_id=st.one_of(
        st.text(min_size=1, max_size=60),
        st.binary(min_size=16, max_size=16).map(bytes.hex),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.text("0123456789abcdefABCDEF", min_size=64, max_size=64),
    ),
    link=st.integers(0, 249),
    url=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=200),
    tags=st.lists(st.tuples(st.text("aB1_-", min_size=1, max_size=9), st.text("aB1_-", max_size=9)), max_size=4),
)
def test_a_token_says_what_was_signed(
    kind: Kind, message_id: str, link: int, url: str, tags: list[tuple[str, str]]
) -> None:
    token = Token(kind, message_id, link, url, tuple(tags))
    text = TOKENS.sign(token)
    assert TOKENS.verify(text) == token
    assert TOKENS.verify(text + ".gif") == token
    assert all(char.isalnum() or char in "-_" for char in text)


def test_tokens_are_short() -> None:
    assert len(TOKENS.sign(Token("open", MESSAGE))) == 48


def test_any_changed_bit_is_noticed() -> None:
    text = TOKENS.sign(Token("click", MESSAGE, 3, "https://acme.test/"))
    for position in range(len(text)):
        other = "A" if text[position] != "A" else "Q"
        changed = text[:position] + other + text[position + 1 :]
        assert TOKENS.verify(changed) is None
        assert TOKENS.verify(text[:position]) is None


@pytest.mark.parametrize("text", ["", "x", "....", "ü", "A" * 47, "=" * 9, "\0", "A" * 10_000])
def test_what_is_no_token(text: str) -> None:
    assert TOKENS.verify(text) is None


def test_keys_can_be_replaced() -> None:
    text = TOKENS.sign(Token("open", MESSAGE))
    assert Tokens(b"new", [KEY]).verify(text) == Token("open", MESSAGE)
    assert Tokens(b"new").verify(text) is None
    assert TOKENS.verify(Tokens(b"new").sign(Token("open", MESSAGE))) is None


def test_the_unsubscribe_url_of_a_message() -> None:
    url = TRACKER.unsubscribe_url(MESSAGE)
    assert TOKENS.verify(url.removeprefix("https://track.test/track/u/")) == Token("one_click", MESSAGE)


def test_tags_are_pairs_of_words() -> None:
    assert parse_tags("a:b; c : d ;;e;f:g:h;i:") == (("a", "b"), ("c", "d"), ("i", ""))
