"""One-time passwords: what may be asked for, and how a code is made and kept. Source: spec of OTP, 1 and 2.

sent ─┬─ the right code in time ──────────────→ valid, once
      ├─ a wrong code, `allowed_attempts` times → spent
      └─ `validity_minutes` later ────────────→ expired
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Final

import msgspec

from clarion.channels.phones import e164
from clarion.core.errors import Invalid
from clarion.domain.messaging.otp.texts import TEXTS
from clarion.shapes.pinpoint import SendOTPMessageRequestParameters

CODE_LENGTH: Final = 6
VALIDITY_MINUTES: Final = 15
ALLOWED_ATTEMPTS: Final = 3
LANGUAGE: Final = "en-US"

LONGEST_BRAND: Final = 20
LONGEST_REFERENCE: Final = 48


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A code that is to be sent, checked and complete. Numbers are in E.164; `origination` may be a sender ID."""

    number: str
    origination: str
    reference: str
    brand: str
    code_length: int
    validity_minutes: int
    allowed_attempts: int
    language: str
    entity_id: str
    template_id: str


def wanted(sent: SendOTPMessageRequestParameters) -> Wanted:
    """What a request asks for; raises Invalid naming the member that cannot be meant."""
    if sent.channel != "SMS":
        raise Invalid("Channel: must be SMS")
    if not 0 < len(sent.brand_name) <= LONGEST_BRAND or not sent.brand_name.isprintable():
        raise Invalid(f"BrandName: must be 1 to {LONGEST_BRAND} printable characters")
    if not sent.origination_identity:
        raise Invalid("OriginationIdentity: is required")
    language = sent.language or LANGUAGE
    if language not in TEXTS:
        raise Invalid(f"Language: must be one of {', '.join(sorted(TEXTS))}")
    return Wanted(
        number=number_of(sent.destination_identity),
        origination=sent.origination_identity,
        reference=reference_of(sent.reference_id),
        brand=sent.brand_name,
        code_length=_between("CodeLength", sent.code_length, 5, 8, CODE_LENGTH),
        validity_minutes=_between("ValidityPeriod", sent.validity_period, 5, 60, VALIDITY_MINUTES),
        allowed_attempts=_between("AllowedAttempts", sent.allowed_attempts, 1, 5, ALLOWED_ATTEMPTS),
        language=language,
        entity_id=sent.entity_id or "",
        template_id=sent.template_id or "",
    )


def number_of(destination: str) -> str:
    """The recipient's number; raises Invalid for what is not E.164."""
    if not destination.startswith("+") or (number := e164(destination)) is None:
        raise Invalid("DestinationIdentity: must be a phone number in E.164 format, such as +4930123456")
    return number


def reference_of(reference: str) -> str:
    """The caller's own id; raises Invalid."""
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        raise Invalid(f"ReferenceId: must be 1 to {LONGEST_REFERENCE} characters")
    return reference


def code_of(random: bytes, length: int) -> str:
    """A code of so many digits; of 16 random bytes every code is as likely as another."""
    return str(int.from_bytes(random) % 10**length).zfill(length)


class Digests:
    """Keyed digests, 64 hexadecimal digits each: neither a code nor a number can be guessed from them without the key.

    A bare hash would not do, since there are but 100,000 codes of five digits.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def number(self, app_id: str, number: str) -> str:
        """Whose code it is."""
        return self._of("number", app_id, number)

    def place(self, app_id: str, number: str, reference: str) -> str:
        """Which code of theirs."""
        return self._of("place", app_id, number, reference)

    def code(self, place: str, code: str) -> str:
        """The code, there."""
        return self._of("code", place, code)

    def is_same(self, digest: str, other: str) -> bool:
        """Whether two are equal, in the same time whether or not they are."""
        return hmac.compare_digest(digest, other)

    def _of(self, *parts: str) -> str:
        return hmac.new(self._key, "\x00".join(parts).encode(), sha256).hexdigest()


def _between(member: str, value: int | None, least: int, most: int, default: int) -> int:
    if value is None:
        return default
    if not least <= value <= most:
        raise Invalid(f"{member}: must be {least} to {most}")
    return value
