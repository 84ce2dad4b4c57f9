"""What clients get wrong, and the words they are told."""

from __future__ import annotations

import json

import pytest

from clarion.wire.app import App
from tests.wire.inprocess import Recorder
from tests.wire.sending import call_v2, message, send

ENDPOINT = "/v1/apps/a/endpoints/e"
CAMPAIGNS = "/v1/apps/a/campaigns"
EMPTY = "The request body is empty; expected a JSON object"

BODIES = {
    "empty": (b"", EMPTY),
    "blank": (b"  \n", "The request body is not valid JSON: input data was truncated"),
    "not JSON": (b"<xml/>", "The request body is not valid JSON: invalid character (byte 0)"),
    "form": (b"Name=x", "The request body is not valid JSON"),
    "cut off": (b'{"Address":"a', "The request body is not valid JSON: input data was truncated"),
    "after the end": (b'{"Address":"a"} {}', "The request body is not valid JSON: trailing characters"),
    "list": (b"[]", "The request body: expected object, got list"),
    "string": (b'"x"', "The request body: expected object, got string"),
    "null": (b"null", "The request body: expected object, got null"),
    "not a number": (b'{"Metrics":{"m":NaN}}', "The request body is not valid JSON"),
    "UTF-16": ('{"Address":"é"}'.encode("utf-16"), "The request body is not UTF-8 text"),
    "Latin-1": ('{"Address":"é"}'.encode("latin-1"), "The request body is not UTF-8 text"),
    "Latin-1 in an unknown member": ('{"X":"é"}'.encode("latin-1"), "The request body is not UTF-8 text"),
    "NUL": (b'{"Address":"a\\u0000"}', "holds a NUL character"),
    "NUL in a key": (b'{"Attributes":{"\\\\\\u0000":[]}}', "holds a NUL character"),
    "half a surrogate pair": (b'{"Address":"\\ud83d"}', "The request body is not valid JSON"),
    "wrong scalar": (b'{"Address":5}', "Address: expected string, got number"),
    "wrong boolean": (b'{"Address":true}', "Address: expected string, got boolean"),
    "unknown enum": (
        b'{"ChannelType":"FAX"}',
        "ChannelType: must be one of PUSH, GCM, APNS, APNS_SANDBOX, APNS_VOIP, APNS_VOIP_SANDBOX, ADM, SMS, VOICE, "
        "EMAIL, BAIDU, CUSTOM, IN_APP",
    ),
    "enum of another kind": (b'{"ChannelType":1}', "ChannelType: must be one of PUSH, GCM"),
    "object for a list": (b'{"Attributes":{"x":{}}}', "Attributes.x: expected list of strings, got object"),
    "the second key": (b'{"Attributes":{"w":["v"],"x":{}}}', "Attributes.x: expected list of strings, got object"),
    "an item": (b'{"Attributes":{"x":["v",{}]}}', "Attributes.x[1]: expected string, got object"),
    "null in a list": (b'{"Attributes":{"x":[null]}}', "Attributes.x[0]: expected string, got null"),
    "list for a map": (b'{"Attributes":[]}', "Attributes: expected object, got list"),
    "nested": (b'{"User":{"UserAttributes":{"a b":{}}}}', "User.UserAttributes.a b: expected list of strings"),
    "number": (b'{"Metrics":{"m":"5"}}', "Metrics.m: expected number, got string"),
    "number out of range": (b'{"Metrics":{"m":1e999}}', "Metrics: number out of range"),
    "nested too deeply": (b'{"X":' + b"[" * 200_000 + b"]" * 200_000 + b"}", "is nested too deeply"),
    "bad member before a deep one": (
        b'{"Address":5,"X":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        "is nested too deeply",
    ),
    "deep from the start": (b"[" * 1_000_000, "nested too deeply"),
}


