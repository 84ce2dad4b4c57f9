"""Partials, rendered where they are used.

Inline ones are defined for the body they stand in and all it calls. Shared ones come from outside and serve where
no inline one of the name is known; they know each other and what is inline in them, not what is around their calls.
"""

from __future__ import annotations

from collections.abc import Mapping

from clarion.domain.templates.handlebars.compiler.expressions import compile_value
from clarion.domain.templates.handlebars.compiler.unit import Unit
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.run import Frame, Part, Run, Value
from clarion.domain.templates.handlebars.runtime.values import Layers, is_map
from clarion.domain.templates.handlebars.syntax.tree import Partial


def with_partials(body: Part, partials: Mapping[str, Part]) -> Part:
    """The body, with these partials known in it. Each remembers the frame it was defined in."""

    def scoped(run: Run, frame: Frame) -> None:
        scope = Frame(frame.context, frame.parent, frame.loop, frame.partials)
        scope.partials = {**frame.partials, **{name: (part, scope) for name, part in partials.items()}}
        body(run, scope)

    return scoped


def shared_partial(name: str, source: str, body: Part) -> Part:
    """The body of a shared partial, as it is called: what fails in it is told by its name and its own lines."""

    def shared(run: Run, frame: Frame) -> None:
        around = run.inside
        run.inside = (name, source)
        body(run, Frame(frame.context, frame.parent, frame.loop, {}))
        run.inside = around

    return shared


def compile_partial(unit: Unit, node: Partial) -> Part:
    """`{{> name}}`. The partial must be defined before this place, or be a shared one."""
    shared = unit.shared.get(node.name)
    if node.name not in unit.partials and shared is None:
        unit.fail(node.at, f'the partial {node.name} is not defined before: {{{{#*inline "{node.name}"}}}}')
    arguments, call, name, at = node.call.arguments, node.call, node.name, node.at
    context = compile_value(unit, arguments[0], lenient=True) if arguments else None
    named = [(key, compile_value(unit, value, lenient=True)) for key, value in call.named.items()]
    deeper, most, indent = unit.depth + 1, unit.budget.calls, node.indent

    def use(run: Run, frame: Frame) -> None:
        found = frame.partials.get(name)
        if found is None:
            if shared is None:
                run.fail(at, f"the partial {name} is not defined here")
            found = (shared, frame)
        part, home = found
        run.nested += deeper
        if run.nested > most:
            run.fail(at, f"partials call each other more than {most} deep")
        inner = _frame(run, frame, home, context, {key: value(run, frame) for key, value in named})
        if indent:
            _indented(run, inner, part, indent, at)
        else:
            part(run, inner)
        run.nested -= deeper

    return use


def _frame(run: Run, frame: Frame, home: Frame, context: Value | None, named: Mapping[str, object]) -> Frame:
    """The partial's frame: its context is the caller's or the one given, `../` leads to its definition."""
    value = frame.context if context is None else context(run, frame)
    same = value is home.context
    if named:
        value, same = (Layers(named, value) if is_map(value) else Layers(named)), False
    return Frame(value, home.parent if same else home, frame.loop, frame.partials)


def _indented(run: Run, frame: Frame, part: Part, indent: str, at: int) -> None:
    """Render a partial that stands alone on its line with the line's indentation before each of its lines."""
    start = len(run.out)
    part(run, frame)
    text = "".join(run.out[start:])
    del run.out[start:]
    try:
        run.charge(len(text) + text.count("\n") * len(indent))
    except Problem as problem:
        run.fail(at, str(problem))
    lines = text.split("\n")
    last = len(lines) - 1
    shifted = "\n".join([indent + line if line or index < last else line for index, line in enumerate(lines)])
    run.size += len(shifted) - len(text)
    run.write(shifted)
