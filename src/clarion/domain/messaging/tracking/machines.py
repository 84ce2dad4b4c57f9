"""Opens and clicks that no person made: privacy proxies that fetch every picture, scanners that follow every link.

What is seen is judged by rules that anybody can read here; each gives its name as the reason:

| Reason          | Of    | Seen                                                                            |
|-----------------|-------|---------------------------------------------------------------------------------|
| `apple-privacy` | open  | the user agent is `Mozilla/5.0` and no more: Apple's Mail Privacy Protection     |
| `scanner`       | both  | the user agent names a security scanner, a crawler or a program library         |
| `no-agent`      | both  | there is no user agent: every mail program and browser has one                  |
| `at-once`       | click | within two seconds of the sending                                               |
| `many-links`    | click | three or more links of one message within two seconds                           |

Pictures that Gmail and Yahoo fetch through their proxies are people's opens: those proxies ask when a mail is opened.
The judgement is an attribute of the event (`machine`, `machine_reason`). It changes no figure: they are Pinpoint's,
which counts all; segments, charts and streams can tell them apart by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

Reason = Literal["", "apple-privacy", "scanner", "no-agent", "at-once", "many-links"]

AT_ONCE_MS = 2_000
MANY_LINKS = 3

_PROXIES = re.compile(r"GoogleImageProxy|YahooMailProxy", re.IGNORECASE)
_SCANNERS = re.compile(
    r"barracuda|proofpoint|mimecast|messagelabs|symantec|fireeye|trellix|ironport|forcepoint|zscaler|sophos|bitdefender"
    r"|trend ?micro|avanan|cloudmark|vade|urlscan|virustotal|safe ?links|phishing|headlesschrome|phantomjs"
    r"|\bbot\b|bot/|bot;|crawler|spider|python|curl/|wget/|go-http-client|libwww|java/|httpclient|node-fetch|axios|scrapy",
    re.IGNORECASE,
)


class Seen(NamedTuple):
    """A hit as far as it is judged: "open" or "click", of which message, when (Unix ms), and where a click led."""

    kind: Literal["open", "click"]
    message: object
    at_ms: int
    user_agent: str
    url: str = ""


def judge(seen: Seen, sent_ms: int) -> Reason:
    """Why this was no person, "" when it may have been one. `sent_ms` is when the message was sent."""
    agent = seen.user_agent.strip()
    if not agent:
        return "no-agent"
    if seen.kind == "open" and agent == "Mozilla/5.0":
        return "apple-privacy"
    if _SCANNERS.search(agent) and not _PROXIES.search(agent):
        return "scanner"
    if seen.kind == "click" and 0 <= seen.at_ms - sent_ms < AT_ONCE_MS:
        return "at-once"
    return ""


def hasty(hits: Iterable[Seen]) -> set[object]:
    """The messages of which many links were followed at once, among hits that came together."""
    clicks: dict[object, list[tuple[int, str]]] = {}
    for seen in hits:
        if seen.kind == "click":
            clicks.setdefault(seen.message, []).append((seen.at_ms, seen.url))
    return {message for message, times in clicks.items() if _many(sorted(times))}


def attributes(reason: Reason) -> Mapping[str, str]:
    """What the event says of it."""
    return {"machine": "true", "machine_reason": reason} if reason else {}


def _many(times: list[tuple[int, str]]) -> bool:
    for place, (start, _) in enumerate(times):
        if len({url for at, url in times[place:] if at - start < AT_ONCE_MS}) >= MANY_LINKS:
            return True
    return False
