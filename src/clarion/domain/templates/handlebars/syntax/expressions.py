"""The inside of a tag: target, arguments, named arguments, block parameters."""

from __future__ import annotations

import re
from decimal import Decimal

from clarion.domain.templates.handlebars.budget import Budget
from clarion.domain.templates.handlebars.syntax.scanner import Scanner, Token
from clarion.domain.templates.handlebars.syntax.tree import Call, Expression, Literal, Path

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "undefined": None}
_MOST_DIGITS = 40
_ESCAPE = re.compile(r"\\([\\\]])")


class ExpressionParser:
    """Reads expressions from a scanner that stands inside a tag."""

    def __init__(self, scanner: Scanner, budget: Budget) -> None:
        self._scanner = scanner
        self._budget = budget
        self._nested = 0

    def call(self, closing: str = "close") -> Call:
        """A target with its arguments, up to `close`, `)` or block parameters, which are left in place."""
        token = self._scanner.peek()
        call = Call(self._target(), [], {}, token.at)
        while not self._ends(closing):
            token = self._scanner.peek()
            if token.kind in ("name", "segment") and self._scanner.names_argument(token):
                self._scanner.next()
                self._scanner.next()
                call.named[self._segment(token)] = self._argument()
            elif call.named:
                self._scanner.fail(token.at, f"{token.text} must stand before the named arguments")
            else:
                call.arguments.append(self._argument())
        return call

    def close(self) -> bool:
        """Step over the closing braces; answers whether they carry `~`."""
        token = self._scanner.next()
        if token.kind != "close":
            self._scanner.fail(token.at, f"expected }}}} instead of {token.text}")
        return "~" in token.text

    def block_names(self) -> tuple[str, ...]:
        """The names of `as |item index|`, or none."""
        if self._scanner.peek().kind != "params":
            return ()
        opened = self._scanner.next()
        names: list[str] = []
        while (token := self._scanner.next()).kind in ("name", "segment"):
            names.append(self._segment(token))
        if token.text != "|" or not names:
            self._scanner.fail(opened.at, "expected names and a closing |, as in: as |item index|")
        return tuple(names)

    def _ends(self, closing: str) -> bool:
        token = self._scanner.peek()
        if closing == ")":
            return token.kind == "sign" and token.text == ")"
        return token.kind in ("close", "params")

    def _target(self) -> Path:
        """A name; a literal in this place is a name too, as in handlebars.js."""
        token = self._scanner.peek()
        if token.kind in ("string", "number", "word"):
            self._scanner.next()
            text = _unquoted(token) if token.kind == "string" else token.text
            return Path((text,), text, token.at)
        if token.kind == "close":
            self._scanner.fail(token.at, "expected a name before }}")
        return self._path()

    def _argument(self) -> Expression:
        token = self._scanner.peek()
        if token.kind == "string":
            self._scanner.next()
            return Literal(_unquoted(token), token.at)
        if token.kind == "number":
            self._scanner.next()
            if len(token.text) > _MOST_DIGITS:
                self._scanner.fail(token.at, f"a number has at most {_MOST_DIGITS} digits")
            return Literal(Decimal(token.text) if "." in token.text else int(token.text), token.at)
        if token.kind == "word":
            self._scanner.next()
            return Literal(_WORDS[token.text], token.at)
        if token.text == "(":
            return self._parenthesised()
        return self._path()

    def _parenthesised(self) -> Call:
        opened = self._scanner.next()
        self._nested += 1
        if self._nested > self._budget.nesting:
            self._scanner.fail(opened.at, f"parentheses nest more than {self._budget.nesting} deep")
        call = self.call(")")
        self._scanner.next()
        self._nested -= 1
        call.at = opened.at
        return call

    def _path(self) -> Path:
        token = self._scanner.next()
        start, data = token.at, token.text == "@"
        if data:
            token = self._scanner.next()
        path = Path((), "@" if data else "", start, data=data, bare=not data)
        parts: list[str] = []
        while True:
            if token.kind not in ("name", "segment"):
                self._scanner.fail(token.at, f"expected a name instead of {token.text}")
            self._take(path, parts, token)
            if len(parts) + path.up > self._budget.segments:
                self._scanner.fail(start, f"a path has at most {self._budget.segments} segments")
            following = self._scanner.peek()
            if following.kind != "sign" or following.text not in "/.":
                break
            self._scanner.next()
            path.original += following.text
            path.bare = path.bare and following.text == "/"
            token = self._scanner.next()
            if token.kind == "number" and token.text.isdecimal():
                token = token._replace(kind="name")
        path.parts = tuple(parts)
        return path

    def _take(self, path: Path, parts: list[str], token: Token) -> None:
        text = self._segment(token)
        path.original += text
        if token.kind == "name" and text in ("..", ".", "this"):
            if parts:
                self._scanner.fail(token.at, f"{text} cannot stand within a path")
            path.scoped, path.bare = True, False
            path.up += text == ".."
            return
        path.bare = path.bare and token.kind == "name"
        parts.append(text)

    def _segment(self, token: Token) -> str:
        if token.kind == "segment":
            return _ESCAPE.sub(r"\1", token.text[1:-1])
        return token.text


def _unquoted(token: Token) -> str:
    quote = token.text[0]
    return token.text[1:-1].replace("\\" + quote, quote)
