"""Arguments, helper calls and conditions as closures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from clarion.domain.templates.handlebars.builtin import HELPERS, Helper
from clarion.domain.templates.handlebars.compiler.paths import compile_path
from clarion.domain.templates.handlebars.compiler.unit import Unit
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.run import Frame, Run, Value
from clarion.domain.templates.handlebars.syntax.tree import Call, Expression, Literal, Path

Test: TypeAlias = Callable[[Run, Frame], bool]
BLOCKS = frozenset({"if", "unless", "each", "with"})
_NOTHING: Mapping[str, object] = {}


def helper_of(unit: Unit, call: Call) -> Helper | None:
    """The helper that a tag calls; None when the tag is a variable: a lone name that is no helper, is a block
    parameter, or belongs to a helper that cannot do without arguments."""
    target = call.target
    if target.scoped or target.data or len(target.parts) != 1 or unit.slot(target) is not None:
        if call.plain:
            return None
        unit.fail(call.at, f"{target.original} is not a helper and takes no arguments")
    helper = HELPERS.get(target.parts[0])
    if call.plain:
        return helper if helper is not None and helper.least == 0 else None
    if helper is not None:
        return helper
    if target.original in BLOCKS:
        unit.fail(call.at, f"{target.original} opens a block: {{{{#{target.original} …}}}}")
    return unit.fail(call.at, f"there is no helper named {target.original}")


def compile_value(unit: Unit, expression: Expression, *, lenient: bool, word: bool = False) -> Value:
    """An expression. Not `lenient`: a missing variable fails in strict mode. `word`: a bare name without a
    value stands for its own text."""
    unit.cost += 1
    if isinstance(expression, Literal):
        constant = expression.value
        return lambda run, frame: constant
    if isinstance(expression, Call):
        return compile_call(unit, expression, lenient=lenient)
    if word and expression.bare and unit.slot(expression) is None:
        return _word(unit, expression)
    value = compile_path(unit, expression)
    return value if lenient else _required(value, expression)


def _word(unit: Unit, path: Path) -> Value:
    value, text = compile_path(unit, path, named=False), path.original

    def word(run: Run, frame: Frame) -> object:
        found = value(run, frame)
        return text if found is None else found

    return word


def _required(value: Value, path: Path) -> Value:
    def required(run: Run, frame: Frame) -> object:
        found = value(run, frame)
        if found is None and run.strict:
            missing(run, path)
        return found

    return required


def missing(run: Run, path: Path) -> None:
    """Note a variable without value, or raise RenderError for it."""
    if run.noted is not None:
        run.noted[path.original] = None
        return
    run.fail(path.at, f"{path.original} has no value", path.original)


def compile_call(unit: Unit, call: Call, *, lenient: bool) -> Value:
    """A helper call as a value. A sub-expression without arguments must be a helper too."""
    helper = helper_of(unit, call)
    if helper is None:
        unit.fail(call.at, f"there is no helper named {call.target.original} that takes no arguments")
    if helper.condition:
        return _answer(compile_test(unit, call, helper), _named(unit, call))
    values = _arguments(unit, call, helper, lenient=lenient or helper.optional)
    needed = () if helper.optional else _needed(call, helper)
    return _invoke(call, helper, values, _named(unit, call), needed)


def compile_test(unit: Unit, call: Call, helper: Helper) -> Test:
    """A condition as a test."""
    values = _arguments(unit, call, helper, lenient=True)
    invoke = _invoke(call, helper, values, (), ())
    return lambda run, frame: invoke(run, frame) is True


def _arguments(unit: Unit, call: Call, helper: Helper, *, lenient: bool) -> Sequence[Value]:
    count = len(call.arguments)
    if not helper.takes(count):
        unit.fail(call.at, f"{call.target.original} takes {helper.expects()}, not {count}")
    values = []
    for position, argument in enumerate(call.arguments):
        word = helper.wants_word(position, count)
        values.append(compile_value(unit, argument, lenient=lenient or word, word=word))
    return values


def _named(unit: Unit, call: Call) -> Sequence[tuple[str, Value]]:
    return [(name, compile_value(unit, value, lenient=True, word=True)) for name, value in call.named.items()]


def _needed(call: Call, helper: Helper) -> Sequence[int]:
    count = len(call.arguments)
    return [position for position in range(count) if not helper.wants_word(position, count)]


def _answer(test: Test, named: Sequence[tuple[str, Value]]) -> Value:
    """The inline result: the `yes` or `no` text, without them true or false."""
    texts = dict(named)
    yes, no = texts.get("yes"), texts.get("no")

    def answer(run: Run, frame: Frame) -> object:
        holds = test(run, frame)
        text = yes if holds else no
        return holds if text is None else text(run, frame)

    return answer


def _invoke(
    call: Call,
    helper: Helper,
    values: Sequence[Value],
    named: Sequence[tuple[str, Value]],
    needed: Sequence[int],
) -> Value:
    function, at, name = helper.function, call.at, call.target.original

    def invoke(run: Run, frame: Frame) -> object:
        given = [value(run, frame) for value in values]
        for position in needed:
            if given[position] is None:
                return None
        options = {key: value(run, frame) for key, value in named} if named else _NOTHING
        try:
            result = function(run, given, options)
            if result.__class__ is str:
                run.charge(len(result))
        except Problem as problem:
            run.fail(at, f"{name}: {problem}")
        return result

    return invoke
