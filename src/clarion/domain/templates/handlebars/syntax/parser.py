"""From tags to tree, with a stack of open blocks and without recursion, so that no input nests too deep."""

from __future__ import annotations

from typing import NoReturn

from clarion.domain.templates.handlebars.budget import Budget
from clarion.domain.templates.handlebars.errors import TemplateSyntaxError, place
from clarion.domain.templates.handlebars.syntax.expressions import ExpressionParser
from clarion.domain.templates.handlebars.syntax.scanner import Opening, Scanner
from clarion.domain.templates.handlebars.syntax.tree import (
    Block,
    Branch,
    Call,
    Comment,
    Inline,
    Literal,
    Output,
    Partial,
    Path,
    Statement,
    Strip,
    Text,
)
from clarion.domain.templates.handlebars.syntax.whitespace import trim


def parse(source: str, budget: Budget) -> list[Statement]:
    """The statements of a template, whitespace settled. Raises TemplateSyntaxError."""
    if len(source) > budget.source:
        raise TemplateSyntaxError(*place(source, budget.source), f"a template has at most {budget.source:,} characters")
    statements = _Parser(source, budget).run()
    trim(statements)
    return statements


class _Parser:
    def __init__(self, source: str, budget: Budget) -> None:
        self._scanner = Scanner(source)
        self._expressions = ExpressionParser(self._scanner, budget)
        self._budget = budget
        self._root: list[Statement] = []
        self._body = self._root
        self._open: list[Block] = []

    def run(self) -> list[Statement]:
        scanner = self._scanner
        while not scanner.done:
            if scanner.at_text:
                if text := scanner.text():
                    self._body.append(Text(text, text))
            else:
                self._tag(scanner.opening())
        if self._open:
            block = self._open[-1]
            self._fail(block.at, f"{_shown(block)} opened here is never closed")
        return self._root

    def _fail(self, at: int, problem: str) -> NoReturn:
        self._scanner.fail(at, problem)

    def _tag(self, opening: Opening) -> None:
        match opening.sign:
            case "!":
                self._body.append(Comment(Strip(opening.left, self._scanner.comment(opening.at))))
            case "" | "{" | "&":
                call, strip = self._call(opening)
                self._body.append(Output(call, strip, opening.at))
            case "#":
                self._begin_block(opening, inverted=False)
            case "^":
                self._inverse(opening)
            case "else":
                self._otherwise(opening)
            case "/":
                self._end_block(opening)
            case ">":
                self._partial(opening)
            case "#*":
                self._inline(opening)
            case "#>":
                self._fail(opening.at, "partial blocks {{#> }} are not part of the language")
            case _:
                self._fail(opening.at, "decorators {{* }} are not part of the language, except {{#*inline}}")

    def _call(self, opening: Opening) -> tuple[Call, Strip]:
        call = self._expressions.call()
        return call, Strip(opening.left, self._expressions.close())

    def _branch(self, opening: Opening, *, inverted: bool = False) -> Branch:
        call = self._expressions.call()
        names = self._expressions.block_names()
        strip = Strip(opening.left, self._expressions.close())
        return Branch(call, strip, opening.at, names=names, inverted=inverted)

    def _begin_block(self, opening: Opening, *, inverted: bool) -> None:
        branch = self._branch(opening, inverted=inverted)
        self._enter(Block([branch], Strip(), opening.at))

    def _enter(self, block: Block) -> None:
        if len(self._open) >= self._budget.nesting:
            self._fail(block.at, f"blocks nest more than {self._budget.nesting} deep")
        self._body.append(block)
        self._open.append(block)
        self._body = block.branches[0].body

    def _inverse(self, opening: Opening) -> None:
        right = self._scanner.lone_inverse()
        if right is None:
            self._begin_block(opening, inverted=True)
        else:
            self._add_branch(Branch(None, Strip(opening.left, right), opening.at))

    def _otherwise(self, opening: Opening) -> None:
        if self._scanner.peek().kind == "close":
            self._add_branch(Branch(None, Strip(opening.left, self._expressions.close()), opening.at))
        else:
            self._add_branch(self._branch(opening))

    def _add_branch(self, branch: Branch) -> None:
        block = self._open[-1] if self._open else None
        if block is None or isinstance(block, Inline):
            self._fail(branch.at, "{{else}} stands outside of a block")
        if block.branches[-1].call is None:
            self._fail(branch.at, f"{_shown(block)} has its {{{{else}}}} already")
        if block.branches[0].inverted and branch.call is not None:
            self._fail(branch.at, "a block opened with ^ has only a plain {{else}}")
        block.branches.append(branch)
        self._body = branch.body

    def _end_block(self, opening: Opening) -> None:
        call, strip = self._call(opening)
        if not call.plain:
            self._fail(opening.at, "a closing tag takes no arguments")
        if not self._open:
            self._fail(opening.at, f"{{{{/{call.target.original}}}}} closes a block that is not open")
        block = self._open.pop()
        if call.target.original != _name(block):
            line, column = place(self._scanner.source, block.at)
            opened = f"{_shown(block)} opened at line {line}, column {column}"
            self._fail(
                opening.at, f"expected {{{{/{_name(block)}}}}} instead of {{{{/{call.target.original}}}}}: {opened}"
            )
        block.close = strip
        self._body = self._open[-1].branches[-1].body if self._open else self._root

    def _partial(self, opening: Opening) -> None:
        call, strip = self._call(opening)
        if len(call.arguments) > 1:
            self._fail(call.at, "a partial takes one context and named arguments")
        self._body.append(Partial(call.target.original, call, strip, opening.at))

    def _inline(self, opening: Opening) -> None:
        call, strip = self._call(opening)
        name = call.arguments[0] if len(call.arguments) == 1 else None
        if call.target.original != "inline" or not isinstance(name, Literal | Path) or call.named:
            self._fail(opening.at, 'expected {{#*inline "name"}}')
        text = name.original if isinstance(name, Path) else str(name.value)
        self._enter(Inline([Branch(None, strip, opening.at)], Strip(), opening.at, text))


def _name(block: Block) -> str:
    call = block.branches[0].call
    return "inline" if call is None else call.target.original


def _shown(block: Block) -> str:
    if isinstance(block, Inline):
        return "{{#*inline}}"
    return f"{{{{{'^' if block.branches[0].inverted else '#'}{_name(block)}}}}}"