@pytest.mark.parametrize(("body", "text"), BODIES.values(), ids=BODIES.keys())
def test_bodies(app: App, recorders: dict[str, Recorder], body: bytes, text: str) -> None:
    answer = send(app, "PUT", ENDPOINT, body)
    assert answer.status == 400, answer.body
    assert answer.headers["x-amzn-errortype"] == "BadRequestException"
    assert answer.headers["content-type"] == "application/json"
    assert json.loads(answer.body).keys() == {"RequestID", "Message"}
    assert text in message(answer)
    assert recorders["pinpoint"].given is None


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/v1/apps", b"{}", "Name: required, but missing"),
        ("/v1/apps", b'{"Name":null}', "Name: expected string, got null"),
        ("/v1/apps/a/events", b'{"BatchItem":{"e1":{"Endpoint":{}}}}', "BatchItem.e1.Events: required, but missing"),
        (
            "/v1/apps/a/events",
            b'{"BatchItem":{"e":{"Endpoint":{},"Events":{"ok":{"EventType":"t","Timestamp":"x"},"bad":{}}}}}',
            "BatchItem.e.Events.bad.EventType: required, but missing",
        ),
        (CAMPAIGNS, b'{"AdditionalTreatments":[{}]}', "AdditionalTreatments[0].SizePercent: required, but missing"),
        (CAMPAIGNS, b'{"HoldoutPercent":"10"}', "HoldoutPercent: expected integer, got string"),
        (CAMPAIGNS, b'{"HoldoutPercent":2147483648}', "HoldoutPercent: must be at most 2147483647"),
        (CAMPAIGNS, b'{"HoldoutPercent":-99999999999999999999}', "HoldoutPercent: must be at least -2147483648"),
        (
            "/v1/apps/a/journeys",
            b'{"Name":"j","Schedule":{"StartTime":"2027-01-31T12:00:00"}}',
            "Schedule.StartTime: expected timestamp with time zone (2027-01-31T12:00:00Z), got string",
        ),
        ("/v1/apps/a/segments", b'{"SegmentGroups":{"Groups":{}}}', "SegmentGroups.Groups: expected list of objects"),
    ],
)
def test_members_deeper_down(app: App, path: str, body: bytes, text: str) -> None:
    answer = send(app, "POST", path, body)
    assert answer.status == 400
    assert text in message(answer)


def test_a_backslash_before_u0000(app: App, recorders: dict[str, Recorder]) -> None:
    assert send(app, "PUT", ENDPOINT, b'{"Address":"\\\\u0000"}').status == 202
    assert recorders["pinpoint"].given.endpoint_request.address == "\\u0000"


def test_scalars_for_attribute_lists_are_accepted(app: App, recorders: dict[str, Recorder]) -> None:
    """Pinpoint's own guides send them."""
    body = b'{"Attributes":{"a":"x","b":[1,true,"y"],"n":null},"User":{"UserAttributes":{"Age":39}}}'
    assert send(app, "PUT", ENDPOINT, body).status == 202
    given = recorders["pinpoint"].given.endpoint_request
    assert given.attributes == {"a": "x", "b": [1, True, "y"], "n": None}
    assert given.user.user_attributes == {"Age": 39}


def test_null_is_absent_and_unknown_members_are_ignored(app: App, recorders: dict[str, Recorder]) -> None:
    assert send(app, "PUT", ENDPOINT, b'{"Address":null,"User":null,"Nonsense":{"a":[1]}}').status == 202
    given = recorders["pinpoint"].given.endpoint_request
    assert (given.address, given.user) == (None, None)


@pytest.mark.parametrize(
    ("method", "target", "text"),
    [
        ("DELETE", "/v1/tags/arn%3Aaws", "tagKeys: required query parameter, but missing"),
        ("PUT", "/v1/templates/t/email?create-new-version=perhaps", "create-new-version: expected true or false"),
        ("GET", "/v1/apps/a/kpis/daterange/k?start-time=yesterday", "start-time: expected ISO 8601 timestamp"),
        ("GET", "/v1/apps?token=%FF", "The query string is not UTF-8 text"),
        ("GET", "/v1/apps/%00", "The request path holds a NUL character"),
        ("GET", "/v1/apps?token=%00", "The query string holds a NUL character"),
        ("GET", "/v1/apps/%FF", "The request path is not UTF-8 text"),
    ],
)
def test_paths_and_queries(app: App, method: str, target: str, text: str) -> None:
    answer = send(app, method, target, b"{}")
    assert (answer.status, answer.headers["x-amzn-errortype"]) == (400, "BadRequestException")
    assert text in message(answer)


