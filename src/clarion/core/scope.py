"""Whose things: every resource lives in one (account, region), as in AWS."""

from __future__ import annotations

from typing import NamedTuple


class Scope(NamedTuple):
    """The account of the access key and the region of the signature."""

    account: str
    region: str

    def arn(self, resource: str) -> str:
        """`arn:aws:mobiletargeting:{region}:{account}:{resource}`."""
        return f"arn:aws:mobiletargeting:{self.region}:{self.account}:{resource}"
