"""What a phone would show of a message: a notification, a bubble, a call. Read out of what the provider would get.

Payloads may be anything that somebody sent as raw content, so nothing here may fail because of what is in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

import msgspec

from clarion.channels.inbox import InboxMessage
from clarion.channels.push.services import SERVICES
from clarion.channels.sms.size import size_of

_OPENS = {"pinpoint.url": "opens in the browser", "pinpoint.deeplink": "opens in the app"}


class Shown(NamedTuple):
    """A notification on a screen; "" for what is not there. `tap` is what a tap on it does."""

    title: str = ""
    body: str = ""
    image: str = ""
    tap: str = ""
    silent: bool = False


def screen(message: InboxMessage) -> str:
    """The message as HTML."""
    if message.channel in SERVICES:
        return _notification(shown(message))
    if message.channel == "VOICE":
        return _call(message)
    return _bubble(message)


def line(message: InboxMessage) -> str:
    """The message in one line, for a list."""
    text = message.text or ""
    if message.channel in SERVICES:
        what = shown(message)
        return what.title or what.body or ("(silent notification)" if what.silent else "(notification)")
    return text or "(no text)"


def shown(message: InboxMessage) -> Shown:
    """What the service, or the app's client library, would make of a payload."""
    try:
        payload = msgspec.json.decode(message.raw)
    except msgspec.DecodeError:
        payload = {}
    if message.channel.startswith("APNS"):
        return _of_apple(payload)
    if message.channel == "WEB_PUSH":
        return _of_browser(payload)
    return _of_android(_at(payload, "message") if message.channel == "GCM" else payload)


def _of_apple(payload: Any) -> Shown:
    aps, data = _at(payload, "aps"), _at(payload, "data")
    alert = aps.get("alert")
    title, body = (_text(alert, "title"), _text(alert, "body")) if isinstance(alert, dict) else ("", str(alert or ""))
    link = _text(_at(data, "pinpoint"), "deeplink")
    tap = f"opens {link}" if link else "opens the app"
    return Shown(title, body, _text(data, "media-url"), tap, silent=not alert)


def _of_browser(payload: Any) -> Shown:
    drawn, url = _at(payload, "notification"), _text(_at(payload, "data"), "url")
    tap = f"opens {url}" if url else "opens the page"
    return Shown(_text(drawn, "title"), _text(drawn, "body"), _text(drawn, "image"), tap, silent=not drawn)


def _of_android(message: Any) -> Shown:
    data = _at(message, "data") or _at(message, "custom_content")
    drawn = _at(message, "notification")
    title = _text(drawn, "title") or _text(data, "pinpoint.notification.title")
    body = _text(drawn, "body") or _text(data, "pinpoint.notification.body")
    image = _text(drawn, "image") or _text(data, "pinpoint.notification.imageUrl")
    taps = [f"{_text(data, key)} {what}" for key, what in _OPENS.items() if _text(data, key)]
    silent = _text(data, "pinpoint.notification.silentPush") == "1" or not (title or body)
    return Shown(title, body, image, taps[0] if taps else "opens the app", silent)


def _at(value: Any, name: str) -> Mapping[str, Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return "" if found is None else str(found)


def _notification(what: Shown) -> str:
    if what.silent:
        return '<div class="phone"><p class="quiet">A silent notification: for the app, nothing is shown.</p></div>'
    picture = f'<img src="{escape(what.image)}" alt="">' if what.image else ""
    title = f"<strong>{escape(what.title)}</strong>" if what.title else ""
    return (
        f'<div class="phone"><div class="note">{title}<span>{escape(what.body)}</span>{picture}</div>'
        f'<p class="quiet">A tap: {escape(what.tap)}</p></div>'
    )


def _bubble(message: InboxMessage) -> str:
    size = size_of(message.text or "")
    parts = "1 part" if size.parts == 1 else f"{size.parts} parts"
    return (
        f'<div class="phone"><p class="quiet">{escape(message.from_address)}</p>'
        f'<div class="bubble">{escape(message.text or "")}</div>'
        f'<p class="quiet">{size.encoding}, {size.units} characters, {parts}</p></div>'
    )


def _call(message: InboxMessage) -> str:
    voice = ", ".join(value for _, value in message.facts) or "the provider's usual voice"
    return (
        f'<div class="phone"><p class="quiet">A call from {escape(message.from_address)}</p>'
        f'<blockquote class="spoken">{escape(message.text or "")}</blockquote>'
        f'<p class="quiet">Spoken by {escape(voice)}</p></div>'
    )
