"""Requests that were refused, for whoever wants to tell a developer why nothing arrives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from clarion.core.errors import ClarionError
from clarion.core.scope import Scope
from clarion.wire.claim import read_claim
from clarion.wire.keys import KeyStore
from clarion.wire.steps import Exchange

_REGION = re.compile(r"[a-z0-9-]{1,40}")


class Refused(NamedTuple):
    """Who asked for what, and why not. `proven`: the signature was good; else the request only says that it is of
    that key, whose secret it may not have."""

    operation: str
    scope: Scope
    access_key_id: str
    labels: Mapping[str, str]
    request_id: str
    error: ClarionError
    proven: bool


def of_exchange(x: Exchange, error: ClarionError, keys: KeyStore) -> Refused | None:
    """What can be said of a request that ended so; None when it names no key that there is."""
    if not hasattr(x, "action"):
        return None
    if hasattr(x, "context"):
        context = x.context
        return Refused(x.action.name, context.scope, context.access_key_id, x.labels, x.request_id, error, True)
    try:
        claim = read_claim(x.headers, x.query)
    except ClarionError:
        return None
    key = keys.find(claim.access_key_id)
    if key is None or not _REGION.fullmatch(claim.region):
        return None
    return Refused(
        x.action.name, Scope(key.account, claim.region), key.access_key_id, x.labels, x.request_id, error, False
    )
