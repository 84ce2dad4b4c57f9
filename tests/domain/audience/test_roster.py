"""Rules that reach from one endpoint to others: users, their number, addresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.errors import Invalid
from clarion.domain.audience.change import Effective, change_of
from clarion.domain.audience.merge import Stamp
from clarion.domain.audience.model import Endpoint, decode, encode
from clarion.domain.audience.roster import Policy, Roster
from clarion.shapes.pinpoint import EndpointRequest
from tests.domain.audience.reference import Reference, Refused


def stamp(ms: int, request_id: str, cohort: int) -> Stamp:
    return Stamp(Effective(str(ms), ms), request_id, cohort, ms)


class Stored:
    """Endpoints in a dict, as a roster's source."""

    def __init__(self) -> None:
        self.rows: dict[str, bytes] = {}

    def endpoints(self) -> dict[str, Endpoint]:
        return {key: decode(document) for key, document in self.rows.items()}

    def by_keys(self, keys: Iterable[str]) -> Mapping[str, bytes]:
        return {key: self.rows[key] for key in keys if key in self.rows}

    def by_users(self, user_ids: Iterable[str]) -> Mapping[str, bytes]:
        wanted = set(user_ids)
        return {key: self.rows[key] for key, one in self.endpoints().items() if one.user_id in wanted}

    def by_contacts(self, contacts: Iterable[str]) -> Mapping[str, bytes]:
        wanted = set(contacts)
        return {
            key: self.rows[key]
            for key, one in self.endpoints().items()
            if one.status == "ACTIVE" and one.contact in wanted
        }

    def save(self, roster: Roster) -> set[str]:
        written = {key: document for key, _, document in roster.written()}
        self.rows.update(written)
        return set(written)


class App:
    """One app whose every batch goes through a roster."""

    def __init__(self, policy: Policy | None = None) -> None:
        self.stored = Stored()
        self.policy = policy or Policy()
        self.now = 1000

    def put(self, *items: tuple[str, dict[str, Any]]) -> set[str]:
        """One batch; answers the keys that were written. Every item is a millisecond later than the last."""
        roster = Roster(self.stored, self.policy)
        for endpoint_id, body in items:
            self.now += 1
            roster.apply(endpoint_id, change_of(msgspec.convert(body, EndpointRequest)), stamp(self.now, "r", 0))
        return self.stored.save(roster)

    def __getitem__(self, key: str) -> Endpoint:
        return decode(self.stored.rows[key])


