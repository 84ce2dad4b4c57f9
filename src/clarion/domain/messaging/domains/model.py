"""Rules of sending domains: what can be one, and the life of a key.

    add ──> active ──rotate: new keys are active──> retiring ──a week──> gone
    rotate ──> next: published, not used yet ──rotate again──> active

Only active keys sign. A retiring one stays published for mails that are still on their way; a next one is published
before anything is signed with it, since receivers look a key up when the mail arrives.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from clarion.channels.email import headers
from clarion.core.errors import Invalid

KeyState = Literal["next", "active", "retiring"]
ALGORITHMS = ("rsa", "ed25519")
"""A pair of keys each time: RSA-2048, which all receivers know, and Ed25519 for those that do."""

RETIRING_DAYS = 7
RETIRING_MS = RETIRING_DAYS * 86_400_000

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_MECHANISM = re.compile(r"[!-~]+(?: [!-~]+)*")


class SendingDomain(NamedTuple):
    """A domain that mail is sent from; Unix ms.

    `bounce_domain` and `tracking_url` are its own, "" for those of the settings. `spf` are the mechanisms that say
    which machines send for it ("ip4:192.0.2.1 include:relay.example").
    """

    name: str
    bounce_domain: str
    tracking_url: str
    spf: str
    created_ms: int
    modified_ms: int


class Key(NamedTuple):
    """A key of a domain. `record` is the text that publishes its public half, `sealed` the private half. Unix ms."""

    domain: str
    selector: str
    algorithm: str
    state: KeyState
    record: str
    sealed: bytes
    created_ms: int
    retired_ms: int

    @property
    def owner(self) -> str:
        """Whose the sealed part is."""
        return f"DKIM key {self.selector} of {self.domain}"


def domain_name(member: str, text: str) -> str:
    """A domain in its usual form; raises Invalid naming the member."""
    name = text.strip().rstrip(".").lower()
    try:
        name = headers.ascii_domain(name)
    except Invalid as error:
        raise Invalid(f"{member}: is not a domain name") from error
    if len(name) > 253 or not _NAME.fullmatch(name):
        raise Invalid(f"{member}: is not a domain name")
    return name


def tracking_url(text: str) -> str:
    """A host or a URL without a path, as a URL. Raises Invalid."""
    given = text.strip()
    if "://" not in given:
        return f"https://{domain_name('TrackingUrl', given)}"
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Invalid("TrackingUrl: is not a URL") from error
    if parts.scheme not in ("http", "https") or parts.username is not None or not host or not parts.netloc.isascii():
        raise Invalid("TrackingUrl: must be http:// or https:// and a host")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise Invalid("TrackingUrl: must have no path")
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def mechanisms(text: str) -> str:
    """SPF mechanisms, without the version before and `all` behind them. Raises Invalid."""
    given = " ".join(text.split())
    if given and (not _MECHANISM.fullmatch(given) or '"' in given or len(given) > 400):
        raise Invalid("Spf: must be mechanisms such as ip4:192.0.2.1 include:relay.example")
    words = [
        word for word in given.split() if word.lower() != "v=spf1" and not re.fullmatch(r"[-~+?]?all", word.lower())
    ]
    return " ".join(words)


def parents(domain: str) -> list[str]:
    """The domain itself and those above it, nearest first."""
    labels = domain.lower().split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]
