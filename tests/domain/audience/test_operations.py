"""The operations over both state databases, shape in, shape out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.errors import Invalid, NotFound
from clarion.domain.audience import store
from clarion.engine.log_batches import ingest_log
from clarion.shapes.pinpoint import DeleteUserEndpointsRequest
from clarion.store.database import Database
from tests.domain.audience.conftest import CTX, House, Scope, build, mail

ELSEWHERE = [
    CTX._replace(scope=Scope("000000000002", "eu-central-1")),
    CTX._replace(scope=Scope("000000000001", "us-east-1")),
]


def announced(house: House) -> list[list[tuple[str, str]]]:
    """What the log says, a list per row."""
    bodies = house.database.read(lambda c: list(c.scalars(sa.select(ingest_log.c.body).order_by(ingest_log.c.id))))
    return [msgspec.json.decode(body, type=list[tuple[str, str]]) for body in bodies]


def test_an_endpoint_is_written_and_read_back(house: House) -> None:
    house.put(
        "E/1",
        **mail("lea@acme.test", "u-19", plan=["gold"]),
        Attributes={"interests": ["music", 7], "name": "Lea"},
        Metrics={"visits": 6},
        Location={"Latitude": 47.61, "Country": "USA"},
    )
    answer = house.get("e/1")
    assert 0 <= int(answer.pop("CohortId")) <= 99
    assert answer == {
        "Id": "E/1",
        "ApplicationId": house.app,
        "ChannelType": "EMAIL",
        "Address": "lea@acme.test",
        "Attributes": {"interests": ["music", "7"], "name": ["Lea"]},
        "Metrics": {"visits": 6.0},
        "Location": {"Latitude": 47.6, "Country": "USA"},
        "User": {"UserId": "u-19", "UserAttributes": {"plan": ["gold"]}},
        "OptOut": "NONE",
        "EndpointStatus": "ACTIVE",
        "CreationDate": "2027-03-04T09:15:02.120Z",
        "EffectiveDate": "2027-03-04T09:15:02.120Z",
        "RequestId": "request-1",
    }


def test_a_change_keeps_what_is_not_sent(house: House) -> None:
    house.put("e", **mail("a@b.c"), Attributes={"x": ["1"], "y": ["2"]})
    created = house.get("e")["CreationDate"]
    house.clock.move_to(house.clock.now() + timedelta(hours=1))
    house.put("E", Attributes={"x": []}, OptOut="ALL")
    answer = house.get("e")
    assert answer["Attributes"] == {"x": [], "y": ["2"]}
    assert (answer["OptOut"], answer["CreationDate"]) == ("ALL", created)
    assert answer["EffectiveDate"] == "2027-03-04T10:15:02.120Z"


def test_unknown_things_are_not_found(house: House) -> None:
    house.put("e", **mail("a@b.c", "u"))
    for call in (
        lambda: house.get("other"),
        lambda: house.delete("other"),
        lambda: house.user("nobody"),
        lambda: house.user(""),
        lambda: house.operations.delete_user_endpoints(CTX, _user(house, "nobody")),
        lambda: house.operations.delete_user_endpoints(CTX, _user(house, "")),
        lambda: house.put("e", app="0" * 32, **mail("a@b.c")),
    ):
        with pytest.raises(NotFound):
            call()
    assert house.get("e")["Address"] == "a@b.c"


def _user(house: House, user_id: str) -> DeleteUserEndpointsRequest:
    return DeleteUserEndpointsRequest(application_id=house.app, user_id=user_id)


def test_endpoints_belong_to_account_and_region(house: House) -> None:
    house.put("e", **mail("a@b.c", "u"))
    for ctx in ELSEWHERE:
        for call in (
            lambda ctx=ctx: house.get("e", ctx),
            lambda ctx=ctx: house.put("e", ctx, OptOut="ALL"),
            lambda ctx=ctx: house.put("new", ctx, **mail("x@b.c")),
            lambda ctx=ctx: house.batch({"Id": "e", "OptOut": "ALL"}, ctx=ctx),
            lambda ctx=ctx: house.delete("e", ctx),
            lambda ctx=ctx: house.user("u", ctx),
            lambda ctx=ctx: house.operations.delete_user_endpoints(ctx, _user(house, "u")),
            lambda ctx=ctx: house.remove("endpoint-custom-attributes", "x", ctx=ctx),
        ):
            with pytest.raises(NotFound):
                call()
    assert house.get("e")["OptOut"] == "NONE"


def test_apps_do_not_share_endpoints(house: House) -> None:
    other = house.apps.create(CTX.scope, "Other", None).app.id
    house.put("e", **mail("a@b.c", "u", x=["1"]))
    house.put("e2", app=other, **mail("a@b.c", "u"))
    assert house.get("e")["EndpointStatus"] == "ACTIVE"
    assert [one.id for one in house.audience.user_endpoints(other, "u")] == ["e2"]
    assert house.audience.load(other, ["e2"])["e2"].user_attributes == {}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"Attributes": {"x": ["1"]}}, "Missing ChannelType"),
        ({"Address": "a@b.c"}, "Missing ChannelType"),
        ({"ChannelType": "EMAIL"}, "Missing Address"),
        ({}, "Missing ChannelType"),
        ({"EffectiveDate": "2027-01-01T00:00:00Z"}, "Missing ChannelType"),
    ],
)
def test_a_new_endpoint_needs_channel_and_address(house: House, body: dict[str, Any], text: str) -> None:
    with pytest.raises(Invalid, match=text):
        house.put("e", **body)
    with pytest.raises(NotFound):
        house.get("e")


def test_a_browser_introduces_itself_without_channel(house: House) -> None:
    # What Amplify for JavaScript sends before its first event.
    house.put(
        "e",
        RequestId="01890a5d-ac96-774b-bcce-b302099a8057",
        EffectiveDate="2027-03-04T09:00:00.000Z",
        Demographic={"Make": "Chrome", "Platform": "MacIntel"},
        User={"UserId": "eu-central-1:identity"},
    )
    answer = house.get("e")
    assert "ChannelType" not in answer
    assert (answer["EffectiveDate"], answer["RequestId"]) == (
        "2027-03-04T09:00:00.000Z",
        "01890a5d-ac96-774b-bcce-b302099a8057",
    )
    house.put("e", User={"UserId": "signed-in"})
    assert house.get("e")["User"] == {"UserId": "signed-in"}


def test_users_share_attributes_and_addresses_have_one_owner(house: House) -> None:
    house.put("e1", **mail("a", "u", x=["1"]))
    house.put("e2", **mail("b", "u", y=["2"]))
    assert house.get("e1")["User"] == {"UserId": "u", "UserAttributes": {"x": ["1"], "y": ["2"]}}
    house.put("e3", **mail("a"))
    assert house.get("e1")["EndpointStatus"] == "INACTIVE"
    assert [one["Id"] for one in house.user("u")] == ["e1", "e2"]
    assert sorted(announced(house)[-1]) == [(house.app, "e1"), (house.app, "e3")]


def test_an_address_is_taken_back(house: House) -> None:
    house.put("e1", **mail("a"))
    house.put("e2", **mail("a"))
    house.put("e1", OptOut="ALL")
    assert (house.get("e1")["EndpointStatus"], house.get("e2")["EndpointStatus"]) == ("ACTIVE", "INACTIVE")


def test_a_user_has_a_limited_number_of_endpoints(small: House) -> None:
    for n in range(3):
        small.put(f"e{n}", **mail(f"a{n}", "u"))
    with pytest.raises(Invalid, match=r"^Exceeded maximum endpoint per user count:3$"):
        small.put("e3", **mail("a3", "u"))
    with pytest.raises(NotFound):
        small.get("e3")
    small.put("e0", User={"UserId": ""})
    small.put("e3", **mail("a3", "u"))
    assert [one["Id"] for one in small.user("u")] == ["e1", "e2", "e3"]


def test_a_batch_is_done_in_order_and_items_fail_alone(small: House) -> None:
    answer = small.batch(
        {"Id": "a", **mail("1", "u")},
        {"Id": "b", **mail("2", "u")},
        {"Id": "A", "OptOut": "ALL"},
        {"Id": "c", **mail("3", "u")},
        {"Id": "d", **mail("4", "u")},
        {"Id": "bad$", **mail("5")},
        {**mail("6")},
        {"Id": "e", "OptOut": "maybe", **mail("7")},
        {"Id": "f", "Address": "8"},
        {"Id": "g", **mail("9", x=["v" * 101])},
        {"Id": "z", **mail("10", "v")},
    )
    assert (answer.message, answer.request_id) == ("Accepted", "request-1")
    assert small.get("a")["OptOut"] == "ALL"
    assert [one["Id"] for one in small.user("u")] == ["a", "b", "c"]
    assert small.get("z")["User"]["UserId"] == "v"
    for missing in "defg":
        with pytest.raises(NotFound):
            small.get(missing)
    assert [len(row) for row in announced(small)] == [4]


def test_a_batch_has_1_to_100_items(house: House) -> None:
    house.batch(*({"Id": f"e{n}", **mail(f"a{n}")} for n in range(100)))
    assert house.get("e99")["Address"] == "a99"
    for items in ([], [{"Id": f"e{n}", **mail(f"a{n}")} for n in range(101)]):
        with pytest.raises(Invalid):
            house.batch(*items)


def test_deleting_answers_what_it_was(house: House) -> None:
    house.put("E1", **mail("a", "u", x=["1"]))
    before = house.get("e1")
    assert house.delete("e1") == before
    with pytest.raises(NotFound):
        house.get("e1")
    with pytest.raises(NotFound):
        house.user("u")
    house.put("e1", **mail("a"))
    assert (house.get("e1")["Id"], house.get("e1")["User"]) == ("e1", {})


def test_deleting_a_user_deletes_its_endpoints(house: House) -> None:
    house.put("e1", **mail("a", "u"))
    house.put("e2", **mail("b", "u"))
    house.put("e3", **mail("c", "other"))
    gone = msgspec.to_builtins(house.operations.delete_user_endpoints(CTX, _user(house, "u")))["Item"]
    assert sorted(one["Id"] for one in gone) == ["e1", "e2"]
    with pytest.raises(NotFound):
        house.user("u")
    assert house.get("e3")["User"] == {"UserId": "other"}


def test_versions_rise_over_deletions_with_the_clock_at_rest(house: House) -> None:
    def version() -> int:
        [one] = house.database.read(lambda c: store.versioned(c, house.app, ["e"]))
        return one.version

    seen = []
    for _ in range(3):
        house.put("e", **mail("a"))
        seen.append(version())
        house.put("e", OptOut="ALL")
        seen.append(version())
        house.delete("e")
    assert seen == sorted(set(seen))


def test_names_are_counted(house: House) -> None:
    names = [f"n{n}" for n in range(250)]
    for start in range(0, 200, 50):
        house.put("e", **mail("a"), Attributes={name: ["v"] for name in names[start : start + 50]})
    house.put("e", Metrics=dict.fromkeys(names[200:225], 1))
    house.put("e", User={"UserAttributes": {name: ["v"] for name in names[225:]}})
    for one_more in (
        {"Attributes": {"more": ["v"]}},
        {"Metrics": {"more": 1}},
        {"User": {"UserAttributes": {"more": ["v"]}}},
    ):
        with pytest.raises(Invalid, match="Too many custom attributes"):
            house.put("e", **one_more)
    house.put("e", Attributes={"n0": ["w"], "n249": ["the same name of another kind"]})
    other = house.apps.create(CTX.scope, "Other", None).app.id
    house.put("e", app=other, **mail("a"), Attributes={"more": ["v"]})


def test_a_refused_write_does_not_use_up_names(small: House) -> None:
    for n in range(3):
        small.put(f"e{n}", **mail(f"a{n}", "u"))
    for n in range(251):
        with pytest.raises(Invalid, match="Exceeded"):
            small.put("new", **mail("x", "u"), Attributes={f"n{n}": ["v"]})
    small.put("e0", Attributes={"fine": ["v"]})


def test_removed_attributes_are_no_longer_recorded(house: House) -> None:
    house.put("e", **mail("a", "u", plan=["gold"]), Attributes={"tmp_a": ["1"], "tmp_b": ["2"], "keep": ["3"]})
    assert house.remove("endpoint-custom-attributes", "tmp_*", "never") == {
        "ApplicationId": house.app,
        "AttributeType": "endpoint-custom-attributes",
        "Attributes": ["never", "tmp_a", "tmp_b"],
    }
    house.put("e", Attributes={"tmp_a": ["9"], "tmp_new": ["9"], "never": ["9"], "keep": ["9"]}, Metrics={"tmp_a": 1})
    answer = house.get("e")
    assert answer["Attributes"] == {"tmp_a": ["1"], "tmp_b": ["2"], "keep": ["9"]}
    assert answer["Metrics"] == {"tmp_a": 1.0}
    house.remove("endpoint-metric-attributes", "*")
    house.remove("endpoint-user-attributes", "plan")
    house.put("e", Metrics={"m": 1}, User={"UserAttributes": {"plan": ["x"], "other": ["y"]}})
    answer = house.get("e")
    assert answer["Metrics"] == {"tmp_a": 1.0}
    assert answer["User"]["UserAttributes"] == {"plan": ["gold"], "other": ["y"]}


def test_removed_names_no_longer_count(house: House) -> None:
    for start in range(0, 250, 50):
        house.put("e", **mail("a"), Attributes={f"n{n}": ["v"] for n in range(start, start + 50)})
    with pytest.raises(Invalid):
        house.put("e", Attributes={"more": ["v"]})
    house.remove("endpoint-custom-attributes", "n1*")
    house.put("e", Attributes={"more": ["v"]})
    assert house.get("e")["Attributes"]["more"] == ["v"]


@pytest.mark.parametrize(
    ("attribute_type", "patterns"),
    [
        ("endpoint-attributes", ["x"]),
        ("", ["x"]),
        ("endpoint-custom-attributes", []),
        ("endpoint-custom-attributes", [""]),
    ],
)
def test_what_cannot_be_removed(house: House, attribute_type: str, patterns: list[str]) -> None:
    with pytest.raises(Invalid):
        house.remove(attribute_type, *patterns)


def test_removed_attributes_are_erased_when_so_set(database: Database) -> None:
    house = build(database, physical=True)
    for start in range(0, 1_200, 100):
        house.batch(
            *(
                {"Id": f"e{n}", **mail(f"a{n}"), "Attributes": {"x": ["1"], "y": ["2"]}}
                for n in range(start, start + 100)
            )
        )
    house.remove("endpoint-custom-attributes", "x")
    house.engine.settle()
    found = house.audience.load(house.app, [f"e{n}" for n in range(1_200)])
    assert len(found) == 1_200
    assert all(endpoint.attributes == {"y": ["2"]} for endpoint in found.values())


def test_a_deleted_app_takes_its_endpoints_along(house: House) -> None:
    other = house.apps.create(CTX.scope, "Other", None).app.id
    for start in range(0, 1_100, 100):
        house.batch(*({"Id": f"e{n}", **mail(f"a{n}"), "Attributes": {"x": ["1"]}} for n in range(start, start + 100)))
    house.put("e", app=other, **mail("a"))
    house.apps.delete(CTX.scope, house.app)
    with pytest.raises(NotFound):
        house.get("e1")
    house.engine.settle()
    assert house.database.read(lambda c: store.keys_after(c, house.app, "", 10)) == []
    assert announced(house).count([(house.app, "")]) == 1
    assert announced(house)[-1] == [(house.app, "")]
    assert list(house.audience.load(other, ["e"])) == ["e"]


def test_clarion_deactivates_for_its_own_reasons(house: House) -> None:
    house.put("e1", **mail("a", "u"))
    house.put("e2", **mail("b", "u"))
    count = house.database.write(lambda c: house.audience.deactivate(c, house.app, ["e1", "missing"], "DEAD_TOKEN"))
    assert count == 1
    assert house.get("e1")["EndpointStatus"] == "INACTIVE"
    assert house.audience.load(house.app, ["e1"])["e1"].status_reason == "DEAD_TOKEN"
    house.put("e3", **mail("a"))
    assert house.get("e3")["EndpointStatus"] == "ACTIVE"
    assert house.database.write(lambda c: house.audience.deactivate(c, house.app, ["e1"], "AGAIN")) == 0
