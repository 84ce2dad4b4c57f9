"""Lines become rows: every column and member, against Python's csv; and what is wrong is said of the row."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.audience.service import item_of
from clarion.domain.transfers.source.content import Line
from clarion.domain.transfers.source.quick import quick
from clarion.domain.transfers.source.rows import BadHeader, Row, derived_id, parser

PLAIN = "Id,ChannelType,Address"
TEXTS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), max_size=20)


def line(text: str | bytes | None, number: int = 2) -> Line:
    data = text.encode() if isinstance(text, str) else text
    return Line(number, 0, data)


def csv_rows(header: str | bytes, *rows: str | bytes | None) -> list[Row]:
    parse = parser("CSV", line(header, 1))
    return [row for number, text in enumerate(rows, 2) for row in parse(line(text, number))]


def csv_item(header: str, row: str | bytes) -> dict[str, Any]:
    [read] = csv_rows(header, row)
    assert read.error == ""
    return dict(msgspec.to_builtins(read.item))


def csv_error(header: str, row: str | bytes | None) -> str:
    [read] = csv_rows(header, row)
    assert read.item is None
    return read.error


def json_row(text: str | bytes | None, number: int = 2) -> Row:
    [read] = parser("JSON", None)(line(text, number))
    return read


def test_every_column() -> None:
    header = (
        "Id, ChannelType,Address,OptOut,RequestId,EffectiveDate,EndpointStatus,ApplicationId,CohortId,CreationDate,"
        "Attributes.a,Attributes.a,Attributes.b.c,Metrics.m,Demographic.AppVersion,Demographic.Locale,Demographic.Make,"
        "Demographic.Model,Demographic.ModelVersion,Demographic.Platform,Demographic.PlatformVersion,"
        "Demographic.Timezone,Location.City,Location.Country,Location.Latitude,Location.Longitude,"
        "Location.PostalCode,Location.Region,User.UserId,User.UserAttributes.u"
    )
    row = (
        "i,EMAIL,a@example.com,ALL,r,2020-01-01T00:00:00Z,INACTIVE,x,7,2020,"
        "1,2,3,-4.5e3,5,de_DE,6,7,8,9,10,Europe/Berlin,Köln,DE,50.9,6.9,50667,NW,u,v"
    )
    assert csv_item(header, row) == {
        "Id": "i",
        "ChannelType": "EMAIL",
        "Address": "a@example.com",
        "OptOut": "ALL",
        "RequestId": "r",
        "EffectiveDate": "2020-01-01T00:00:00Z",
        "Attributes": {"a": ["1", "2"], "b.c": ["3"]},
        "Metrics": {"m": -4500.0},
        "Demographic": {
            "AppVersion": "5",
            "Locale": "de_DE",
            "Make": "6",
            "Model": "7",
            "ModelVersion": "8",
            "Platform": "9",
            "PlatformVersion": "10",
            "Timezone": "Europe/Berlin",
        },
        "Location": {
            "City": "Köln",
            "Country": "DE",
            "Latitude": 50.9,
            "Longitude": 6.9,
            "PostalCode": "50667",
            "Region": "NW",
        },
        "User": {"UserId": "u", "UserAttributes": {"u": ["v"]}},
    }


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=6), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_cells_are_those_that_python_writes(values: list[str], quoting: Any) -> None:
    written = io.StringIO()
    csv.writer(written, quoting=quoting, lineterminator="").writerow(["i", *values])
    header = ",".join(["Id", *["Attributes.a"] * len(values)])
    assert csv_item(header, written.getvalue()) == {"Id": "i", "Attributes": {"a": values}}


@given(st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")))
def test_any_line_is_a_row_or_says_why_not(data: bytes) -> None:
    for parse in (parser("CSV", line(PLAIN, 1)), parser("CSV", line("User.UserId", 1)), parser("JSON", None)):
        for row in parse(line(data)):
            assert (row.item is not None) + bool(row.user_id) + bool(row.error) == 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["Id", "Attributes", "Metrics", "User", "UserId", "CohortId", "CreationDate", "x"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_a_row_or_says_why_not(value: Any) -> None:
    row = json_row(json.dumps(value))
    assert (row.item is not None) + bool(row.user_id) + bool(row.error) == 1
    assert "`" not in row.error


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("", "the first line must name the columns"),
        ("   ", "the first line must name the columns"),
        ("Id;ChannelType;Address", "the column 'Id;ChannelType;Address' is unknown (columns are separated by commas"),
        ("Id\tChannelType", "the column 'Id\\tChannelType' is unknown"),
        ("id,ChannelType", "the column 'id' is unknown"),
        ("Id,Address,", "a column has no name"),
        ("Id,Name", "the column 'Name' is unknown"),
        ("Id,Attributes.", "the column 'Attributes.' is unknown"),
        ("Id,User.UserAttributes.", "the column 'User.UserAttributes.' is unknown"),
        ("Id,Demographic.Shoes", "the column 'Demographic.Shoes' is unknown"),
        ("Id,Address,Id", "the column 'Id' is there twice; only attributes may be"),
        ("Id,Metrics.m,Metrics.m", "the column 'Metrics.m' is there twice"),
        ('Id,"Address', "the first line: a quoted value does not end on its line"),
        (b"Id,\xff", "the first line: is not UTF-8 at byte 4"),
        (b"\xff\xfeI\x00d\x00", "the first line: is not UTF-8 at byte 1"),
        ("lea@example.com,gold", "the column 'lea@example.com' is unknown"),
    ],
)
def test_first_lines_that_name_no_columns(header: str | bytes, says: str) -> None:
    with pytest.raises(BadHeader) as raised:
        parser("CSV", line(header, 1))
    assert str(raised.value).startswith(says)


@pytest.mark.parametrize("header", [None, Line(1, 9, None)])
def test_no_first_line_and_one_that_is_too_long(header: Line | None) -> None:
    with pytest.raises(BadHeader, match="the first line must name the columns"):
        parser("CSV", header)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a,EMAIL", "has 2 cells, the header names 4 columns"),
        ("a;EMAIL;a@example.com;1", "has 1 cells, the header names 4 columns"),
        ("a,EMAIL,a@example.com,1,", "has 5 cells, the header names 4 columns"),
        ('a,EMAIL,"a@example.com,1', "a quoted value does not end on its line"),
        ('a,EMAIL,"a"b,1', "',' expected after '\"'"),
        (b"a,EMAIL,\xe4@example.com,1", "is not UTF-8 at byte 9"),
        ("a,FAX,1,1", "ChannelType: FAX is not a channel"),
        ("a,email,a@example.com,1", "ChannelType: email is not a channel"),
        (",EMAIL,,1", "needs an Id, or a ChannelType and an Address, or nothing but a User.UserId"),
        ("a,EMAIL,a@example.com,old", "Metrics.m: 'old' is not a number"),
        ("a,EMAIL,a@example.com,NaN", "Metrics.m: 'NaN' is not a number"),
        ("a,EMAIL,a@example.com,inf", "Metrics.m: 'inf' is not a number"),
        ("a,EMAIL,a@example.com,1e999", "Metrics.m: '1e999' is not a number"),
        ('a,EMAIL,"' + "x" * 140_000 + '",1', "field larger than field limit (131072)"),
        (None, "the line is longer than 1 MB"),
    ],
)
def test_rows_that_cannot_be_read(row: str | bytes | None, says: str) -> None:
    assert csv_error(f"{PLAIN},Metrics.m", row) == says


def test_quotes_blanks_and_empty_cells() -> None:
    header = "Id,Attributes.a,Attributes.b,Metrics.m"
    assert csv_item(header, '"i","say ""hi"", you",,')["Attributes"] == {"a": ['say "hi", you']}
    assert csv_item(header, "i, x ,,")["Attributes"] == {"a": [" x "]}
    assert csv_item(header, "i,a\0b,,")["Attributes"] == {"a": ["a\0b"]}
    assert csv_rows(header, "", "  ") == []


def test_a_mark_of_utf_8_at_the_beginning() -> None:
    assert csv_rows(b"\xef\xbb\xbfId", "a")[0].item is not None
    assert json_row(b'\xef\xbb\xbf{"Id": "a"}', 1).item is not None
    assert "not valid JSON" in json_row(b'\xef\xbb\xbf{"Id": "a"}', 2).error


def test_users() -> None:
    rows = csv_rows("User.UserId", "u1", "u2 u3\tu4", "", '"u5 u6",u7')
    assert [(row.line, row.user_id) for row in rows] == [
        (2, "u1"),
        (3, "u2"),
        (3, "u3"),
        (3, "u4"),
        (5, "u5"),
        (5, "u6"),
        (5, "u7"),
    ]
    [mixed] = csv_rows("Id,ChannelType,Address,User.UserId", ",,,u 1")
    assert (mixed.item, mixed.user_id) == (None, "u 1")
    assert json_row('{"User": {"UserId": "u"}}').user_id == "u"


def test_a_row_without_id_has_the_same_one_again() -> None:
    row = csv_item(PLAIN, ",EMAIL,a@example.com")
    assert row["Id"] == derived_id("EMAIL", "a@example.com")
    again = json_row('{"ChannelType": "EMAIL", "Address": "a@example.com"}').item
    assert again is not None
    assert again.id == row["Id"] != derived_id("SMS", "a@example.com")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "is not valid JSON: Expecting value (byte 1)"),
        ('{"Id": ', "is not valid JSON: Input data was truncated"),
        ("Id,Address", "is not valid JSON: invalid character (byte 0)"),
        ('{"Id": "a"},', "is not valid JSON: trailing characters (byte 12)"),
        ('[{"Id": "a"}]', "the line: expected object, got list"),
        ("null", "the line: expected object, got null"),
        ('{"Id": 7}', "Id: expected string, got number"),
        ('{"Id": "a", "User": {"UserId": ["u"]}}', "User.UserId: expected string, got list"),
        ('{"Id": "a", "User": "u"}', "User: expected object, got string"),
        (
            '{"Id": "a", "User": {"UserAttributes": {"x": [{}]}}}',
            "User.UserAttributes.x[0]: expected string, got object",
        ),
        ('{"Id": "a", "Attributes": {"x": {"y": "z"}}}', "Attributes.x: expected list of strings, got object"),
        ('{"Id": "a", "Attributes": ["x"]}', "Attributes: expected object, got list"),
        ('{"Id": "a", "Metrics": {"m": "1"}}', "Metrics.m: expected number, got string"),
        ('{"Id": "a", "Metrics": {"m": 1e999}}', "Metrics: number out of range"),
        ('{"Id": "a", "Metrics": {"m": NaN}}', "is not valid JSON: invalid character (byte 29)"),
        ('{"Id": "a", "Metrics": {"m": ' + "1" * 5000 + "}}", "Metrics: number out of range"),
        (b'{"Id": "\xff"}', "is not UTF-8 at byte 9"),
        ('{"Id": "a", "X": ' + "[" * 100_000, "is nested too deeply"),
        ('{"Id": "a", "CohortId": "100", "CreationDate": "2020-01-01"}', "CohortId: must be from 0 to 99"),
        ('{"Id": "a", "CohortId": "1", "CreationDate": "once"}', "CreationDate: must be an ISO 8601 date"),
        ('{"Address": "a@example.com"}', "needs an Id, or a ChannelType and an Address, or nothing but a User.UserId"),
        (
            '{"User": {"UserId": "u", "UserAttributes": {"x": ["y"]}}}',
            "needs an Id, or a ChannelType and an Address, or nothing but a User.UserId",
        ),
        (None, "the line is longer than 1 MB"),
    ],
)
def test_lines_of_json_that_are_no_endpoint(text: str | bytes | None, says: str) -> None:
    assert json_row(text).error == says


def test_a_channel_that_is_none_in_json() -> None:
    assert json_row('{"Id": "a", "ChannelType": "FAX"}').error.startswith("ChannelType: must be one of PUSH, GCM, ")


def test_status_counts_only_in_rows_of_an_export() -> None:
    sent = {"Id": "a", "EndpointStatus": "INACTIVE", "ApplicationId": "x", "CohortId": "7", "unknown": [1]}
    ordinary = json_row(json.dumps(sent))
    assert ordinary.restored is None
    assert ordinary.item is not None
    assert ordinary.item.endpoint_status is None
    exported = json_row(json.dumps({**sent, "CreationDate": "2020-01-02T03:04:05.678Z"}))
    assert exported.item is not None
    assert exported.item.endpoint_status == "INACTIVE"
    assert exported.restored is not None
    assert exported.restored == (7, 1577934245678)


CELLS = st.one_of(
    st.sampled_from(["", "a", "EMAIL", "SMS", "ALL", "NONE", "1", "-0.04", "1e400", "nan", "$"]),
    st.sampled_from(['"', '"q,"', "ä", "x" * 101]),
    st.text(max_size=4),
)
COLUMNS = (
    ["Id", "ChannelType", "Address"],
    ["Id", "ChannelType", "Address", "Attributes.a", "Attributes.b", "Metrics.m", "User.UserId"],
    ["Address", "ChannelType", "Id", "OptOut", "EndpointStatus", "User.UserAttributes.u", "Location.Latitude"],
    ["Id", "ChannelType", "Address", "Location.City", "Demographic.Make", "EffectiveDate", "RequestId"],
    ["Id", "ChannelType", "Address", "Attributes.a", "Attributes.a"],
    ["Id", "ChannelType", "Address", "Attributes." + "a" * 51],
)
USUAL = [["e1", "EMAIL", "a@b", "x", "", "1.5", "u"], ["+1", "SMS", "e2", "ALL", "INACTIVE", "v", "47.61"]]


@given(st.sampled_from(COLUMNS), st.lists(CELLS, min_size=1, max_size=7), st.integers(0, 2))
def test_the_quick_way_says_the_same_of_every_line(columns: list[str], cells: list[str], usual: int) -> None:
    header = Line(1, 0, ",".join(columns).encode())
    if usual:
        cells = [*USUAL[usual - 1][:3], *cells][: len(columns)]
        cells += [""] * (len(columns) - len(cells))
    line = Line(2, 0, ",".join(cells).encode())
    item = quick("CSV", header, "job")(line)
    if item is not None:
        (row,) = parser("CSV", header)(line)
        assert row.item is not None
        expected = item_of(row.item.id or "", row.item, "job", row.restored)
        assert expected._replace(empty=False) == item


def test_usual_lines_are_read_the_quick_way() -> None:
    for columns, cells in zip(COLUMNS[1:3], USUAL, strict=True):
        read = quick("CSV", Line(1, 0, ",".join(columns).encode()), "job")
        assert read(Line(2, 0, ",".join(cells).encode())) is not None
        assert read(Line(2, 0, None)) is None
    assert quick("JSON", None, "job")(Line(1, 0, b"{}")) is None
    assert quick("CSV", Line(1, 0, b"Wrong"), "job")(Line(2, 0, b"x")) is None