def mail(address: str, user: str = "", **user_attributes: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {"ChannelType": "EMAIL", "Address": address}
    if user or user_attributes:
        body["User"] = {"UserId": user, "UserAttributes": user_attributes}
    return body


def test_ids_compare_without_case_and_keep_their_first_form() -> None:
    app = App()
    app.put(("Phone-A", mail("a")))
    app.put(("PHONE-a", {"OptOut": "ALL"}))
    assert list(app.stored.rows) == ["phone-a"]
    assert (app["phone-a"].id, app["phone-a"].opt_out) == ("Phone-A", "ALL")


def test_user_attributes_reach_every_endpoint_of_the_user() -> None:
    app = App()
    app.put(("e1", mail("a", "u", x=["1"])))
    app.put(("e2", mail("b", "u", y=["2"])))
    app.put(("e3", mail("c", "other")))
    assert app["e1"].user_attributes == app["e2"].user_attributes == {"x": ["1"], "y": ["2"]}
    assert app.put(("e1", {"User": {"UserAttributes": {"x": ["3"]}}})) == {"e1", "e2"}
    assert app["e2"].user_attributes == {"x": ["3"], "y": ["2"]}
    assert app["e3"].user_attributes == {}


def test_sharing_does_not_count_as_activity_of_the_others() -> None:
    app = App()
    app.put(("e1", mail("a", "u")))
    seen = app["e1"].effective_ms
    app.put(("e2", mail("b", "u", x=["1"])))
    assert app["e1"].user_attributes == {"x": ["1"]}
    assert app["e1"].effective_ms == seen


def test_an_address_has_one_active_endpoint_per_channel() -> None:
    app = App()
    app.put(("old", mail("a")), ("voice", {"ChannelType": "VOICE", "Address": "a"}))
    assert app.put(("new", mail("a"))) == {"new", "old"}
    assert (app["old"].status, app["old"].status_reason) == ("INACTIVE", "ADDRESS_REUSED")
    assert app["new"].status == app["voice"].status == "ACTIVE"


def test_whoever_is_written_last_has_the_address() -> None:
    app = App()
    app.put(("old", mail("a")))
    app.put(("new", mail("a")))
    app.put(("old", {"OptOut": "NONE"}))
    assert (app["old"].status, app["new"].status) == ("ACTIVE", "INACTIVE")


def test_an_endpoint_written_inactive_leaves_the_other_alone() -> None:
    app = App()
    app.put(("old", mail("a")))
    assert app.put(("new", {**mail("a"), "EndpointStatus": "INACTIVE"})) == {"new"}
    assert app["old"].status == "ACTIVE"


def test_endpoints_without_address_do_not_displace_each_other() -> None:
    app = App()
    app.put(("a", {"ChannelType": "IN_APP"}), ("b", {"ChannelType": "IN_APP"}))
    assert app["a"].status == app["b"].status == "ACTIVE"


def test_a_push_endpoint_too_many_takes_the_oldest_one_s_place() -> None:
    app = App(Policy(3, retire=False))
    app.put(("e1", mail("1", "u")))
    app.put(("p1", {"ChannelType": "GCM", "Address": "t1", "User": {"UserId": "u", "UserAttributes": {"x": ["1"]}}}))
    app.put(("p2", {"ChannelType": "APNS", "Address": "t2", "User": {"UserId": "u"}}))
    app.put(("p1", {}))
    assert app.put(("p3", {"ChannelType": "GCM", "Address": "t3", "User": {"UserId": "u"}})) == {"p2", "p3"}
    assert (app["p2"].user_id, app["p2"].status, app["p2"].status_reason) == ("", "INACTIVE", "USER_ENDPOINT_LIMIT")
    assert app["p3"].user_attributes == {"x": ["1"]}
    # Back again, at the expense of the next.
    app.put(("p2", {"EndpointStatus": "ACTIVE", "User": {"UserId": "u"}}))
    assert (app["p2"].user_id, app["p1"].user_id) == ("u", "")


def test_the_limit_counts_inactive_endpoints_and_spares_members() -> None:
    app = App(Policy(2, retire=False))
    app.put(("e1", {**mail("1", "u"), "EndpointStatus": "INACTIVE"}), ("e2", mail("2", "u")))
    app.put(("e1", {"User": {"UserId": "u"}, "OptOut": "ALL"}))
    with pytest.raises(Invalid, match="Exceeded maximum endpoint per user count:2"):
        app.put(("e3", mail("3", "u")))
    assert "e3" not in app.stored.rows


def test_the_oldest_idle_endpoint_makes_room_for_any_other() -> None:
    app = App(Policy(3))
    app.put(("mail", mail("1", "u")))
    app.put(("push", {"ChannelType": "GCM", "Address": "t", "User": {"UserId": "u"}}))
    app.put(("web", mail("2", "u")), ("push", {}), ("mail", {}))
    assert app.put(("next", mail("3", "u"))) == {"web", "next"}
    assert (app["web"].user_id, app["web"].status, app["web"].status_reason) == ("", "INACTIVE", "USER_ENDPOINT_LIMIT")


def test_what_no_message_can_reach_retires_before_what_is_older() -> None:
    app = App(Policy(3))
    app.put(("mail", mail("1", "u")))
    app.put(("off", {**mail("2", "u"), "EndpointStatus": "INACTIVE"}))
    app.put(("phone", {"ChannelType": "SMS", "Address": "+49", "User": {"UserId": "u"}}))
    assert app.put(("next", mail("3", "u"))) == {"off", "next"}
    assert app.put(("last", mail("4", "u"))) == {"mail", "last"}


def test_a_lowered_limit_takes_hold_when_the_next_one_joins() -> None:
    app = App(Policy(0))
    app.put(*((f"e{n}", mail(str(n), "u")) for n in range(5)))
    app.policy = Policy(2)
    app.put(("e0", {"OptOut": "ALL"}))
    assert [app[f"e{n}"].user_id for n in range(5)] == ["u"] * 5
    app.put(("e5", mail("5", "u")))
    assert [app[f"e{n}"].user_id for n in range(6)] == ["u", "", "", "", "", "u"]


def test_a_refused_item_leaves_nothing_of_itself_in_the_batch() -> None:
    app = App(Policy(1, retire=False))
    app.put(("e1", mail("1", "u")))
    roster = Roster(app.stored, app.policy)
    with pytest.raises(Invalid):
        roster.apply("e2", change_of(msgspec.convert(mail("1", "u", x=["1"]), EndpointRequest)), stamp(1, "r", 0))
    assert list(roster.written()) == []


def test_an_endpoint_has_15_kilobytes() -> None:
    app = App()
    values = {f"a{n}": ["v" * 100] * 10 for n in range(13)}
    app.put(("e", {**mail("a"), "Attributes": values}))
    with pytest.raises(Invalid, match="15 KB"):
        app.put(("e", {"Attributes": {"b": ["v" * 100] * 20}}))
    assert "b" not in app["e"].attributes


def test_quiet_changes_are_not_written() -> None:
    app = App()
    app.put(("e", mail("a", "u", x=["1"])))
    roster = Roster(app.stored, app.policy)
    change = change_of(msgspec.convert(mail("a", "u", x=["1"]), EndpointRequest))
    assert not roster.apply("e", change, stamp(5000, "r2", 0), quiet=True).written
    assert list(roster.written()) == []
    assert roster.apply("e", change, stamp(5000, "r2", 0)).written


NAMES = st.sampled_from(["x", "y"])
VALUES = st.none() | st.lists(st.sampled_from(["1", "2"]), max_size=2)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "ChannelType": st.sampled_from(["GCM", "APNS", "EMAIL"]),
        "Address": st.sampled_from(["a", "b", "", "c"]),
        "Attributes": st.dictionaries(NAMES, VALUES, max_size=2),
        "OptOut": st.sampled_from(["ALL", "NONE"]),
        "EndpointStatus": st.sampled_from(["ACTIVE", "INACTIVE"]),
        "User": st.fixed_dictionaries(
            {},
            optional={
                "UserId": st.sampled_from(["", "u1", "u2"]),
                "UserAttributes": st.dictionaries(NAMES, VALUES, max_size=2),
            },
        ),
    },
)
ITEMS = st.tuples(st.sampled_from(["e1", "E1", "e2", "e3", "e4"]), BODIES)
BATCHES = st.lists(st.lists(ITEMS, min_size=1, max_size=4), min_size=1, max_size=8)


