"""Bodies of PutEvents for tests, written by hand and drawn by hypothesis."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

TIME = "2027-03-04T09:15:02.120Z"


def event(**members: Any) -> dict[str, Any]:
    """A good event; members given replace or add, None stays null."""
    return {"EventType": "cart.left", "Timestamp": TIME, **members}


def body(events: dict[str, Any], endpoint: Any = None, endpoint_id: str = "ep-7781") -> bytes:
    """A body with one endpoint."""
    return batch({endpoint_id: {"Endpoint": {} if endpoint is None else endpoint, "Events": events}})


def batch(items: dict[str, Any]) -> bytes:
    return json.dumps({"BatchItem": items}).encode()


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20) | st.sampled_from(
    ["campaign_id", "campaign_activity_id", "journey_activity_id", "journey_id", "treatment_id"]
)
_offsets = st.sampled_from(["Z", "", "+00:00", "-00:00", "+02:00", "-0530", "+1400", "-23:59"])
_fractions = st.sampled_from(["", ".1", ".12", ".120", ".999", ".0004", ".123456", ".9999999", ".123456789"])


@st.composite
def times(draw: st.DrawFn) -> str:
    """ISO 8601 text as clients write it."""
    moment = draw(st.datetimes()).replace(microsecond=0)
    year = draw(st.sampled_from([moment.year, 1969, 1970, 2024, 2027, 2027, 2100]))
    day = f"{year:04d}-{moment.month:02d}-{min(moment.day, 28):02d}"
    separator = draw(st.sampled_from(["T", " "]))
    return f"{day}{separator}{moment:%H:%M:%S}{draw(_fractions)}{draw(_offsets)}"


_integers = st.integers() | st.integers(min_value=-(2**70), max_value=2**70)
_numbers = st.floats(allow_nan=False, allow_infinity=False) | _integers
_durations = st.none() | st.integers(min_value=-(2**63), max_value=2**63 - 1)


def _optional(**members: st.SearchStrategy[Any]) -> dict[str, st.SearchStrategy[Any]]:
    return {name: st.none() | strategy for name, strategy in members.items()}


sessions = st.fixed_dictionaries(
    {"Id": text, "StartTimestamp": times()}, optional=_optional(StopTimestamp=times(), Duration=_durations)
)
events = st.fixed_dictionaries(
    {
        "EventType": text.filter(bool) | st.sampled_from(["_email.open", "_session.start", "_campaign.send"]),
        "Timestamp": times(),
    },
    optional=_optional(
        Attributes=st.dictionaries(_names, text, max_size=6),
        Metrics=st.dictionaries(_names, _numbers, max_size=6),
        Session=sessions,
        AppPackageName=text,
        AppTitle=text,
        AppVersionCode=text,
        SdkName=text,
        ClientSdkVersion=text,
        Unknown=st.lists(text, max_size=2),
    ),
)
bodies = st.dictionaries(
    text.filter(bool),
    st.fixed_dictionaries({"Endpoint": st.just({}), "Events": st.dictionaries(text.filter(bool), events, max_size=4)}),
    max_size=3,
)
"""The value of BatchItem: good in every way."""
