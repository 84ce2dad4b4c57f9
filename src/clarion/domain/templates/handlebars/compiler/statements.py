"""Bodies: text, values, blocks and partials in order, charged as a whole when they are entered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clarion.domain.templates.handlebars.compiler import blocks
from clarion.domain.templates.handlebars.compiler.expressions import (
    Test,
    compile_call,
    compile_test,
    compile_value,
    helper_of,
    missing,
)
from clarion.domain.templates.handlebars.compiler.partials import compile_partial, with_partials
from clarion.domain.templates.handlebars.compiler.paths import compile_path
from clarion.domain.templates.handlebars.compiler.unit import Unit
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.run import Frame, Part, Run, Value
from clarion.domain.templates.handlebars.runtime.values import is_map
from clarion.domain.templates.handlebars.syntax.tree import (
    Block,
    Branch,
    Call,
    Inline,
    Output,
    Partial,
    Path,
    Statement,
    Text,
)

_SMALL = 10**9


def compile_body(unit: Unit, statements: Sequence[Statement], at: int) -> Part:
    """The statements between two tags, or of the whole template."""
    outer, unit.cost = unit.cost, 1
    inlines = [node for node in statements if isinstance(node, Inline)]
    unit.partials.update(node.name for node in inlines)
    partials = {node.name: _inline(unit, node) for node in inlines}
    parts: list[str | Part] = []
    for node in statements:
        if isinstance(node, Text):
            if node.value:
                parts.append(node.value)
        elif isinstance(node, Output):
            parts.append(_output(unit, node))
        elif isinstance(node, Partial):
            unit.cost += 1
            parts.append(compile_partial(unit, node))
        elif isinstance(node, Block) and not isinstance(node, Inline):
            parts.append(_block(unit, node))
    body = _sequence(parts, unit.cost, at)
    unit.cost = outer
    return with_partials(body, partials) if partials else body


def _inline(unit: Unit, node: Inline) -> Part:
    depth, unit.depth = unit.depth, 0
    body = compile_body(unit, node.branches[0].body, node.at)
    unit.depth = depth
    return body


def _sequence(parts: Sequence[str | Part], cost: int, at: int) -> Part:
    fixed = sum(len(part) for part in parts if isinstance(part, str))

    def body(run: Run, frame: Frame) -> None:
        run.steps -= cost
        run.size += fixed
        if run.steps < 0 or run.size > run.most:
            run.exhausted(at)
        write = run.write
        for part in parts:
            if part.__class__ is str:
                write(part)
            else:
                part(run, frame)  # type: ignore[operator]

    return body


def _output(unit: Unit, node: Output) -> Part:
    unit.cost += 1
    call = node.call
    if helper_of(unit, call) is None:
        return _written(compile_path(unit, call.target), node.at, call.target)
    return _written(compile_call(unit, call, lenient=False), node.at, None)


def _written(value: Value, at: int, path: Path | None) -> Part:
    def emit(run: Run, frame: Frame) -> None:
        text: Any = value(run, frame)
        if text.__class__ is list and len(text) == 1:
            text = text[0]
        if text.__class__ is not str:
            text = _printed(run, text, at, path)
        run.size += len(text)
        run.write(text)

    return emit


def _printed(run: Run, value: object, at: int, path: Path | None) -> str:
    if run.strict and path is not None:
        if value is None:
            missing(run, path)
        if is_map(value):
            run.fail(at, f"{path.original} is a map and has no text", path.original)
    if value.__class__ is int and -_SMALL < value < _SMALL:
        return str(value)
    try:
        return run.text(value)
    except Problem as problem:
        run.fail(at, str(problem))


def _block(unit: Unit, node: Block) -> Part:
    unit.depth += 1
    part = _branches(unit, node.branches)
    unit.depth -= 1
    return part


def _branches(unit: Unit, branches: Sequence[Branch]) -> Part:
    """Neighbouring conditions become one choice; anything else nests the branches behind it."""
    cases: list[tuple[Test, Part]] = []
    for index, branch in enumerate(branches):
        call = branch.call
        if call is None:
            otherwise = compile_body(unit, branch.body, branch.at)
            break
        test = None if branch.inverted else _test(unit, call)
        if test is None:
            otherwise = _other_block(unit, branch, branches[index + 1 :])
            break
        with unit.parameters((), range(0)):
            cases.append((test, compile_body(unit, branch.body, branch.at)))
    else:
        otherwise = blocks.nothing
    return blocks.choice(cases, otherwise) if cases else otherwise


def _test(unit: Unit, call: Call) -> Test | None:
    """The test of a condition; None for other blocks."""
    name = call.target.original
    if name in ("if", "unless") and not call.plain:
        value = _only_argument(unit, call)
        zero = call.named.get("includeZero")
        test = blocks.truth(value, compile_value(unit, zero, lenient=True) if zero is not None else None)
        return test if name == "if" else blocks.opposite(test)
    if name in ("each", "with") and not call.plain:
        return None
    helper = helper_of(unit, call)
    if helper is None:
        return None
    if not helper.condition:
        unit.fail(call.at, f"{name} makes a value and cannot open a block")
    unit.cost += 1
    return compile_test(unit, call, helper)


def _only_argument(unit: Unit, call: Call) -> Value:
    if len(call.arguments) != 1:
        unit.fail(call.at, f"{call.target.original} takes 1 argument, not {len(call.arguments)}")
    return compile_value(unit, call.arguments[0], lenient=True)


def _other_block(unit: Unit, branch: Branch, rest: Sequence[Branch]) -> Part:
    """`each`, `with`, a section or an inverted block; what follows in the chain is its else part."""
    call = branch.call
    assert call is not None
    unit.depth += 1
    if unit.depth > unit.budget.nesting:
        unit.fail(branch.at, f"blocks nest more than {unit.budget.nesting} deep")
    if branch.inverted:
        part = _inverted(unit, branch, call, rest)
    else:
        part = _stepping(unit, branch, call, rest)
    unit.depth -= 1
    return part


def _inverted(unit: Unit, branch: Branch, call: Call, rest: Sequence[Branch]) -> Part:
    body = compile_body(unit, branch.body, branch.at)
    upright = Branch(call, branch.strip, branch.at, rest[0].body if rest else [])
    test = _test(unit, call)
    if test is not None:
        return blocks.choice([(test, compile_body(unit, upright.body, upright.at))], body)
    return _stepping(unit, upright, call, [Branch(None, branch.strip, branch.at, branch.body)])


def _stepping(unit: Unit, branch: Branch, call: Call, rest: Sequence[Branch]) -> Part:
    name = call.target.original
    known = name in ("each", "with") and not call.plain
    value = _only_argument(unit, call) if known else compile_path(unit, call.target)
    subject = call.arguments[0] if known else call.target
    slots = unit.new_slots(min(len(branch.names), 2) if known else 0)
    stepped = subject if isinstance(subject, Path) and name != "each" else None
    with unit.parameters(branch.names, slots), unit.context(stepped):
        body = compile_body(unit, branch.body, branch.at)
    otherwise = _branches(unit, rest) if rest else blocks.nothing
    if name == "each" and known:
        return blocks.each(value, body, otherwise, slots, unit.budget.each_items)
    if name == "with" and known:
        return blocks.within(value, body, otherwise, slots)
    return blocks.section(value, body, otherwise, unit.budget.each_items)
