"""Plain text of an HTML source: the text part of an e-mail that was written without one.

The source is turned, not what is rendered of it, so it costs nothing per recipient. Tags of the template language
stay where they are between the same pieces of text, so blocks still open and close in order; that is why nothing
is laid out in columns, whatever tables there are. Reading is linear in the length of the source, however hostile
(Python's own `html.parser` is not).

    <ul>{{#each items}}<li>{{this}}</li>{{/each}}</ul>   becomes   {{#each items}}- {{this}}
                                                                    {{/each}}
"""

from __future__ import annotations

import re
from html import unescape

from clarion.domain.templates.handlebars.tags import Tag, hidden

_MARK = re.compile("\ue000([0-9]+)\ue001")
_PRIVATE = re.compile("[\ue000\ue001]")
_BRACES = re.compile(r"(?<!\\)\{\{")
_SPACE = re.compile(r"[ \t\n\r\f\v\u00a0]+")
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200d\u2060\ufeff]")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)

# A tag: slash, name, attributes. Nothing is tried twice; a "<" outside of quotes ends the attempt.
_TAG = re.compile(r"""<(/?)([A-Za-z][^\s/<>"']*+)((?>[^"'<>]|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?>\s*+=\s*+(?>"([^"]*+)"|'([^']*+)'|([^\s"'<>]++)))?""")
_RAW = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title", "textarea")}
_SILENT = frozenset({"script", "style", "title", "template", "noscript", "object", "svg"})
_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "dl", "figure"})
_LINES = frozenset(
    {"div", "table", "tr", "li", "section", "article", "header", "footer", "center", "dt", "dd", "form", "address"}
    | {"main", "nav", "aside", "tbody", "thead", "tfoot", "caption", "body", "html"}
)
_CELLS = frozenset({"td", "th"})
_RULE = "-" * 20


def plain_text(source: str, *, partial: bool = False) -> str:
    """The text of an HTML source, its tags kept. Raises TemplateSyntaxError for tags that cannot be read.

    The text of a `partial` has a line break where its HTML begins or ends with a block: it is put between others.
    """
    text, found = hidden(_PRIVATE.sub("", source), lambda number, tag: f"\ue000{number}\ue001")
    turner = _Turner(_PRIVATE.sub("", source), found)
    turner.turn(text)
    return turner.partial() if partial else turner.text()


