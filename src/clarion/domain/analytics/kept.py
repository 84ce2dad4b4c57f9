"""What became of messages, kept beside the record: a row a message, which the store itself makes of events.

    events ─→ messages: whose, when, what happened to it (`FLAGS`, a bit each)
              and one row more for each thing that may happen several times: opens, clicks, unsubscribing

A row counts once however often it is written, since rows of a key are taken together when they are read. Days are those
in which a message was sent, which is the time that its events carry. What clients report of notifications has no
message; each is a row of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from clarion.channels.push.services import SERVICES
from clarion.domain.analytics.messages import attribute, listed, metric
from clarion.domain.events.asking.sent import ATTEMPTED
from clarion.store.columnar.derived import Derived

TABLE = "messages"
OPENED_PUSH = ("_campaign.opened_notification", "_journey.opened_notification")
SENDS = ("_campaign.send", "_journey.send")

_DAY_MS = 86_400_000
"""Events of one message carry the same time, but for what a hand-over takes."""


def _among(names: Sequence[str]) -> str:
    return f"event_type IN {listed(names)}"


def _is(event_type: str) -> str:
    return f"event_type = '{event_type}'"


_SENT = f"{_among(SENDS)} AND status = 'SUCCESS'"
_PUSHED = listed(sorted({"PUSH", *SERVICES}))
_TEXTED = "startsWith(event_type, '_SMS.') AND event_type != '_SMS.OPTOUT'"

FLAGS: Mapping[str, str] = {
    "sent": _SENT,
    "pushed": f"{_SENT} AND {attribute('delivery_type')} IN {_PUSHED}",
    "push_opens": _among(OPENED_PUSH),
    "emailed": _is("_email.send"),
    "hard": _is("_email.hardbounce"),
    "soft": _is("_email.softbounce"),
    "rejected": _is("_email.rejected"),
    "complained": _is("_email.complaint"),
    "opened": _is("_email.open"),
    "clicked": _is("_email.click"),
    "unsubscribed": _is("_email.unsubscribe"),
    "opted_out": "event_type IN ('_email.unsubscribe', '_SMS.OPTOUT')",
    "texted": _TEXTED,
    "text_delivered": _is("_SMS.SUCCESS"),
    "failed": _is("_SMS.FAILURE"),
    "suppressed": f"{_is('_email.hardbounce')} AND gate = 'suppression'",
    "attempted": f"{_among(SENDS)} AND status IN {listed(ATTEMPTED)}",
}
"""What happened to a message: which event says so. New ones go to the end."""

TIMES: Mapping[str, str] = {"opens": "opened", "clicks": "clicked", "unsubscribes": "unsubscribed"}
"""What may happen several times, by what the message says of it: 1 in a row of its own, which adds up."""

_NAMES = re.compile(r"[a-z_]+")
_NAME = "sipHash64(if(message_id != '', message_id, concat(endpoint_key, ' ', event_id)))"
_BITS = " + ".join(f"if({condition}, {1 << place}, 0)" for place, condition in enumerate(FLAGS.values()))
_SEVERAL = " OR ".join(f"({FLAGS[flag]})" for flag in TIMES.values())
_SELECT = (
    "SELECT app_id, campaign_id, journey_id, "  # noqa: S608 - constants of this file
    f"{_NAME} AS message, arrayJoin(if({_SEVERAL}, [0, greatest(sipHash64(event_id), 1)], [0])) AS occurrence,"
    f" ts, arrival, stored, activity_id AS activity, treatment_id AS treatment, endpoint_key,"
    f" if(endpoint_key = '', 0, sipHash64(endpoint_key)) AS endpoint, toUInt32({_BITS}) AS flags,"
    f" if({_among(SENDS)}, status, '') AS outcome, if({FLAGS['failed']}, status, '') AS error,"
    f" toUInt32OrZero({attribute('number_of_message_parts')}) AS parts, {attribute('iso_country_code')} AS country,"
    f" toFloat64({metric('price_in_millicents_usd')}) AS price FROM events WHERE (system OR {_among(OPENED_PUSH)})"
    f" AND (startsWith(event_type, '_email.') OR startsWith(event_type, '_SMS.') OR {_among(SENDS + OPENED_PUSH)})"
)


def _of(function: str, type: str) -> str:
    return f"SimpleAggregateFunction({function}, {type})"


_WORD = "LowCardinality(String)"
_TIME = "DateTime64(3, 'UTC')"
MESSAGES = Derived(
    TABLE,
    (
        f"app_id {_WORD}",
        f"campaign_id {_WORD}",
        f"journey_id {_WORD}",
        "message UInt64",
        "occurrence UInt64",
        f"ts {_of('min', _TIME)}",
        f"arrival {_of('max', _TIME)}",
        f"stored {_of('max', 'DateTime')}",
        f"activity {_of('max', _WORD)}",
        f"treatment {_of('max', _WORD)}",
        f"endpoint_key {_of('max', 'String')} CODEC(ZSTD(1))",
        f"endpoint {_of('max', 'UInt64')}",
        f"flags {_of('groupBitOr', 'UInt32')}",
        f"outcome {_of('max', _WORD)}",
        f"error {_of('max', _WORD)}",
        f"parts {_of('max', 'UInt32')}",
        f"country {_of('max', _WORD)}",
        # What the carrier said last counts, not the sum of what was said on the way.
        f"price {_of('max', 'Float64')}",
    ),
    "AggregatingMergeTree PARTITION BY toMonday(ts) ORDER BY (app_id, campaign_id, journey_id, message, occurrence)",
    _SELECT,
    # All of a message goes at once.
    age="ts",
)

COLUMNS: Mapping[str, str] = (
    {
        "message": "message",
        "at": "min(ts)",
        "arrived": "max(arrival)",
        "day": "toDate(min(ts), 'UTC')",
        # All rows of a message have them.
        "campaign": "any(campaign_id)",
        "journey": "any(journey_id)",
        "activity": "max(activity)",
        "treatment": "max(treatment)",
        "recipient": "if(max(endpoint) != 0, max(endpoint), message)",
        "outcome": "max(outcome)",
        "error": "max(error)",
        "parts": "max(parts)",
        "country": "max(country)",
        "price": "max(price)",
    }
    | {name: f"occurrence = 0 AND bitTest(groupBitOr(flags), {place})" for place, name in enumerate(FLAGS)}
    | {
        name: f"occurrence != 0 AND bitTest(groupBitOr(flags), {list(FLAGS).index(flag)})"
        for name, flag in TIMES.items()
    }
)
"""What is known of a message."""


def messages(where: str, using: str = "") -> str:
    """A SELECT with a row for each message of the project `app` sent from `since` to `until` (parameters; Unix ms, both
    included), and for each of `TIMES`; `where` tells more, about columns that all events of a message share. Its
    columns are `COLUMNS`; if the SQL is given that goes on `using` them, those that are named in it: each has its
    price."""
    names = COLUMNS.keys() & _NAMES.findall(using) if using else COLUMNS.keys()
    columns = ", ".join(f"{COLUMNS[name]} AS {name}" for name in COLUMNS if name in names)
    once = "" if names & TIMES.keys() else " AND occurrence = 0"
    since, until = "fromUnixTimestamp64Milli({since:Int64}", "fromUnixTimestamp64Milli({until:Int64}"
    return (
        f"SELECT {columns} FROM {TABLE} WHERE app_id = {{app:String}} AND {where}{once}"  # noqa: S608 - constants of this package
        f" AND ts >= {since} - {_DAY_MS}, 'UTC') AND ts <= {until} + {_DAY_MS}, 'UTC')"
        f" GROUP BY message, occurrence HAVING min(ts) >= {since}, 'UTC') AND min(ts) <= {until}, 'UTC')"
    )
