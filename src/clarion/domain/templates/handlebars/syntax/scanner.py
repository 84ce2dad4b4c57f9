"""Cuts the source into text, tag openings and the tokens inside tags, by the rules of handlebars.js 4.7.

Every expression here is matched in linear time: character classes that cannot overlap what follows them.
"""

from __future__ import annotations

import re
from typing import NamedTuple, NoReturn

from clarion.domain.templates.handlebars.errors import TemplateSyntaxError, place

_OPENING = re.compile(r"\{\{(?P<left>~?)(?P<sign>#\*|#>|[{#/^>&*!]?)")
_ELSE = re.compile(r"\s*else\b")
_LONE_INVERSE = re.compile(r"\s*(?P<right>~?)\}\}")
_COMMENT_END = re.compile(r"--~?\}\}")
_EQUALS = re.compile(r"\s*=")
_TRIPLE_CLOSE = re.compile(r"\s*\}(?P<right>~?)\}\}")
_AHEAD = r"(?=[=~}\s/.)\]|])"
_LITERAL_AHEAD = r"(?=[~}\s)\]])"
_TOKEN = re.compile(
    r"\s*+(?:"
    r"(?P<close>~?\}\})"
    r'|(?P<string>"(?:\\"|[^"])*"|' + r"'(?:\\'|[^'])*')"
    rf"|(?P<number>-?[0-9]++(?:\.[0-9]++)?{_LITERAL_AHEAD})"
    rf"|(?P<word>(?:true|false|null|undefined){_LITERAL_AHEAD})"
    r"|(?P<params>as\s++\|)"
    rf"|(?P<name>\.\.|\.{_AHEAD}|[^\s!\"#%-,./;->@\[-^`{{-~]++{_AHEAD})"
    r"|(?P<segment>\[(?:\\\]|[^\]])*\])"
    r"|(?P<sign>[()=|@/.])"
    r")"
)


class Token(NamedTuple):
    """A piece of a tag; `kind` is a group name of `_TOKEN`."""

    kind: str
    text: str
    at: int
    end: int


class Opening(NamedTuple):
    """The start of a tag: its sign (`""`, `#`, `/`, `else`, …) and whether `~` follows the braces."""

    sign: str
    left: bool
    at: int


class Scanner:
    """A position in the source. `triple` is set while inside `{{{ }}}`."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.triple = False
        self._escaped = False
        self._peeked: Token | None = None

    def fail(self, at: int, problem: str) -> NoReturn:
        """Raise TemplateSyntaxError at an offset."""
        raise TemplateSyntaxError(*place(self.source, at), problem)

    def text(self) -> str:
        """The text up to the next tag, escapes undone; possibly empty. The tag follows, unless at the end."""
        source, start = self.source, self.position
        if self._escaped:
            return self._escaped_text()
        tag = source.find("{{", start)
        if tag < 0:
            self.position = len(source)
            return source[start:]
        self.position = tag
        if source.endswith("\\\\", start, tag):
            return source[start : tag - 1]
        if source.endswith("\\", start, tag):
            self._escaped = True
            return source[start : tag - 1]
        return source[start:tag]

    def _escaped_text(self) -> str:
        self._escaped = False
        start = self.position
        tag = self.source.find("{{", start + 2)
        if tag < 0:
            tag = len(self.source)
        else:
            for _ in range(2):
                if tag - 1 >= start + 2 and self.source[tag - 1] == "\\":
                    tag -= 1
        self.position = tag
        return self.source[start:tag]

    @property
    def at_text(self) -> bool:
        """Whether text comes next although a tag seems to (it is escaped)."""
        return self._escaped or not self.source.startswith("{{", self.position)

    @property
    def done(self) -> bool:
        return self.position >= len(self.source)

    def opening(self) -> Opening:
        """Step over the braces, the `~` and the sign of the tag that begins here."""
        at = self.position
        match = _OPENING.match(self.source, at)
        assert match is not None
        sign, end = match["sign"], match.end()
        if sign == "{" and self.source.startswith("{", end):
            self.fail(at, "raw blocks {{{{ }}}} are not part of the language")
        if sign == "" and (found := _ELSE.match(self.source, end)):
            sign, end = "else", found.end()
        self.position = end
        self.triple = sign == "{"
        self._peeked = None
        return Opening(sign, bool(match["left"]), at)

    def lone_inverse(self) -> bool | None:
        """After `{{^`: step over `}}` when it follows at once; answers whether it carries `~`, else None."""
        match = _LONE_INVERSE.match(self.source, self.position)
        if match is None:
            return None
        self.position = match.end()
        return bool(match["right"])

    def comment(self, at: int) -> bool:
        """Step over the rest of a comment; answers whether it ends with `~`."""
        if self.source.startswith("--", self.position):
            match = _COMMENT_END.search(self.source, self.position)
            end = match.end() if match else -1
        else:
            end = self.source.find("}}", self.position) + 2
        if end < 2:
            self.fail(at, "this comment is never closed")
        self.position = end
        return self.source[end - 3] == "~"

    def peek(self) -> Token:
        """The next token of the tag, without stepping over it."""
        if self._peeked is None:
            self._peeked = self._match()
        return self._peeked

    def next(self) -> Token:
        """The next token of the tag."""
        token = self.peek()
        self._peeked = None
        self.position = token.end
        return token

    def names_argument(self, token: Token) -> bool:
        """Whether `=` follows this token: it is the name of a named argument."""
        return _EQUALS.match(self.source, token.end) is not None

    def _match(self) -> Token:
        if self.triple and (match := _TRIPLE_CLOSE.match(self.source, self.position)):
            return Token("close", match[0].strip(), match.end(), match.end())
        match = _TOKEN.match(self.source, self.position)
        if match is None:
            return self._unknown()
        kind = match.lastgroup or ""
        if kind == "close" and self.triple:
            self.fail(match.start("close"), "expected }}} here, since the tag begins with {{{")
        return Token(kind, match[kind], match.start(kind), match.end())

    def _unknown(self) -> NoReturn:
        at = self.position
        while at < len(self.source) and self.source[at].isspace():
            at += 1
        if at == len(self.source):
            self.fail(at, "expected }} before the end of the template")
        if self.source[at] in "\"'":
            self.fail(at, f"expected another {self.source[at]} that ends the text begun here")
        if self.source[at] == "[":
            self.fail(at, "expected a ] that ends the name begun here")
        self.fail(at, f"{self.source[at]!r} cannot stand here, or the tag lacks its }}}}")
