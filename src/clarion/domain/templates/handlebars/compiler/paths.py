"""Paths as closures. A name that the innermost context lacks is looked for in the contexts around it."""

from __future__ import annotations

import operator

from clarion.domain.templates.handlebars.compiler.unit import Unit
from clarion.domain.templates.handlebars.runtime.run import Frame, Run, Value
from clarion.domain.templates.handlebars.runtime.values import PLAIN, Layers, Lookup, first, is_map
from clarion.domain.templates.handlebars.syntax.tree import Path

_LOOP = frozenset({"index", "key", "first", "last"})


def compile_path(unit: Unit, path: Path, *, named: bool = True) -> Value:
    """The value a path leads to, None when missing. `named`: note it among the template's variables."""
    if named:
        unit.refer(path)
    if path.data:
        return _data(path)
    slot = unit.slot(path)
    if slot is not None:
        return _parameter(slot, path)
    if path.up:
        return _outer(path)
    if not path.parts:
        return lambda run, frame: frame.context
    if path.scoped:
        scoped = Lookup(path.parts)
        return lambda run, frame: scoped.within(frame.context)
    return _plain(Lookup(path.parts))


def _plain(lookup: Lookup) -> Value:
    """The first context that has the path's first segment settles it: the rest is not sought further out."""
    within, cuts, head = lookup.within, lookup.cuts, lookup.keys[0]

    def value(run: Run, frame: Frame) -> object:
        context = frame.context
        if context.__class__ is Layers:
            found = first(context.maps, cuts)
            if found.__class__ in PLAIN or (found is None and frame.parent is None):
                return found
        found = None if context.__class__ is str else within(context)
        while found is None:
            if frame.parent is None or (is_map(frame.context) and frame.context.get(head) is not None):
                return None
            frame = frame.parent
            found = within(frame.context)
        return found

    return value


def _outer(path: Path) -> Value:
    up, lookup = path.up, Lookup(path.parts)

    def value(run: Run, frame: Frame) -> object:
        for _ in range(up):
            if frame.parent is None:
                return None
            frame = frame.parent
        return lookup.within(frame.context) if lookup.keys else frame.context

    return value


def _parameter(slot: int, path: Path) -> Value:
    if len(path.parts) == 1:
        return lambda run, frame: run.slots[slot]
    lookup = Lookup(path.parts[1:])
    return lambda run, frame: lookup.within(run.slots[slot])


def _data(path: Path) -> Value:
    name, lookup, up = path.parts[0] if path.parts else "", Lookup(path.parts[1:]), path.up
    if name == "root" and not up:
        return lambda run, frame: lookup.within(run.root) if lookup.keys else run.root
    if name not in _LOOP:
        return lambda run, frame: None

    read = operator.attrgetter(name)
    if not up and not lookup.keys:
        return lambda run, frame: None if frame.loop is None else read(frame.loop)

    def value(run: Run, frame: Frame) -> object:
        loop = frame.loop
        for _ in range(up):
            loop = loop.outer if loop is not None else None
        found = None if loop is None else read(loop)
        return lookup.within(found) if lookup.keys else found

    return value