class _Lines:
    """Writes words and template tags into lines. Breaks are owed until something follows them."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._owed = 0
        self._ended = 2
        self._space = False
        self._alone = 0
        self.led = False

    @property
    def owing(self) -> bool:
        """Whether a break follows what was written."""
        return self._owed > 0

    def words(self, text: str) -> None:
        """Visible text, its whitespace settled."""
        self._pay()
        if self._space and not self._ended:
            self.out.append(" ")
        self.out.append(text)
        self._space, self._ended, self._alone = False, 0, -1

    def space(self) -> None:
        self._space = True

    def mark(self, tag: str, *, visible: bool) -> None:
        """A template tag. Blocks come before the line they open; a value is a word."""
        if visible:
            self.words(tag)
            return
        self._pay()
        if self._space and not self._ended:
            self.out.append(" ")
            self._space = False
        self.out.append(tag)
        self._alone += 1 if self._alone >= 0 else 0

    def partial(self, tag: str) -> None:
        """A call of a partial: text, which yet takes its line along when it is alone on it."""
        self._pay()
        alone = self._alone == 0 and bool(self._ended)
        self.words(tag)
        self._alone = 1 if alone else -1

    def end(self, breaks: int) -> None:
        """At least so many line breaks before what follows."""
        self._owed = max(self._owed, breaks - self._ended)
        self._space = False
        self.led = self.led or not self.out

    def line(self) -> None:
        """One more line break."""
        self._owed = min(self._owed + 1, 3)
        self._space = False

    def _pay(self) -> None:
        if not self._owed:
            return
        # A tag alone on its line takes the break behind it along.
        self.out.append("\n" * (self._owed + (self._alone == 1)))
        self._ended += self._owed
        self._owed, self._alone, self._space = 0, 0, False


class _Turner:
    """Walks through HTML and writes its words; `tags` are what the marks in it stand for."""

    def __init__(self, source: str, tags: list[Tag]) -> None:
        self._source = source
        self._tags = tags
        self._lines = _Lines()
        self._links: list[tuple[str, int]] = []
        self._in_head = False
        self._silent: list[str] = []
        self._kept_as_is = 0

    def turn(self, html: str) -> None:
        """Turn it, piece by piece."""
        at, start = 0, html.find("<")
        while start >= 0:
            end = self._end_of(html, start)
            if end > start:
                self._data(unescape(html[at:start]))
                at = self._markup(html, start, end)
            start = html.find("<", max(at, start + 1))
        self._data(unescape(html[at:]))

    def _end_of(self, html: str, start: int) -> int:
        """Where the markup that begins here ends; `start` when this `<` is text."""
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            return end + 3 if end >= 0 else len(html)
        if html.startswith(("<!", "<?"), start):
            end = html.find(">", start)
            return end + 1 if end >= 0 else len(html)
        match = _TAG.match(html, start)
        return match.end() if match else start

    def _markup(self, html: str, start: int, end: int) -> int:
        """A tag, comment or declaration: where what follows it begins."""
        match = _TAG.match(html, start)
        if match is None:
            return end
        name = match[2].lower()
        if match[1]:
            self._end(name)
            return end
        self._begin(name, _attributes(match[3]))
        if name in _RAW:
            self._end(name)
            found = _RAW[name].search(html, end)
            return found.start() if found else len(html)
        return end

    def text(self) -> str:
        """What was written, without blank lines at its end."""
        return "".join(self._lines.out).rstrip()

    def partial(self) -> str:
        """The same as something to be put between others."""
        text, lines = self.text(), self._lines
        return f"{chr(10) * lines.led}{text}{chr(10) * lines.owing}" if text else ""

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag in ("head", "body"):
            self._in_head = tag == "head"
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.append(tag)
            return
        if tag not in _VOID and (tag in _SILENT or _NOT_SHOWN.search(given.get("style", ""))):
            self._silent.append(tag)
            return
        if not self._in_head:
            self._start(tag, given)

    def _start(self, tag: str, given: dict[str, str]) -> None:
        lines = self._lines
        if tag == "br":
            lines.line()
        elif tag == "hr":
            lines.end(1)
            lines.words(_RULE)
            lines.end(1)
        elif tag == "img":
            self._say(given.get("alt", ""))
        elif tag == "a":
            self._links.append((given.get("href", ""), len(lines.out)))
        elif tag in _PARAGRAPHS:
            lines.end(2)
            self._kept_as_is += tag == "pre"
        elif tag in _LINES:
            lines.end(1)
            if tag == "li":
                lines.words("-")
                lines.space()
        elif tag in _CELLS:
            lines.space()

    def _end(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag == "head":
            self._in_head = False
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag in _PARAGRAPHS:
            self._lines.end(2)
            self._kept_as_is -= tag == "pre" and self._kept_as_is > 0
        elif tag in _LINES:
            self._lines.end(1)
        elif tag in _CELLS:
            self._lines.space()

    def _link(self, href: str, since: int) -> None:
        """Where a link leads, behind its words: `Shop (https://shop.example/)`."""
        href = self._restored(href.strip())
        said = "".join(self._lines.out[since:]).strip()
        if not href or href.startswith("#") or href in (said, f"mailto:{said}", f"tel:{said}"):
            return
        self._lines.space()
        self._lines.words(f"({href})" if said else href)

    def _data(self, data: str) -> None:
        if not data or self._silent or self._in_head:
            return
        if self._kept_as_is:
            for number, line in enumerate(data.split("\n")):
                if number:
                    self._lines.line()
                if line:
                    self._marked(line)
            return
        self._say(data)

    def _say(self, data: str) -> None:
        text = _SPACE.sub(" ", _INVISIBLE.sub("", data))
        if text.startswith(" "):
            self._lines.space()
        self._marked(text.strip(" "))
        if text.endswith(" "):
            self._lines.space()

    def _marked(self, text: str) -> None:
        """Text and the template tags in it."""
        end = 0
        for match in _MARK.finditer(text):
            self._words(text[end : match.start()])
            self._mark(int(match[1]))
            end = match.end()
        self._words(text[end:])

    def _words(self, text: str) -> None:
        if text.startswith(" "):
            self._lines.space()
        if words := (text if self._kept_as_is else text.strip(" ")):
            self._lines.words(_text(words))
        if text.endswith(" "):
            self._lines.space()

    def _mark(self, number: int) -> None:
        tag = self._tags[number]
        written = self._source[tag.start : tag.end]
        if tag.sign == ">":
            self._lines.partial(written)
        elif tag.sign != "!":
            self._lines.mark(written, visible=tag.sign in ("", "{", "&"))

    def _restored(self, text: str) -> str:
        return _MARK.sub(lambda match: self._source[slice(*self._tags[int(match[1])][:2])], _text(text))


def _attributes(text: str) -> dict[str, str]:
    if "=" not in text:
        return {}
    return {name.lower(): unescape(one or two or three) for name, one, two, three in _ATTRIBUTE.findall(text)}


def _text(words: str) -> str:
    """Words in which braces that were written as entities do not become a tag."""
    return _BRACES.sub(r"\\{{", words)
