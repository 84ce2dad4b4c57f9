"""What an operation is told about the request besides its input."""

from __future__ import annotations

from typing import NamedTuple

from clarion.core.errors import Forbidden
from clarion.core.scope import Scope
from clarion.wire.keys import Role


class Context(NamedTuple):
    """One verified request.

    `scope` is whose things it may see: the account of the access key, the region of the signature.
    `request_id` is the UUID the caller reads in `x-amzn-RequestId` and in bodies' `RequestID`.
    `principal_arn` names the caller the way AWS does, for `LastModifiedBy` and the like.
    `idempotency_token` is the header `X-Clarion-Idempotency-Token`, for clients that cannot send members of our own.
    """

    scope: Scope
    request_id: str
    access_key_id: str
    role: Role
    principal_arn: str
    idempotency_token: str = ""

    def check_installation(self, account: str) -> None:
        """Raises Forbidden unless the caller is of the installation's own `account`, as for what reaches across
        accounts."""
        if self.scope.account != account:
            raise Forbidden("only for admins of the installation's own account")
