from __future__ import annotations

import base64
import re

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.core.pages import cut, decode_token, encode_token, page_size


def test_token_gives_back_its_key() -> None:
    token = encode_token("apps", "na/me ü", 42)
    assert decode_token("apps", token, (str, int)) == ("na/me ü", 42)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_is_no_key(token: str | None) -> None:
    assert decode_token("apps", token, (str,)) is None


def forged(body: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(body)).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "token",
    [
        encode_token("segments", "a"),
        encode_token("apps", 1),
        encode_token("apps", "a", "b"),
        encode_token("apps"),
        "nonsense",
        "%%%",
        "ü",
        forged([]),
        forged({"v": 2, "k": "apps", "a": ["a"]}),
        forged({"v": 1, "k": "apps"}),
        forged({"v": 1, "k": "apps", "a": None}),
        forged({"v": 1, "k": "apps", "a": [True]}),
        encode_token("apps", "a")[:-3],
    ],
)
def test_tokens_of_other_listings_or_of_nobody_are_refused(token: str) -> None:
    with pytest.raises(Invalid, match="token"):
        decode_token("apps", token, (str,))


def test_a_truth_value_is_not_a_number() -> None:
    with pytest.raises(Invalid):
        decode_token("apps", forged({"v": 1, "k": "apps", "a": [True]}), (int,))


@pytest.mark.parametrize(("text", "size"), [(None, 500), ("1", 1), ("1000", 1000), ("007", 7)])
def test_page_size(text: str | None, size: int) -> None:
    assert page_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "1001", "-1", "1.5", "many", " 5", "٣", "1e2"])
def test_page_size_refuses_what_is_no_number_in_range(text: str) -> None:
    with pytest.raises(Invalid, match="page-size"):
        page_size(text)


def test_page_size_has_other_limits_where_asked() -> None:
    assert page_size(None, default=10, most=20) == 10
    assert page_size("20", default=10, most=20) == 20
    with pytest.raises(Invalid):
        page_size("21", default=10, most=20)


def test_walking_pages_by_their_tokens_sees_everything_once() -> None:
    items = list(range(25))
    seen: list[int] = []
    token: str | None = None
    for _ in range(10):
        key = decode_token("items", token, (int,))
        after = -1 if key is None else int(key[0])
        fetched = [item for item in items if item > after][: 10 + 1]
        page, token = cut(fetched, 10, "items", lambda item: (item,))
        assert len(page) <= 10
        seen += page
        if token is None:
            break
    assert seen == items


@pytest.mark.parametrize(("rows", "more"), [(0, False), (9, False), (10, False), (11, True)])
def test_a_full_last_page_has_no_next(rows: int, more: bool) -> None:
    page, token = cut(list(range(rows)), 10, "items", lambda item: (item,))
    assert len(page) == min(rows, 10)
    assert (token is not None) is more


@pytest.mark.parametrize("number", [2**63, -(2**63), 2**70])
def test_a_number_no_database_can_hold_is_no_token(number: int) -> None:
    with pytest.raises(Invalid, match="token"):
        decode_token("apps", encode_token("apps", number), [int])
