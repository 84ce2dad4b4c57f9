"""What an event is: its row in the record, its types, the limits of PutEvents, and why one is dropped."""

from __future__ import annotations

import enum
from collections.abc import Mapping

import msgspec

SEPARATOR = "\x1f"
"""Between name and value of an attribute token."""

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_EVENT_BYTES = 1000 * 1024
MAX_EVENTS = 100
MAX_KEYS = 40
MAX_KEY_CHARACTERS = 50
MAX_VALUE_CHARACTERS = 200

SKIP = "_clarion.skip"
"""Clarion's own record that somebody got no message where Pinpoint records nothing; never streamed."""

PLANNED = "_clarion.planned"
"""Clarion's own record that a message is on its way, where frequency caps count it; never streamed."""

TEXT_RECEIVED = "_clarion.sms_received"
"""Clarion's own record that a person has written a text message, for which Pinpoint has no event; streamed."""

CALLS = frozenset(
    f"_VOICE.{state}"
    for state in ("INITIATED", "RINGING", "ANSWERED", "COMPLETED", "BUSY", "NO_ANSWER", "FAILED", "CANCELLED")
)
"""Clarion's own record of calls, in the words of SMS-Voice v2; never streamed."""

INTERNAL = frozenset({SKIP, PLANNED}) | CALLS
"""What Pinpoint has no event for: neither streamed nor waited for."""

SERVICE_TYPES = CALLS | frozenset(
    {
        SKIP,
        PLANNED,
        "_campaign.send",
        "_journey.send",
        "_email.send",
        "_email.delivered",
        "_email.rejected",
        "_email.hardbounce",
        "_email.softbounce",
        "_email.complaint",
        "_email.open",
        "_email.click",
        "_email.unsubscribe",
        "_email.rendering_failure",
        "_SMS.BUFFERED",
        "_SMS.SUCCESS",
        "_SMS.FAILURE",
        "_SMS.OPTOUT",
        TEXT_RECEIVED,
    }
)
"""Types the product produces. An app may report one too; such a row has `system` false and none of the
columns that figures and "why" are made of."""

APP_TYPES = frozenset(
    {
        "_session.start",
        "_session.stop",
        "_session.pause",
        "_session.resume",
        "_userauth.sign_in",
        "_userauth.sign_up",
        "_userauth.auth_fail",
        "_monetization.purchase",
        "_campaign.opened_notification",
        "_campaign.received_foreground",
        "_campaign.received_background",
        "_journey.opened_notification",
        "_journey.received_foreground",
        "_journey.received_background",
        "_inapp.message_displayed",
        "_inapp.message_dismissed",
        "_inapp.message_clicked",
    }
)
"""Types the client SDKs report by themselves: not custom, so no quota counts them."""

STANDARD_ATTRIBUTES = frozenset(
    {
        "_product_id",
        "_currency",
        "_store",
        "_transaction_id",
        "_item_price_formatted",
        "campaign_id",
        "campaign_activity_id",
        "treatment_id",
        "delivery_type",
        "journey_id",
        "journey_run_id",
        "journey_activity_id",
    }
)
STANDARD_METRICS = frozenset({"_quantity", "_item_price"})


class NameKind(enum.StrEnum):
    """What an app may use only so many different names of."""

    TYPE = "type"
    ATTRIBUTE = "attribute"
    METRIC = "metric"


NAME_QUOTAS: Mapping[NameKind, int] = {NameKind.TYPE: 1500, NameKind.ATTRIBUTE: 500, NameKind.METRIC: 500}
STANDARD_NAMES: Mapping[NameKind, frozenset[str]] = {
    NameKind.TYPE: APP_TYPES | SERVICE_TYPES,
    NameKind.ATTRIBUTE: STANDARD_ATTRIBUTES,
    NameKind.METRIC: STANDARD_METRICS,
}


class DropReason(enum.StrEnum):
    """Every reason for which a reported event is not taken. The closed set: metrics and log lines use it."""

    MALFORMED = "malformed"
    ITEM = "item"
    EVENT_ID = "event_id"
    TOO_LARGE = "too_large"
    EVENT_TYPE = "event_type"
    TIMESTAMP = "timestamp"
    SESSION = "session"
    TOO_MANY_KEYS = "too_many_keys"
    KEY_TOO_LONG = "key_too_long"
    VALUE_TOO_LONG = "value_too_long"
    NAME = "name"
    TYPE_QUOTA = "type_quota"
    ATTRIBUTE_QUOTA = "attribute_quota"
    METRIC_QUOTA = "metric_quota"


class EventRow(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One row of the record; the columns of the table `events`, in the same words. "" means absent.

    Times are Unix milliseconds: `ts` when it happened (e-mail: when the message was sent), `arrival` when
    Clarion learned of it. `kv` are attribute tokens, name + "\\x1f" + value. `system`: the product itself
    says so, not an app. `status` is Pinpoint's word for the outcome, `gate` and `reason` are Clarion's
    explanation of it. `application`, `device` and `record` are the JSON objects of the stream record that
    the columns do not hold: record's members go into the top level as they are.
    """

    app_id: str
    event_type: str
    event_id: str
    endpoint_key: str
    ts: int
    arrival: int
    account: str = ""
    endpoint_id: str = ""
    user_id: str = ""
    system: bool = False
    session_id: str = ""
    session_start: int | None = None
    session_stop: int | None = None
    session_duration: int | None = None
    kv: list[str] = []
    metric_names: list[str] = []
    metric_values: list[float] = []
    campaign_id: str = ""
    activity_id: str = ""
    treatment_id: str = ""
    journey_id: str = ""
    status: str = ""
    gate: str = ""
    reason: str = ""
    message_id: str = ""
    trace_id: str = ""
    application: str = ""
    device: str = ""
    record: str = ""

    @property
    def attributes(self) -> dict[str, str]:
        """The attributes as a mapping."""
        return attributes_of(self.kv)

    @property
    def metrics(self) -> dict[str, float]:
        """The metrics as a mapping."""
        return dict(zip(self.metric_names, self.metric_values, strict=True))


def tokens(attributes: Mapping[str, str]) -> list[str]:
    """Attribute tokens in the order of the mapping."""
    return [f"{name}{SEPARATOR}{value}" for name, value in attributes.items()]


def attributes_of(kv: list[str]) -> dict[str, str]:
    """The mapping that `tokens` was made of."""
    return {name: value for name, _, value in (token.partition(SEPARATOR) for token in kv)}
