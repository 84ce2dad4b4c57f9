"""What a change makes of an endpoint: the merge rules, all in one place and pure.

| Sent                            | Effect                                                                    |
|---------------------------------|---------------------------------------------------------------------------|
| member absent                   | stored value stays; `EndpointStatus` becomes ACTIVE                       |
| attribute, metric: a name       | its value (list) is replaced, other names stay; null is not sent          |
| attribute with an empty list    | the values go, the name stays                                             |
| demographic, location: a leaf   | replaced, other leaves stay                                               |
| `User.UserId`                   | joins that user and takes over the user's attributes; '' leaves the user  |
| `User` without `UserId`         | the user stays                                                            |
| empty string anywhere           | the value is unset                                                        |

User attributes belong to the user: an endpoint brings along what it gathered without a user, never what belongs
to the user it leaves. Source: spec of the audience, sections 2.1 to 2.4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from clarion.channels.push.services import SERVICES
from clarion.core.errors import Invalid
from clarion.domain.audience.change import Change, Effective
from clarion.domain.audience.model import Demographic, Endpoint, Fate, Location

V = TypeVar("V")
Attributes = Mapping[str, list[str]]

EVICTABLE = SERVICES
"""Push channels whose oldest endpoint of a user makes room for a new one."""


class Stamp(NamedTuple):
    """What the service itself puts on an endpoint: the time, a request id; cohort and creation should it be new."""

    now: Effective
    request_id: str
    cohort: int
    created_ms: int


def blank(endpoint_id: str, stamp: Stamp) -> Endpoint:
    """A new endpoint of which nothing is known but its id."""
    return Endpoint(id=endpoint_id, cohort=stamp.cohort, created_ms=stamp.created_ms)


def merge(base: Endpoint, sent: Change, stamp: Stamp, shared: Attributes | None = None) -> Endpoint:
    """`base` after `sent`; `base` itself (the stored endpoint, or a `blank` one) is untouched.

    `shared` are the attributes of the user it will belong to, as that user's other endpoints hold them.
    """
    user_id = base.user_id if sent.user_id is None else sent.user_id
    effective = sent.effective or stamp.now
    return Endpoint(
        id=base.id,
        channel_type=base.channel_type if sent.channel_type is None else sent.channel_type,
        address=base.address if sent.address is None else sent.address,
        attributes=_over(base.attributes, sent.attributes),
        metrics=_over(base.metrics, sent.metrics),
        demographic=_demographic(base.demographic, sent.demographic),
        location=_location(base.location, sent.location),
        user_id=user_id,
        user_attributes=_over(_over(_brought(base, user_id), shared or {}), sent.user_attributes),
        attributes_of=user_id or base.attributes_of,
        opt_out=sent.opt_out or base.opt_out,
        status=sent.status or "ACTIVE",
        effective=effective.text,
        effective_ms=effective.ms,
        request_id=sent.request_id or stamp.request_id,
        cohort=base.cohort,
        created_ms=base.created_ms,
    )


def refuse_incomplete(sent: Change) -> None:
    """Raise Invalid when a new endpoint cannot be made of `sent`; an in-app endpoint needs no address."""
    if not sent.channel_type:
        raise Invalid("Missing ChannelType")
    if not sent.address and sent.channel_type != "IN_APP":
        raise Invalid("Missing Address")


def says_nothing_new(before: Endpoint, after: Endpoint, sent: Change) -> bool:
    """Whether `after` differs from `before` in nothing but the time of the request and its id."""
    if sent.effective and sent.effective.text != before.effective:
        return False
    if sent.request_id and sent.request_id != before.request_id:
        return False
    return before == _replace(
        after, effective=before.effective, effective_ms=before.effective_ms, request_id=before.request_id
    )


def share(endpoint: Endpoint, attributes: dict[str, list[str]]) -> Endpoint:
    """`endpoint` with its user's attributes as another endpoint of that user has them now."""
    return _replace(endpoint, user_attributes=attributes)


def deactivate(endpoint: Endpoint, reason: str) -> Endpoint:
    """`endpoint` made INACTIVE by Clarion itself; it keeps its user and the date of its last activity."""
    return _replace(endpoint, status="INACTIVE", status_reason=reason)


def is_meant(endpoint: Endpoint, fate: Fate) -> bool:
    """Whether `endpoint` still has the address that a provider spoke of, and has not told us since that it is alive."""
    if endpoint.status != "ACTIVE" or (endpoint.channel_type, endpoint.address) != (fate.channel_type, fate.address):
        return False
    return not 0 < fate.since_ms < endpoint.effective_ms


def move(endpoint: Endpoint, address: str) -> Endpoint:
    """`endpoint` at another address, which its provider told; the date of its last activity stays."""
    return _replace(endpoint, address=address)


def evict(endpoint: Endpoint) -> Endpoint:
    """`endpoint` made to give up its place among its user's endpoints."""
    return _replace(endpoint, status="INACTIVE", status_reason="USER_ENDPOINT_LIMIT", user_id="")


def evicted(others: Iterable[Endpoint], newcomer: str, limit: int, *, retire: bool) -> list[Endpoint]:
    """Which of a user's `others` must make room for an endpoint of channel `newcomer`, none when there is room.

    `limit` 0 is no limit. Strict (`retire` false) is Pinpoint's rule: only a push endpoint may take the place of
    a push endpoint, anything else raises Invalid. `retire` lets any endpoint take the place of any: those that
    can get no message go first (inactive, or without a channel), then those whose EffectiveDate is oldest.
    A user with more than `limit`, which was lowered meanwhile, comes back to it.
    """
    present = list(others)
    if not limit or len(present) < limit:
        return []
    if retire:
        leaving = sorted(present, key=lambda other: (_of_use(other), *_idle(other)))
        return leaving[: len(present) - limit + 1]
    candidates = [other for other in present if newcomer in EVICTABLE and other.channel_type in EVICTABLE]
    if not candidates:
        # Clients compare the words; older Amplify then cleans up the user's endpoints itself.
        raise Invalid(f"Exceeded maximum endpoint per user count:{limit}")
    return [min(candidates, key=_idle)]


def _of_use(endpoint: Endpoint) -> bool:
    return endpoint.status == "ACTIVE" and bool(endpoint.channel_type)


def _idle(endpoint: Endpoint) -> tuple[int, int, str]:
    """Smallest for the endpoint that has done nothing for longest; never the same for two."""
    return endpoint.effective_ms, endpoint.created_ms, endpoint.key


def _brought(base: Endpoint, user_id: str) -> dict[str, list[str]]:
    """The user attributes that `base` may keep when it belongs to `user_id` ('': nobody)."""
    return base.user_attributes if not user_id or base.attributes_of in ("", user_id) else {}


def _over(stored: dict[str, V], sent: Mapping[str, V]) -> dict[str, V]:
    return {**stored, **sent} if sent else stored


def _demographic(stored: Demographic | None, sent: Mapping[str, str]) -> Demographic | None:
    if not sent:
        return stored
    return msgspec.structs.replace(stored or Demographic(), **sent)


def _location(stored: Location | None, sent: Mapping[str, str | float]) -> Location | None:
    if not sent:
        return stored
    return msgspec.structs.replace(stored or Location(), **sent)


def _replace(endpoint: Endpoint, **members: object) -> Endpoint:
    return msgspec.structs.replace(endpoint, **members)
