"""What can be wrong with a template, each with its place: line and column count from 1."""

from __future__ import annotations

from clarion.core.errors import Invalid

_LONGEST = 300


class TemplateSyntaxError(Invalid):
    """The text is not a template; found when it is compiled, so before anything is stored or sent."""

    def __init__(self, line: int, column: int, problem: str) -> None:
        super().__init__(f"line {line}, column {column}: {_short(problem)}")
        self.line = line
        self.column = column
        self.problem = _short(problem)


class RenderError(Invalid):
    """The template cannot be rendered with these values; `variable` is set when a value is missing."""

    def __init__(self, line: int, column: int, problem: str, variable: str | None = None) -> None:
        super().__init__(f"line {line}, column {column}: {_short(problem)}")
        self.line = line
        self.column = column
        self.problem = _short(problem)
        self.variable = variable


class Problem(Exception):
    """What a helper raises: it does not know where in the template it stands; its caller does."""


def _short(problem: str) -> str:
    """Problems quote the template, and a name in it may be as long as the template."""
    return problem if len(problem) <= _LONGEST else problem[:_LONGEST] + "…"


def place(source: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset."""
    return source.count("\n", 0, offset) + 1, offset - source.rfind("\n", 0, offset)
