"""Who is in a control group: for ever, by a key, as many as asked for."""

from __future__ import annotations

from clarion.domain.audience.model import Endpoint
from clarion.domain.messaging.guardrails.control_group import in_control_group, person_of

SECRET = b"s" * 32
PEOPLE = [f"user/{number}" for number in range(4_000)]


def members(percent: int, *, secret: bytes = SECRET, app: str = "a") -> set[str]:
    return {person for person in PEOPLE if in_control_group(secret, app, person, percent)}


def test_as_many_as_asked_for() -> None:
    assert 150 < len(members(5)) < 250
    assert 1_850 < len(members(50)) < 2_150
    assert members(0) == set()


def test_a_larger_group_keeps_its_members() -> None:
    assert members(5) < members(20) < members(50)


def test_the_draw_depends_on_key_and_project() -> None:
    assert members(20) == members(20)
    assert members(20) != members(20, secret=b"t" * 32)
    assert members(20) != members(20, app="b")


def test_a_user_is_drawn_with_all_endpoints() -> None:
    one = Endpoint(id="One", user_id="lea")
    other = Endpoint(id="Other", user_id="lea")
    assert person_of(one) == person_of(other) == "user/lea"
    assert person_of(Endpoint(id="Alone")) == "endpoint/alone"
