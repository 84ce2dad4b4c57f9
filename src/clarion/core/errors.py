"""The kinds of failure the product knows. `wire.errors` maps each onto a service's modelled exception."""

from __future__ import annotations


class ClarionError(Exception):
    """Base of all kinds; the message is written for the caller and names the field or thing at fault."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Invalid(ClarionError):
    """The request is malformed or breaks a rule (400)."""


class Forbidden(ClarionError):
    """Not authenticated or not allowed (403). `code` is the AWS error type that clients look at."""

    def __init__(self, message: str, code: str = "ForbiddenException") -> None:
        super().__init__(message)
        self.code = code


class NotFound(ClarionError):
    """The resource does not exist, or belongs to somebody else (404)."""

    def __init__(self, message: str = "Resource not found") -> None:
        super().__init__(message)


class NotAllowed(ClarionError):
    """The verb is not defined on this path (405)."""


class Conflict(ClarionError):
    """The resource's state does not allow it (409)."""


class TooLarge(ClarionError):
    """The body, or one part of it, is over its limit (413)."""


class TooMany(ClarionError):
    """A rate or quota is used up (429)."""


class Unimplemented(ClarionError):
    """The operation exists in the model but has no behaviour here yet (501)."""


class Unavailable(ClarionError):
    """Something Clarion stands on does not answer right now: try again (503)."""
