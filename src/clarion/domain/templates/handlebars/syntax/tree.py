"""What a template is once it is read. `at` is always the offset in the source, for error messages."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import TypeAlias


@dataclasses.dataclass(slots=True)
class Literal:
    """A string, number, `true`, `false`, `null` or `undefined` (both None)."""

    value: str | int | Decimal | bool | None
    at: int


@dataclasses.dataclass(slots=True)
class Path:
    """A reference to a value: `User.UserAttributes.[Last Name]`, `../this`, `@index`."""

    parts: tuple[str, ...]
    original: str
    at: int
    up: int = 0
    """How many `../` stand in front."""
    data: bool = False
    """Written with `@`."""
    scoped: bool = False
    """Begins with `this`, `.` or `..`: belongs to that context alone, and never names a helper."""
    bare: bool = False
    """Only plain words and slashes: may stand for its own text where a helper wants one."""


@dataclasses.dataclass(slots=True)
class Call:
    """The inside of a tag, or of parentheses: a target and what is given to it."""

    target: Path
    arguments: list[Expression]
    named: dict[str, Expression]
    at: int

    @property
    def plain(self) -> bool:
        """Nothing but a name: it may be a variable."""
        return not self.arguments and not self.named


Expression: TypeAlias = Literal | Path | Call


@dataclasses.dataclass(slots=True)
class Strip:
    """Where a tag carries `~`."""

    left: bool = False
    right: bool = False


@dataclasses.dataclass(slots=True)
class Text:
    """Text between tags. Standalone tags are recognised by the original, the cut is made in `value`."""

    original: str
    value: str
    cut_left: bool = False
    cut_right: bool = False


@dataclasses.dataclass(slots=True)
class Comment:
    strip: Strip


@dataclasses.dataclass(slots=True)
class Output:
    """`{{x}}`, `{{{x}}}`, `{{&x}}`: all the same here, values are never escaped."""

    call: Call
    strip: Strip
    at: int


@dataclasses.dataclass(slots=True)
class Partial:
    """`{{> name context key=value}}`; `indent` is set when the tag stands alone on its line."""

    name: str
    call: Call
    strip: Strip
    at: int
    indent: str = ""


@dataclasses.dataclass(slots=True)
class Branch:
    """One tag of a block (`{{#x}}`, `{{else x}}`, `{{else}}`) with what follows it; `call` is None for `else`."""

    call: Call | None
    strip: Strip
    at: int
    body: list[Statement] = dataclasses.field(default_factory=list)
    names: tuple[str, ...] = ()
    """The block parameters: `as |item index|`."""
    inverted: bool = False
    """Opened with `^`: the body is the else part."""


@dataclasses.dataclass(slots=True)
class Block:
    """Branches in order. A chain of `{{else if}}` is flat, so that a long one nests nothing."""

    branches: list[Branch]
    close: Strip
    at: int


@dataclasses.dataclass(slots=True)
class Inline(Block):
    """`{{#*inline "name"}}…{{/inline}}`: one branch, the partial's body."""

    name: str = ""


Statement: TypeAlias = Text | Comment | Output | Partial | Block
