"""Whether a version of a campaign may run: pure rules.

PENDING -> APPROVED        it runs
        -> REJECTED        it does not; somebody may still approve it
another definition         a new version, PENDING again
"""

from __future__ import annotations

import msgspec

from clarion.core.clock import iso_ms
from clarion.shapes.pinpoint import CampaignApproval, CampaignApprovalStatus, WriteCampaignRequest


class Approval(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was said of a version. `author` is the access key that wrote it, `by` the one that decided at `at_ms`."""

    version: int = 1
    status: CampaignApprovalStatus = "PENDING"
    author: str = ""
    by: str = ""
    at_ms: int | None = None
    comment: str = ""

    @property
    def waits(self) -> bool:
        """Whether the version must not run."""
        return self.status != "APPROVED"


encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Approval).decode


def decode(stored: bytes | None) -> Approval | None:
    """The approval of a version, None when it needs none."""
    return None if stored is None else _decode(stored)


def asked(
    before: bytes | None, old: WriteCampaignRequest | None, new: WriteCampaignRequest, *, required: bool, author: str
) -> bytes | None:
    """The approval of a new version. What only pauses or resumes a campaign is no other definition: it keeps the one
    that the version `before` has."""
    if not required:
        return None
    if old is not None and _running(old) == _running(new):
        return before
    return encode(Approval(author=author))


def waits(stored: bytes | None) -> bool:
    """Whether a version must not run."""
    found = decode(stored)
    return found is not None and found.waits


def shown(stored: bytes | None) -> CampaignApproval | None:
    """The approval as the API shows it."""
    found = decode(stored)
    if found is None:
        return None
    return CampaignApproval(
        status=found.status,
        by=found.by or None,
        at=None if found.at_ms is None else iso_ms(found.at_ms),
        comment=found.comment or None,
    )


def _running(wanted: WriteCampaignRequest) -> WriteCampaignRequest:
    return msgspec.structs.replace(wanted, is_paused=False)
