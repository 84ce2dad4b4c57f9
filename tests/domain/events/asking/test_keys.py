"""Many keys in a query."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.events.asking.keys import MOST_BYTES, encode, parts


@given(st.lists(st.text(max_size=400), max_size=300))
def test_all_texts_are_in_some_query_in_order_and_none_is_too_large(texts: list[str]) -> None:
    found = list(parts(texts))
    assert [text for part in found for text in part] == texts
    assert all(found)


def test_a_query_takes_as_many_as_fit() -> None:
    texts = [f"{number:0100}" for number in range(5_000)]
    found = list(parts(texts))
    assert all(len(encode(part).encode()) <= MOST_BYTES for part in found)
    assert all(len(encode(part).encode()) > MOST_BYTES - 200 for part in found[:-1])
    assert len(found) == 6