@pytest.mark.parametrize("value", ["x", "1.5", "9" * 5000, "1_0", "²"])
def test_whole_numbers_in_queries(app: App, value: str) -> None:
    answer = send(app, "GET", f"/v1/email/configuration-sets?PageSize={value}", service="pinpoint-email")
    assert (answer.status, message(answer)) == (400, "PageSize: expected whole number")


def test_queries_as_clients_write_them(app: App, recorders: dict[str, Recorder]) -> None:
    assert send(app, "DELETE", "/v1/tags/arn%3Aaws?tagKeys=b+c&tagKeys=%C3%A9&tagKeys=").status == 204
    assert recorders["pinpoint"].given.tag_keys == ["b c", "é", ""]
    assert send(app, "PUT", "/v1/templates/t/email?create-new-version=TRUE", b"{}").status == 202
    assert recorders["pinpoint"].given.create_new_version is True
    assert send(app, "GET", "/v1/apps/a/kpis/daterange/k?start-time=2027-01-31T12:00:00%2B02:00").status == 200
    assert recorders["pinpoint"].given.start_time.isoformat() == "2027-01-31T10:00:00+00:00"


class TestSmsVoiceV2:
    """The json protocol: ValidationException with Reason and Fields."""

    def test_a_missing_member(self, app: App) -> None:
        answer = call_v2(app, "SendTextMessage", b"{}")
        assert answer.status == 400
        assert answer.headers["content-type"] == "application/x-amz-json-1.0"
        assert json.loads(answer.body) == {
            "__type": "ValidationException",
            "Message": "DestinationPhoneNumber: required, but missing",
            "Reason": "MISSING_PARAMETER",
            "Fields": [{"Name": "DestinationPhoneNumber", "Message": "required, but missing"}],
        }

    @pytest.mark.parametrize(
        ("body", "field", "text"),
        [
            ({"DestinationPhoneNumber": 5}, "DestinationPhoneNumber", "expected string, got number"),
            ({"DestinationPhoneNumber": "5"}, "DestinationPhoneNumber", r"must match \+?[1-9][0-9]{1,18}"),
            ({"DestinationPhoneNumber": "+1" * 20}, "DestinationPhoneNumber", "must be at most 20 characters"),
            ({"DestinationPhoneNumber": "+14255550100", "TimeToLive": 0}, "TimeToLive", "must be at least 5"),
            (
                {"DestinationPhoneNumber": "+14255550100", "Context": {"k": ""}},
                "Context.k",
                "must be at least 1 characters",
            ),
            (
                {"DestinationPhoneNumber": "+14255550100", "MessageType": "X"},
                "MessageType",
                "must be one of TRANSACTIONAL, PROMOTIONAL",
            ),
        ],
    )
    def test_a_wrong_member(self, app: App, body: dict[str, object], field: str, text: str) -> None:
        answer = call_v2(app, "SendTextMessage", json.dumps(body).encode())
        assert answer.status == 400, answer.body
        found = json.loads(answer.body)
        assert found["Reason"] == "FIELD_VALIDATION_FAILED"
        assert found["Fields"] == [{"Name": field, "Message": text}]
        assert found["Message"] == f"{field}: {text}"

    def test_not_json(self, app: App) -> None:
        found = json.loads(call_v2(app, "SendTextMessage", b"<").body)
        assert (found["__type"], found["Reason"]) == ("ValidationException", "INVALID_REQUEST")

    def test_too_many_items(self, app: App) -> None:
        body = {"PoolIds": ["p"] * 6}
        found = json.loads(call_v2(app, "DescribePools", json.dumps(body).encode()).body)
        assert found["Fields"] == [{"Name": "PoolIds", "Message": "must be at most 5 items"}]

    def test_an_empty_body_has_no_members(self, app: App, recorders: dict[str, Recorder]) -> None:
        assert call_v2(app, "DescribePools", b"").status == 200
        assert recorders["pinpoint-sms-voice-v2"].given.pool_ids is None

    @pytest.mark.parametrize("operation", ["Nonsense", "", "describePools"])
    def test_an_unknown_operation(self, app: App, operation: str) -> None:
        answer = call_v2(app, operation, b"{}")
        found = json.loads(answer.body)
        assert (found["__type"], found["Reason"]) == ("ValidationException", "UNKNOWN_OPERATION")
