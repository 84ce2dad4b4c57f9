"""The port between event streams and where they lead: batches of records out, those that were not taken back.

Who sends keeps the order and has the patience. A destination tries once, sends nothing later by itself and keeps
nothing: what `send` has not reported as failed is durable at the other end when it returns. Everything happens at
least once; `docs/recipes/add-a-destination.md` says how to write one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

MEMBER = "DestinationStreamArn"
"""Whose fault it is when `check` or `catalog.open_destination` raises Invalid."""


class Record(NamedTuple):
    """One event on its way out."""

    key: str
    """`client_id` of the record: where order is kept, and what shards and partitions go by. May be empty."""
    data: bytes
    """One JSON object in UTF-8, ending with a newline and having no other."""


class Limits(NamedTuple):
    """Of one send. `bytes` and `record_bytes` count `data` alone; keys are the destination's business."""

    records: int
    bytes: int
    record_bytes: int
    linger_seconds: float = 0.0
    """Send less than a full batch only when its oldest record has waited so long (whoever closes need not wait).
    Where every send makes a file, this is what keeps files from being tiny. 0: send what there is."""


class Failed(msgspec.Struct, frozen=True):
    """One record that was not taken."""

    index: int
    """Its place in what was sent."""
    code: str
    """A word of `StreamFailed`'s kind."""
    message: str
    final: bool = False
    """Sending it again cannot help: it is too large, or malformed."""


class StreamFailed(Exception):
    """Nothing of the batch is known to be taken; some of it may be all the same.

    `code` is a word as AWS says them (`ProvisionedThroughputExceededException`), the metric's ErrorCode: the
    service's own, or one of those below. `message` is one line for people, without secrets. `retry_after_seconds`
    is what the other end asked for. `final`: it will fail again until somebody changes something, here or there;
    trying on, now and then, is right all the same.
    """

    def __init__(
        self, code: str, message: str, *, retry_after_seconds: float | None = None, final: bool = False
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after_seconds = retry_after_seconds
        self.final = final


THROTTLED = "ThrottlingException"
UNAVAILABLE = "ServiceUnavailableException"
TIMED_OUT = "RequestTimeout"
NOT_CONNECTED = "ConnectionFailure"
MALFORMED_ANSWER = "InvalidResponse"
DENIED = "AccessDeniedException"
MISSING = "ResourceNotFoundException"
REFUSED = "ValidationException"
TOO_LARGE = "RecordTooLarge"
CLOSING = "Closing"
"""This process is ending, or the stream was changed: `close` broke off a send."""


class Destination(Protocol):
    """One stream's way out. Made without connecting; used by one thread at a time, but `close` may come from any."""

    @property
    def limits(self) -> Limits: ...

    def check(self) -> None:
        """Ask the other end whether it is there, ready and open to us. Takes 30 s at most.

        Raises Invalid, naming MEMBER, when it does not exist, is not active or refuses; Unavailable when it does
        not say.
        """
        ...

    def send(self, records: Sequence[Record]) -> Sequence[Failed]:
        """Hand over a batch within `limits`, in order. Answers the records that were not taken, by index; those of
        one key that come after may have been. Takes 30 s at most. Raises StreamFailed, nothing else."""
        ...

    def close(self) -> None:
        """Let go of everything; a send under way fails soon. Sending again is an error."""
        ...
