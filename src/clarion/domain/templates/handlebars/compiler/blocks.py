"""What blocks do when they are rendered: choose, repeat, step into a value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from clarion.domain.templates.handlebars.compiler.expressions import Test
from clarion.domain.templates.handlebars.runtime.run import Frame, Loop, Part, Run, Value
from clarion.domain.templates.handlebars.runtime.values import is_map, truthy


def nothing(run: Run, frame: Frame) -> None:
    """The branch that is not there."""


def choice(cases: Sequence[tuple[Test, Part]], otherwise: Part) -> Part:
    """The first body whose test holds."""
    if len(cases) == 1:
        test, body = cases[0]

        def either(run: Run, frame: Frame) -> None:
            if test(run, frame):
                body(run, frame)
            else:
                otherwise(run, frame)

        return either

    def choose(run: Run, frame: Frame) -> None:
        for test, body in cases:
            if test(run, frame):
                body(run, frame)
                return
        otherwise(run, frame)

    return choose


def truth(value: Value, include_zero: Value | None) -> Test:
    """The test of `if`."""
    if include_zero is None:
        return lambda run, frame: truthy(value(run, frame))

    def holds(run: Run, frame: Frame) -> bool:
        found = value(run, frame)
        is_zero = isinstance(found, int | float) and not isinstance(found, bool) and found == 0
        return truthy(found) or (is_zero and truthy(include_zero(run, frame)))

    return holds


def opposite(test: Test) -> Test:
    """The test of `unless`."""
    return lambda run, frame: not test(run, frame)


def each(value: Value, body: Part, otherwise: Part, slots: range, most: int) -> Part:
    """Repeat for the items of a list, up to `most` of them, or the entries of a map; a single value counts
    as a list of one."""

    def repeat(run: Run, frame: Frame) -> None:
        found = value(run, frame)
        if isinstance(found, list | tuple):
            if found:
                _loop(run, frame, enumerate(found[:most]), min(len(found), most), body, slots)
            else:
                otherwise(run, frame)
        elif is_map(found):
            _each_entry(run, frame, found, body, otherwise, slots)
        elif found is None or found is False or found == "":
            otherwise(run, frame)
        else:
            _loop(run, frame, ((0, found),), 1, body, slots)

    return repeat


def _each_entry(run: Run, frame: Frame, found: Mapping[str, object], body: Part, otherwise: Part, slots: range) -> None:
    entries = [(key, value) for key, value in found.items() if value is not None]
    if entries:
        _loop(run, frame, entries, len(entries), body, slots)
    else:
        otherwise(run, frame)


def _loop(
    run: Run, frame: Frame, entries: Iterable[tuple[object, object]], count: int, body: Part, slots: range
) -> None:
    """One frame and one loop serve all rounds; block parameters are put back for a caller that recurses."""
    loop = Loop(frame.loop)
    inner = Frame(None, frame, loop, frame.partials)
    before = [run.slots[slot] for slot in slots]
    last = count - 1
    for index, (key, value) in enumerate(entries):
        loop.index, loop.key, loop.last = index, key, index == last
        inner.context = value
        if slots:
            for slot, parameter in zip(slots, (value, key), strict=False):
                run.slots[slot] = parameter
        body(run, inner)
        loop.first = False
    for slot, parameter in zip(slots, before, strict=True):
        run.slots[slot] = parameter


def within(value: Value, body: Part, otherwise: Part, slots: range) -> Part:
    """`with`: step into a value that is not missing, false or empty; zero is a value."""

    def step(run: Run, frame: Frame) -> None:
        found = value(run, frame)
        if not truthy(found) and (isinstance(found, bool) or found != 0):
            otherwise(run, frame)
            return
        before = [run.slots[slot] for slot in slots]
        for slot in slots[:1]:
            run.slots[slot] = found
        body(run, Frame(found, frame, frame.loop, frame.partials))
        for slot, parameter in zip(slots, before, strict=True):
            run.slots[slot] = parameter

    return step


def section(value: Value, body: Part, otherwise: Part, most: int) -> Part:
    """`{{#name}}`: once for true, as `each` for a list, not for missing or false, else as `with`."""

    def step(run: Run, frame: Frame) -> None:
        found = value(run, frame)
        if found is True:
            body(run, frame)
        elif found is None or found is False or found in ([], ()):
            otherwise(run, frame)
        elif isinstance(found, list | tuple):
            _loop(run, frame, enumerate(found[:most]), min(len(found), most), body, range(0))
        else:
            body(run, Frame(found, frame, frame.loop, frame.partials))

    return step
