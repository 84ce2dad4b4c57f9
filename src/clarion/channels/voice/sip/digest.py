"""Digest authentication: who we are, without telling the password. Source: RFC 3261, 22; RFC 7616; RFC 8760.

Of several challenges the first counts whose algorithm is known: servers put what they like best first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

_PART = re.compile(r'([A-Za-z0-9\-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


_HASHES: dict[str, Callable[[str], str]] = {"md5": _md5, "sha-256": _sha256}


class Challenge(NamedTuple):
    """What a server asks; `qop` is "" for a server of the old kind."""

    realm: str
    nonce: str
    algorithm: str = "MD5"
    qop: str = ""
    opaque: str | None = None
    stale: bool = False


def chosen(challenges: Sequence[str]) -> Challenge | None:
    """The first challenge that can be answered."""
    for told in challenges:
        scheme, _, rest = told.strip().partition(" ")
        parts = {match[1].lower(): _unquoted(match[2], match[3]) for match in _PART.finditer(rest)}
        algorithm = parts.get("algorithm", "MD5")
        offered = [one.strip().lower() for one in parts.get("qop", "").split(",") if one.strip()]
        known = scheme.lower() == "digest" and algorithm.lower() in _HASHES and parts.get("nonce")
        if known and (not offered or "auth" in offered):
            stale = parts.get("stale", "").lower() == "true"
            qop = "auth" if offered else ""
            return Challenge(parts.get("realm", ""), parts["nonce"], algorithm, qop, parts.get("opaque"), stale)
    return None


def _unquoted(quoted: str | None, bare: str | None) -> str:
    return re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare or ""


def credentials(
    challenge: Challenge, *, username: str, password: str, method: str, uri: str, count: int, cnonce: str
) -> str:
    """The value of Authorization or Proxy-Authorization; `count` is how often this nonce has been used, from 1."""
    hashed = _HASHES[challenge.algorithm.lower()]
    who = hashed(f"{username}:{challenge.realm}:{password}")
    what = hashed(f"{method}:{uri}")
    told = [
        ("username", _quoted(username)),
        ("realm", _quoted(challenge.realm)),
        ("nonce", _quoted(challenge.nonce)),
        ("uri", _quoted(uri)),
    ]
    if challenge.qop:
        times = f"{count:08x}"
        proof = hashed(f"{who}:{challenge.nonce}:{times}:{cnonce}:{challenge.qop}:{what}")
        told += [("qop", challenge.qop), ("nc", times), ("cnonce", _quoted(cnonce))]
    else:
        proof = hashed(f"{who}:{challenge.nonce}:{what}")
    told += [("response", _quoted(proof)), ("algorithm", challenge.algorithm)]
    if challenge.opaque is not None:
        told.append(("opaque", _quoted(challenge.opaque)))
    return "Digest " + ", ".join(f"{name}={value}" for name, value in told)


def _quoted(text: str) -> str:
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'
