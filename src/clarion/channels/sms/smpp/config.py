"""What is configured of an SMSC: where it is, as whom we bind, and in which of SMPP's dialects it speaks."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Literal

from clarion.channels.provider import ProviderConfig
from clarion.channels.sms.gsm import Alphabet
from clarion.channels.sms.smpp.statuses import Fault
from clarion.core.errors import Invalid

Tls = Literal["none", "verify", "unverified"]
BindMode = Literal["transceiver", "pair"]
Concatenation = Literal["udh8", "udh16", "sar", "payload"]
IdForm = Literal["same", "padded", "hex-decimal", "decimal-hex"]

VERSIONS = {"3.3": 0x33, "3.4": 0x34, "5.0": 0x50}


class SmppConfig(ProviderConfig, kw_only=True, frozen=True):
    """One account at an SMSC.

    - `tls`: `verify` insists on a certificate for `host`, by the system's authorities or those of `ca_file` (PEM).
    - `bind`: `transceiver`, or a `pair` of transmitter and receiver; `binds` at a time, `window` unanswered on each.
    - `enquire_link_seconds` of silence before the link is tried, `response_seconds` for every answer,
      `connect_seconds` for connection and TLS, `reconnect_seconds` at most between attempts to bind.
    - `origination`: who sends what names no sender itself. TON and NPI go by the kind of sender.
    - `alphabet`: what the SMSC takes `data_coding` to mean, the value that texts in its default alphabet are sent with.
    - `concatenation`: how a text of several parts is marked (UDH with 8- or 16-bit reference, sar TLVs, or whole in
      message_payload).
    - `receipt_ids`: how receipts write the ids of answers: `same`, `padded` with zeros, or `hex-decimal`: hex in
      answers and decimal in receipts.
    - `receipts`: whether receipts are asked for. `validity_minutes`: how long the SMSC tries, 0: as it likes.
    - `reassembly_seconds`: how long the parts of a person's text wait for each other.
    - `throttled_statuses`, `permanent_statuses`: this SMSC's own error codes, comma-separated (`0x401,1030`).
    """

    SECRET = ("password",)

    host: str
    port: int = 2775
    tls: Tls = "none"
    ca_file: str = ""
    system_id: str
    password: str = ""
    system_type: str = ""
    interface_version: str = "3.4"
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""
    bind: BindMode = "transceiver"
    binds: int = 1
    window: int = 10
    enquire_link_seconds: float = 30
    response_seconds: float = 30
    connect_seconds: float = 10
    reconnect_seconds: float = 60
    origination: str = ""
    service_type: str = ""
    alpha_ton: int = 5
    alpha_npi: int = 0
    short_ton: int = 3
    short_npi: int = 0
    long_ton: int = 1
    long_npi: int = 1
    destination_ton: int = 1
    destination_npi: int = 1
    alphabet: Alphabet = "gsm"
    data_coding: int = 0
    concatenation: Concatenation = "udh8"
    receipts: bool = True
    receipt_ids: IdForm = "same"
    validity_minutes: int = 0
    reassembly_seconds: float = 60
    throttled_statuses: str = ""
    permanent_statuses: str = ""

    def check(self) -> None:
        """See `ProviderConfig`."""
        if not self.host:
            raise Invalid("host: where the SMSC is")
        if not self.system_id:
            raise Invalid("system_id: as whom we bind")
        if self.interface_version not in VERSIONS:
            raise Invalid(f"interface_version: one of {', '.join(VERSIONS)}")
        for name, most in _TEXTS.items():
            value = getattr(self, name)
            if len(value) > most or not value.isascii() or (value and not value.isprintable()):
                raise Invalid(f"{name}: at most {most} printable ASCII characters")
        for name, (least, most) in _NUMBERS.items():
            if not least <= getattr(self, name) <= most:
                raise Invalid(f"{name}: from {least} to {most}")
        if self.ca_file and self.tls != "verify":
            raise Invalid("ca_file: is for tls=verify only")
        self.own_statuses()

    def own_statuses(self) -> Mapping[int, Fault]:
        """What this SMSC's codes mean. Raises Invalid for what is no code."""
        found: dict[int, Fault] = {}
        faults: tuple[tuple[str, Fault], ...] = (("throttled_statuses", "slow"), ("permanent_statuses", "message"))
        for name, fault in faults:
            for word in filter(None, (word.strip() for word in getattr(self, name).split(","))):
                try:
                    found[int(word, 0)] = fault
                except ValueError:
                    raise Invalid(f"{name}: codes like 0x401, separated by commas") from None
        return found

    def context(self) -> ssl.SSLContext | None:
        """What TLS connections are made with. Reads certificates from disk; raises OSError when there are none."""
        if self.tls == "none":
            return None
        context = ssl.create_default_context(cafile=self.ca_file or None)
        if self.tls == "unverified":
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


_TEXTS = {
    "host": 253,
    "system_id": 15,
    "password": 64,  # SMPP has 8, many an SMSC more
    "system_type": 12,
    "address_range": 40,
    "origination": 20,
    "service_type": 5,
}
_OCTET = (0, 255)
_SECONDS = (1, 3_600)
_NUMBERS = {
    "port": (1, 65_535),
    "binds": (1, 64),
    "window": (1, 10_000),
    "enquire_link_seconds": _SECONDS,
    "response_seconds": _SECONDS,
    "connect_seconds": _SECONDS,
    "reconnect_seconds": _SECONDS,
    "reassembly_seconds": _SECONDS,
    "validity_minutes": (0, 31 * 24 * 60 - 1),
    "data_coding": _OCTET,
    **{
        f"{kind}_{what}": _OCTET
        for kind in ("addr", "alpha", "short", "long", "destination")
        for what in ("ton", "npi")
    },
}
