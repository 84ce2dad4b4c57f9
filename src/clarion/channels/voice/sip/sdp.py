"""Which sound goes where: offers and answers of one G.711 stream. Source: RFC 4566, 3264, 3551."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import NamedTuple

from clarion.channels.voice.audio import PCMA, PCMU

TYPE = "application/sdp"
_NAMES = {PCMU: "PCMU", PCMA: "PCMA"}


class BadSdp(ValueError):
    """A description that we cannot talk to."""


class Media(NamedTuple):
    """Where the other side listens, for what, and whether it listens at the moment (it does not on hold)."""

    host: str
    port: int
    payload_type: int
    listening: bool = True


def offer(host: str, port: int, payload_types: Sequence[int], *, session: int, version: int = 0) -> bytes:
    """Our description. `session` is a number that names it, `version` counts its changes."""
    kind = "IP6" if ":" in host else "IP4"
    lines = [
        "v=0",
        f"o=clarion {session} {version} IN {kind} {host}",
        "s=-",
        f"c=IN {kind} {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {' '.join(map(str, payload_types))}",
        *(f"a=rtpmap:{one} {_NAMES[one]}/8000" for one in payload_types),
        "a=ptime:20",
        "a=sendrecv",
    ]
    return "\r\n".join([*lines, ""]).encode()


def read(body: bytes, payload_types: Sequence[int] = (PCMU, PCMA)) -> Media:
    """The other side's first audio stream, as the first of its payload types that is one of ours. Raises BadSdp."""
    connection: dict[str, str] = {}
    direction: dict[str, str] = {}
    wanted: list[str] = []
    section = "session"
    for line in body.decode("utf-8", "replace").splitlines():
        kind, _, value = line.strip().partition("=")
        if kind == "m":
            section = "audio" if value.startswith("audio ") and not wanted else "other"
            wanted = value.split() if section == "audio" else wanted
        elif kind == "c":
            connection[section] = value
        elif kind == "a" and value in ("sendrecv", "sendonly", "recvonly", "inactive"):
            direction[section] = value
    if len(wanted) < 4:
        raise BadSdp("no audio")
    where = connection.get("audio") or connection.get("session", "")
    return _media(wanted, where, direction.get("audio") or direction.get("session", ""), payload_types)


def _media(wanted: Sequence[str], connection: str, direction: str, payload_types: Sequence[int]) -> Media:
    port = wanted[1].partition("/")[0]
    if not (port.isascii() and port.isdigit()) or not 0 < int(port) < 65_536:
        raise BadSdp("the audio is refused")
    if wanted[2] != "RTP/AVP":
        raise BadSdp(f"{wanted[2][:20]} is not RTP/AVP")
    chosen = next((int(one) for one in wanted[3:] if one.isdigit() and int(one) in payload_types), None)
    if chosen is None:
        raise BadSdp("none of our codecs")
    parts = connection.split()
    try:
        address = ipaddress.ip_address(parts[2].partition("/")[0] if len(parts) == 3 else "")
    except ValueError:
        raise BadSdp("no address to send to") from None
    if address.is_multicast:
        raise BadSdp("no address to send to")
    held = address.is_unspecified or direction in ("sendonly", "inactive")
    return Media(str(address), int(port), chosen, not held)
