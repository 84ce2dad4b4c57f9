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
from clarion.domain.templates.handlebars.compiler.partials import compile_partial, shared_partial, with_partials
from clarion.domain.templates.handlebars.compiler.paths import compile_path
from clarion.domain.templates.handlebars.compiler.unit import Unit
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.run import Frame, Part, Run, Value
from clarion.domain.templates.handlebars.runtime.values import is_map
from clarion.domain.templates.handlebars.syntax.parser import parse
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
            _share(unit, node)
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


def _share(unit: Unit, node: Partial) -> None:
    """Compile the shared partial of this name, if there is one and it is not compiled yet."""
    name = node.name
    if name in unit.library and name not in unit.shared:
        with unit.within(name, node.at) as source:
            body = compile_body(unit, parse(source, unit.budget), 0)
        unit.shared[name] = shared_partial(name, source, body)


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
        if is_map(value) and run.noted is None:
            run.fail(at, f"{path.original} is a map and has no text", path.original)
    if value.__class__ is int and -_SMALL < value < _SMALL:
        return str(value)
    try:
        return run.text(value)
    except Problem as problem:
        run.fail(at, str(problem))


def _block(unit: Unit, node: Block) -> Part:
    branches = node.branches
    if branches[0].inverted:
        branches = _upright(*branches)
    unit.depth += 1
    part = _branches(unit, branches)
    unit.depth -= 1
    return part


def _upright(inverted: Branch, otherwise: Branch | None = None) -> list[Branch]:
    """`{{^x}}A{{else}}B{{/x}}` as `{{#x}}B{{else}}A{{/x}}`."""
    body = otherwise.body if otherwise is not None else []
    return [
        Branch(inverted.call, inverted.strip, inverted.at, body, inverted.names),
        Branch(None, inverted.strip, inverted.at, inverted.body),
    ]


def _branches(unit: Unit, branches: Sequence[Branch]) -> Part:
    """Neighbouring conditions become one choice; any other block has the branches behind it as its else part."""
    cases: list[tuple[Test, Part]] = []
    for index, branch in enumerate(branches):
        call = branch.call
        if call is None:
            otherwise = compile_body(unit, branch.body, branch.at)
            break
        test = _test(unit, call)
        if test is None:
            otherwise = _stepping(unit, branch, call, branches[index + 1 :])
            break
        cases.append((test, compile_body(unit, branch.body, branch.at)))
    else:
        otherwise = blocks.nothing
    return blocks.choice(cases, otherwise) if cases else otherwise


def _test(unit: Unit, call: Call) -> Test | None:
    """The test of a condition; None for other blocks."""
    name = call.target.original
    if name in ("if", "unless"):
        value = _only_argument(unit, call)
        zero = call.named.get("includeZero")
        test = blocks.truth(value, compile_value(unit, zero, lenient=True) if zero is not None else None)
        return test if name == "if" else blocks.opposite(test)
    if name in ("each", "with"):
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


def _stepping(unit: Unit, branch: Branch, call: Call, rest: Sequence[Branch]) -> Part:
    """`each`, `with` or a section."""
    name = call.target.original
    known = name in ("each", "with")
    value = _only_argument(unit, call) if known else compile_path(unit, call.target)
    subject = call.arguments[0] if known else call.target
    slots = unit.new_slots(min(len(branch.names), 2) if known else 0)
    stepped = subject if isinstance(subject, Path) and name != "each" else None
    with unit.parameters(branch.names, slots), unit.context(stepped):
        body = compile_body(unit, branch.body, branch.at)
    otherwise = _otherwise(unit, rest)
    if name == "each":
        return blocks.each(value, body, otherwise, slots, unit.budget.each_items)
    if name == "with":
        return blocks.within(value, body, otherwise, slots)
    return blocks.section(value, body, otherwise, unit.budget.each_items)


def _otherwise(unit: Unit, rest: Sequence[Branch]) -> Part:
    """What follows in the chain; another block in it nests, a plain `{{else}}` does not."""
    if not rest:
        return blocks.nothing
    deeper = rest[0].call is not None
    unit.depth += deeper
    if unit.depth > unit.budget.nesting:
        unit.fail(rest[0].at, f"blocks nest more than {unit.budget.nesting} deep")
    part = _branches(unit, rest)
    unit.depth -= deeper
    return part
