"""Identifiers and randomness, as something that is passed in."""

from __future__ import annotations

import random
import secrets
import uuid
from typing import Protocol


class Ids(Protocol):
    """Where identifiers and chance come from."""

    def hex32(self) -> str:
        """32 lower-case hex digits: the id of an app, campaign, segment, run or message."""
        ...

    def uuid(self) -> str:
        """A UUID: request ids."""
        ...

    def cohort(self) -> int:
        """0 to 99, evenly drawn."""
        ...

    def secret(self, size: int) -> bytes:
        """`size` unguessable bytes."""
        ...

    def jitter(self) -> float:
        """0.0 up to 1.0, for back-off."""
        ...


class SystemIds:
    """Real randomness."""

    def __init__(self) -> None:
        # Asking the system for every request's id would hand over the interpreter lock each time.
        self._random = random.Random(secrets.randbits(256))

    def hex32(self) -> str:
        return uuid.uuid4().hex

    def uuid(self) -> str:
        return _uuid4(self._random.getrandbits(128))

    def cohort(self) -> int:
        return random.randrange(100)

    def secret(self, size: int) -> bytes:
        return secrets.token_bytes(size)

    def jitter(self) -> float:
        return random.random()


class SeededIds:
    """The same ids in every run: for tests that must reproduce to the byte."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def hex32(self) -> str:
        return f"{self._random.getrandbits(128):032x}"

    def uuid(self) -> str:
        return _uuid4(self._random.getrandbits(128))

    def cohort(self) -> int:
        return self._random.randrange(100)

    def secret(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def jitter(self) -> float:
        return self._random.random()


def _uuid4(bits: int) -> str:
    """Random bits as the text of a version 4 UUID."""
    digits = f"{bits:032x}"
    variant = "89ab"[bits >> 62 & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
