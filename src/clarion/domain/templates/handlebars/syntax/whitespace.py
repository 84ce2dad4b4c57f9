"""Whitespace around tags, as handlebars.js settles it.

`~` takes all whitespace on its side. A block, comment or partial tag that stands alone on its line takes the
line with it. Whether it stands alone is judged by the text as written; the cuts are made once, in `value`.
"""

from __future__ import annotations

import itertools

from clarion.domain.templates.handlebars.syntax.tree import (
    Block,
    Output,
    Partial,
    Statement,
    Text,
)

_SPACES = " \t\n\v\f\r\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))


def trim(body: list[Statement], *, root: bool = True) -> None:
    """Settle the whitespace of these statements and of all blocks within."""
    for index, node in enumerate(body):
        if isinstance(node, Text):
            continue
        if isinstance(node, Block):
            _trim_block(body, index, node, root)
            continue
        _trim_marks(body, index, node.strip.left, node.strip.right)
        if isinstance(node, Output):
            continue
        if _line_ends_before(body, index, root) and _line_begins_after(body, index, root):
            _cut_after(body, index)
            _cut_before(body, index)
            if isinstance(node, Partial):
                node.indent = _indent(body, index)


def _trim_block(body: list[Statement], index: int, block: Block, root: bool) -> None:
    branches = block.branches
    for branch in branches:
        trim(branch.body, root=False)
    first, last = branches[0].body, branches[-1].body
    for before, branch in itertools.pairwise(branches):
        _trim_between(before.body, branch.body, branch.strip.left, branch.strip.right)
    if branches[0].strip.right:
        _cut_after(first, -1, everything=True)
    if block.close.left:
        _cut_before(last, len(last), everything=True)
    _trim_marks(body, index, branches[0].strip.left, block.close.right)
    if _line_ends_before(body, index, root) and _line_begins_after(first, -1, False):
        _cut_after(first, -1)
        _cut_before(body, index)
    if _line_ends_before(last, len(last), False) and _line_begins_after(body, index, root):
        _cut_after(body, index)
        _cut_before(last, len(last))


def _trim_between(before: list[Statement], after: list[Statement], left: bool, right: bool) -> None:
    """The two sides of an `{{else}}`."""
    if left:
        _cut_before(before, len(before), everything=True)
    if right:
        _cut_after(after, -1, everything=True)
    if _line_ends_before(before, len(before), False) and _line_begins_after(after, -1, False):
        _cut_before(before, len(before))
        _cut_after(after, -1)


def _trim_marks(body: list[Statement], index: int, left: bool, right: bool) -> None:
    if right:
        _cut_after(body, index, everything=True)
    if left:
        _cut_before(body, index, everything=True)


def _line_ends_before(body: list[Statement], index: int, root: bool) -> bool:
    """Whether only blanks stand between the beginning of the line and position `index`."""
    if index == 0:
        return root
    node = body[index - 1]
    if not isinstance(node, Text):
        return False
    kept = len(node.original.rstrip(_SPACES))
    return "\n" in node.original[kept:] or (root and index == 1 and kept == 0)


def _line_begins_after(body: list[Statement], index: int, root: bool) -> bool:
    """Whether only blanks stand between position `index` and the end of the line."""
    if index + 1 >= len(body):
        return root
    node = body[index + 1]
    if not isinstance(node, Text):
        return False
    blanks = len(node.original) - len(node.original.lstrip(_SPACES))
    return "\n" in node.original[:blanks] or (root and index + 2 == len(body) and blanks == len(node.original))


def _cut_after(body: list[Statement], index: int, *, everything: bool = False) -> None:
    node = body[index + 1] if index + 1 < len(body) else None
    if not isinstance(node, Text) or (node.cut_right and not everything):
        return
    if everything:
        value = node.value.lstrip(_SPACES)
    else:
        value = node.value.lstrip(" \t").removeprefix("\r").removeprefix("\n")
    node.cut_right = value != node.value
    node.value = value


def _cut_before(body: list[Statement], index: int, *, everything: bool = False) -> None:
    node = body[index - 1] if index > 0 else None
    if not isinstance(node, Text) or (node.cut_left and not everything):
        return
    value = node.value.rstrip(_SPACES if everything else " \t")
    node.cut_left = value != node.value
    node.value = value


def _indent(body: list[Statement], index: int) -> str:
    node = body[index - 1] if index > 0 else None
    if not isinstance(node, Text):
        return ""
    return node.original[len(node.original.rstrip(" \t")) :]
