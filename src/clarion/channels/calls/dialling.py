"""What a web hook that stands in for a contact center is asked, and how its answer is read. Pure.

Asked in the words of Amazon Connect's PutDialRequestBatch, so that a hook may pass it on. Whom the answer does not name
below `FailedRequests` is going to be called; so an answer without any of it will do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels.calls.port import CalloutFailed, Dial, Refused
from clarion.core.clock import iso_ms

FINAL = frozenset({"InvalidInput"})
"""Failure codes that asking again would not change."""

_LENGTH = 300


def asked(dials: Sequence[Dial]) -> bytes:
    """The body of the request."""
    requests = [
        {
            "ClientToken": one.token,
            "PhoneNumber": one.number,
            "ExpirationTime": iso_ms(one.expires_ms),
            "Attributes": one.attributes,
        }
        for one in dials
    ]
    return msgspec.json.encode({"DialRequests": requests})


def answered(url: str, dials: Sequence[Dial], body: bytes) -> Mapping[str, Refused]:
    """Whom the hook refuses, by token. Raises CalloutFailed for what is no answer to it."""
    if not body.strip():
        return {}
    known = {one.token for one in dials}
    try:
        answer = msgspec.json.decode(body)
        failed = (answer.get("FailedRequests") or ()) if isinstance(answer, dict) else ()
        named = {str(one["ClientToken"]): _refused(one) for one in failed}
    except (msgspec.DecodeError, TypeError, KeyError, AttributeError) as error:
        raise CalloutFailed(f"{url.partition('?')[0]}: the answer is not understood", final=True) from error
    return {token: refused for token, refused in named.items() if token in known}


def _refused(failed: Mapping[str, Any]) -> Refused:
    code = str(failed.get("FailureCode") or "UnknownError")
    said = " ".join(str(failed.get("Message") or "").split())
    return Refused(f"{code}: {said}"[:_LENGTH] if said else code[:_LENGTH], code in FINAL)
