"""What an event stream may be, and the words for how it is. Pure."""

from __future__ import annotations

import enum
import re

from clarion.channels.streaming.port import MEMBER
from clarion.core.errors import Invalid

TEST = "_test.event_stream"
"""Type of the record that `streams/test` writes. Dashboards made for Pinpoint leave `_test.event…` types out."""

MOST_ROLE = 2_048

_ARN = re.compile(r"arn:aws[a-z-]*:(?P<service>[a-z]+):(?P<region>[a-z0-9-]*):(?P<account>[^:]*):(?P<rest>.+)")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>[^:]+):role/[\w+=,.@/-]{1,512}")


class State(enum.StrEnum):
    """How a stream is."""

    IDLE = "IDLE"
    """Nothing waits."""
    DELIVERING = "DELIVERING"
    """Events are on their way, or gather until there are enough of them."""
    FAILING = "FAILING"
    """The last try failed; it will be tried again."""


class Lost(enum.StrEnum):
    """Why events were dropped that no destination has got: the closed set of metrics and log lines."""

    TOO_OLD = "too_old"
    """The destination has failed for longer than `stream_hours`."""
    NO_ROOM = "no_room"
    """The backlog of all streams was at `stream_backlog_bytes`."""


def check(uri: str, role: str) -> None:
    """The two members as far as they can be judged without asking anybody. Raises Invalid naming the one at fault.

    A stream of AWS and its role belong to one account, whatever number this installation's accounts have. No other
    destination assumes a role; what is given as one is kept and shown, as Terraform expects.
    """
    if not uri.startswith("arn:"):
        if len(role) > MOST_ROLE:
            raise Invalid(f"RoleArn: must have at most {MOST_ROLE} characters")
        return
    arn = _ARN.fullmatch(uri)
    if arn is None:
        raise Invalid(f"{MEMBER}: is not an ARN")
    named = _ROLE.fullmatch(role)
    if named is None:
        raise Invalid("RoleArn: must look like arn:aws:iam::ACCOUNT:role/NAME")
    if named["account"] != arn["account"]:
        raise Invalid(f"RoleArn: must be a role of account {arn['account'] or 'none'}, as the stream is")
