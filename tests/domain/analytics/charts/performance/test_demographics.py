"""What people are and use, against slow and obvious Python."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.model import Condition
from tests.domain.analytics.charts.history import History

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
endpoints = st.lists(
    st.fixed_dictionaries(
        {
            "user_id": st.sampled_from(["", "lea", "jon"]),
            "platform": st.sampled_from(["", "iOS", "Android"]),
            "attributes": st.lists(st.sampled_from(["plan\x1fgold", "plan\x1ffree", "planet\x1fearth"]), unique=True),
            "deleted": st.sampled_from([0, 0, 0, 1]),
        }
    ),
    max_size=6,
)


def shares(told: list[tuple[str, str]]) -> list[tuple[list[str], list[float]]]:
    """The rows of (person, value): people by value, and their share of all of them."""
    people = len({person for person, _ in told})
    counts = {value: len({person for person, one in told if one == value}) for _, value in told}
    order = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [([value], [float(count), count / people]) for value, count in order]


@quick
@given(found=endpoints, by=st.sampled_from([None, "User", "Endpoint"]))
def test_agrees_with_counting(history: History, found: list[dict[str, Any]], by: str | None) -> None:
    history.forget()
    for number, columns in enumerate(found):
        history.endpoint(f"e{number}", **columns)
    there = [
        (f"e{number}" if by == "Endpoint" else one["user_id"] or f"e{number}", one)
        for number, one in enumerate(found)
        if not one["deleted"]
    ]
    platforms = [(person, one["platform"]) for person, one in there if one["platform"]]
    assert history.rows("demographics", by=by) == shares(platforms)
    plans = [(person, text[5:]) for person, one in there for text in one["attributes"] if text.startswith("plan\x1f")]
    assert history.rows("demographics", by=by, dimension="Attribute.plan") == shares(plans)


@pytest.fixture
def people(history: History) -> History:
    history.endpoint(
        "phone",
        channel_type="GCM",
        platform="Android",
        platform_version="14",
        app_version="4.2",
        make="Fairphone",
        model="FP5",
        country="DE",
        locale="de_DE",
        user_attributes=["tier\x1f3"],
    )
    return history


@pytest.mark.parametrize(
    ("dimension", "value"),
    [
        ("platform", "Android"),
        ("Platform", "Android"),
        ("platform-version", "14"),
        ("PlatformVersion", "14"),
        ("Demographic.AppVersion", "4.2"),
        ("app-version", "4.2"),
        ("make", "Fairphone"),
        ("model", "FP5"),
        ("country", "DE"),
        ("Location.Country", "DE"),
        ("locale", "de_DE"),
        ("channel", "GCM"),
        ("ChannelType", "GCM"),
        ("UserAttribute.tier", "3"),
        ("User.UserAttributes.tier", "3"),
    ],
)
def test_dimensions(people: History, dimension: str, value: str) -> None:
    assert people.rows("demographics", dimension=dimension) == [([value], [1.0, 1.0])]


def test_of_an_audience(people: History) -> None:
    people.endpoint("web", channel_type="EMAIL", platform="Web")
    assert people.rows("demographics", channel=["EMAIL"]) == [(["Web"], [1.0, 1.0])]
    people.segments["s"] = Condition("country = {p0:String}", {"p0": "DE"})
    assert people.rows("demographics", segment_id="s") == [(["Android"], [1.0, 1.0])]


@pytest.mark.parametrize("dimension", ["shoe-size", "Attribute.", "Session.platform"])
def test_an_unknown_dimension(history: History, dimension: str) -> None:
    with pytest.raises(Invalid, match="Dimension"):
        history.ask("demographics", dimension=dimension)
