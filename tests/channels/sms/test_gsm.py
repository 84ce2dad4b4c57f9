"""The alphabets of text messages and where texts are cut, against the table of 23.038 as smpplib has it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from smpplib import gsm as smpplib_gsm

from clarion.channels.sms import gsm
from clarion.channels.sms.size import size_of

GSM = [char for char in map(chr, range(0x3000)) if size_of(char).encoding == "GSM"]
CLUSTERS = ["👨\u200d👩\u200d👧", "🇩🇪", "👍🏽", "e\u0301", "❤\ufe0f", "नि"]

gsm_texts = st.text(st.sampled_from(GSM), max_size=700)
any_texts = st.one_of(
    gsm_texts,
    st.text(max_size=300),
    st.lists(st.sampled_from(["ж", "😀", "a", *CLUSTERS]), max_size=250).map("".join),
    st.tuples(st.integers(60, 75), st.text(max_size=90)).map(lambda given: "ж" * given[0] + given[1]),
)


def test_each_character_is_encoded_as_smpplib_does_and_comes_back() -> None:
    assert len(GSM) == 128 + 10
    for char in GSM:
        if char == "\x1b":
            assert gsm.encode(char) == b" "
            continue
        assert gsm.decode(gsm.encode(char)) == char
        # smpplib has a backtick where 23.038 has the paragraph sign, and neither form feed.
        if char not in "§\f":
            assert gsm.encode(char) == smpplib_gsm.gsm_encode(char)
    assert gsm.encode("§") == b"\x5f"
    assert gsm.encode("\f") == b"\x1b\x0a"


@pytest.mark.parametrize("char", ["`", "ç", "\t", "’", "ж", "😀", "ê", "\x7f", "\x80"])
def test_what_the_alphabet_lacks_is_refused(char: str) -> None:
    with pytest.raises(UnicodeError):
        gsm.encode(char)


def test_a_written_escape_makes_no_other_character_of_the_next() -> None:
    assert gsm.decode(gsm.encode("\x1be")) == " e"


def test_odd_octets_are_read_as_phones_do() -> None:
    assert gsm.decode(b"\x1b\x65") == "€"
    assert gsm.decode(b"\x1b\x41") == "A"
    assert gsm.decode(b"a\x1b") == "a "
    assert gsm.decode(b"\xffa") == "\ufffda"
    assert gsm.decode(b"\x1b\xff") == "\ufffd"
    assert gsm.from_ucs2(b"\xd8\x3d") == "\ufffd"
    assert gsm.from_ucs2(b"\x04\x36\x04") == "ж\ufffd"


@given(st.binary(max_size=300))
@settings(max_examples=100)
def test_no_octets_are_too_odd(octets: bytes) -> None:
    assert len(gsm.decode(octets)) <= len(octets)
    assert len(gsm.from_ucs2(octets)) <= len(octets)


@given(any_texts)
@settings(max_examples=300)
@example("a" * 152 + "€" + "a" * 152)
@example("ж" * 66 + "😀" + "ж" * 66)
@example("👨\u200d👩\u200d👧" * 40)
def test_parts_are_as_many_as_are_counted_and_lose_nothing(text: str) -> None:
    size = size_of(text)
    parts = gsm.split(text, size.encoding)
    assert len(parts) == size.parts
    assert "".join(parts) == text
    most = {("GSM", True): 160, ("GSM", False): 153, ("UCS-2", True): 140, ("UCS-2", False): 134}
    for part in parts:
        octets = gsm.encode(part) if size.encoding == "GSM" else gsm.to_ucs2(part)
        assert len(octets) <= most[size.encoding, len(parts) == 1]
        # Each part can be read alone: nothing was cut in two.
        if "\x1b" not in part:
            assert (gsm.decode(octets) if size.encoding == "GSM" else gsm.from_ucs2(octets)) == part


@given(any_texts)
@settings(max_examples=100)
def test_a_longer_header_leaves_less_room(text: str) -> None:
    size = size_of(text)
    parts = gsm.split(text, size.encoding, header=7)
    assert "".join(parts) == text
    assert len(parts) >= size.parts
    if len(parts) > 1:
        assert all(size_of(part).units <= (152 if size.encoding == "GSM" else 66) for part in parts)


@pytest.mark.parametrize("cluster", CLUSTERS)
@pytest.mark.parametrize("before", [66, 65, 64, 63, 62])
def test_a_cluster_at_the_border_goes_into_one_part(cluster: str, before: int) -> None:
    text = "ж" * before + cluster + "ж" * 10
    parts = gsm.split(text, "UCS-2")
    assert any(cluster in part for part in parts)
    assert len(parts) == size_of(text).parts


def test_a_cluster_is_cut_rather_than_paying_for_another_part() -> None:
    family = "👨\u200d👩\u200d👧"
    text = "ж" * 62 + family + "ж" * (134 - 62 - 8)
    assert size_of(text).parts == 2
    parts = gsm.split(text, "UCS-2")
    assert [len(gsm.to_ucs2(part)) for part in parts] == [134, 134]
    text = family * 20
    assert len(gsm.split(text, "UCS-2")) == size_of(text).parts


def test_a_cluster_longer_than_a_part_is_cut() -> None:
    text = "z" + "\u0301" * 200
    parts = gsm.split(text, "UCS-2")
    assert [len(part) for part in parts] == [67, 67, 67]


def test_halves_of_characters_become_replacements() -> None:
    assert gsm.to_ucs2("\ud83d\ude00") == gsm.to_ucs2("😀")
    assert gsm.to_ucs2("\ud83d") == b"\xff\xfd"


@pytest.mark.parametrize(
    ("text", "alphabet", "octets"),
    [
        ("£@[", "gsm", b"\x01\x00\x1b\x3c"),
        ("£@[", "latin1", b"\xa3@["),
        ("@[", "ascii", b"@["),
        ("£", "ascii", None),
        ("€", "latin1", None),
        ("Δ", "latin1", None),
        ("a\x1b", "latin1", b"a "),
    ],
)
def test_other_default_alphabets(text: str, alphabet: gsm.Alphabet, octets: bytes | None) -> None:
    assert gsm.in_default(text, alphabet) == octets
