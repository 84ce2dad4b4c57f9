"""Access keys, roles, and the one table of what each role may do.

| Role      | AWS operations                                                              | Control API |
|-----------|-----------------------------------------------------------------------------|-------------|
| admin     | all                                                                         | all         |
| developer | all                                                                         | DEVELOPERS  |
| marketer  | Pinpoint: all but creating and deleting projects, and but channel, event    | MARKETERS   |
|           | stream and recommender set-up; other services: reading and sending          |             |
| reader    | `Get*`, `List*`, `Describe*`                                                | READERS     |
| client    | `PutEvents`, `UpdateEndpoint`, `GetInAppMessages`: for keys that are shipped | none        |
|           | in an app or web page                                                       |             |

The three right-hand names are the groups a control route is opened to (`ControlApi.add(roles=...)`). A key
with an `app_id`, whatever its role, reaches that project only; a client key always has one.
"""

from __future__ import annotations

import re
from typing import Literal, Protocol

import msgspec

Role = Literal["admin", "developer", "marketer", "reader", "client"]

ADMINS: frozenset[Role] = frozenset({"admin"})
DEVELOPERS: frozenset[Role] = ADMINS | {"developer"}
MARKETERS: frozenset[Role] = DEVELOPERS | {"marketer"}
READERS: frozenset[Role] = MARKETERS | {"reader"}

_READING = re.compile(r"Get|List|Describe")
_SENDING = re.compile(r"Send")
_CLIENT = frozenset({"PutEvents", "UpdateEndpoint", "GetInAppMessages"})
_SET_UP = re.compile(
    r"(Create|Delete)App$|(Update|Delete)\w+Channel$|(Put|Delete)EventStream$"
    r"|(Create|Update|Delete)RecommenderConfiguration$"
)


class AccessKey(msgspec.Struct, frozen=True, kw_only=True):
    """One pair of credentials and what it stands for.

    With a `session_token` the key is temporary: every request must carry exactly that token.
    """

    access_key_id: str
    secret: str
    account: str
    role: Role
    app_id: str | None = None
    session_token: str | None = None

    @property
    def principal_arn(self) -> str:
        """The caller's name in texts and `LastModifiedBy`."""
        return f"arn:aws:iam::{self.account}:user/{self.access_key_id}"


class KeyStore(Protocol):
    """Where access keys come from; the owner is whoever builds the server."""

    def find(self, access_key_id: str) -> AccessKey | None:
        """The key, or None when there is none or it is disabled. Called for every request on the event
        loop: answers from memory."""
        ...


def may(key: AccessKey, service: str, operation: str, app_id: str | None) -> bool:
    """Whether `key` may call `operation` (AWS name) of `service` on the project in its path (None: no
    project in the path)."""
    if key.app_id is None and key.role == "client":
        return False
    if key.app_id is not None and key.app_id != app_id:
        return False
    return _role_may(key.role, service, operation)


def _role_may(role: Role, service: str, operation: str) -> bool:
    match role:
        case "admin" | "developer":
            return True
        case "marketer" if service == "pinpoint":
            return not _SET_UP.match(operation)
        case "marketer":
            return bool(_READING.match(operation) or _SENDING.match(operation))
        case "reader":
            return bool(_READING.match(operation))
        case "client":
            return service == "pinpoint" and operation in _CLIENT