@given(batches=BATCHES, limit=st.sampled_from([0, 2, 3]), retire=st.booleans(), ahead=st.booleans())
def test_batches_end_as_if_done_one_by_one(
    batches: list[list[tuple[str, dict[str, Any]]]], limit: int, retire: bool, ahead: bool
) -> None:
    reference = Reference(limit, retire)
    stored = Stored()
    now = 0
    for batch in batches:
        roster = Roster(stored, Policy(limit, retire))
        if ahead:
            roster.fetch([item[0].lower() for item in batch], ["u1", "u2"], ["EMAIL:a", "GCM:b"])
        for endpoint_id, body in batch:
            now += 1
            change = change_of(msgspec.convert(body, EndpointRequest))
            try:
                roster.apply(endpoint_id, change, stamp(now, "r", 0))
                refused = False
            except Invalid:
                refused = True
            try:
                reference.put(endpoint_id, body, now)
                expected = False
            except Refused:
                expected = True
            assert refused is expected
        stored.save(roster)
    assert {key: _plain(one) for key, one in stored.endpoints().items()} == reference.documents


def _plain(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "Id": endpoint.id,
        "ChannelType": endpoint.channel_type,
        "Address": endpoint.address,
        "Attributes": endpoint.attributes,
        "OptOut": endpoint.opt_out,
        "UserId": endpoint.user_id,
        "UserAttributes": endpoint.user_attributes,
        "Owner": endpoint.attributes_of,
        "Created": endpoint.created_ms,
        "EndpointStatus": endpoint.status,
        "Effective": endpoint.effective_ms,
    }


def test_documents_in_the_source_are_never_written_to() -> None:
    app = App()
    app.put(("e1", mail("a", "u", x=["1"])), ("e2", mail("b", "u")))
    image = dict(app.stored.rows)
    kept = app.stored.endpoints()
    roster = Roster(app.stored, app.policy)
    roster.apply("e2", change_of(msgspec.convert(mail("a", "u", x=["2"]), EndpointRequest)), stamp(1, "r", 0))
    assert {key: encode(one) for key, one in kept.items()} == image
