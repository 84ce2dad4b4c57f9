"""The inbox page's HTML. Everything that comes from a message is hostile until it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import quote, urlencode

import msgspec

from clarion.channels.inbox import InboxMessage
from clarion.channels.push.services import SERVICES
from clarion.core.clock import iso_ms
from clarion.domain.messaging.inbox import phones
from clarion.domain.messaging.inbox.letters import Letter, read
from clarion.domain.messaging.inbox.store import Filter, Kept

STYLE = files(__package__).joinpath("inbox.css").read_text(encoding="utf-8")

_NO_SUBJECT = "(no subject)"


def listing(found: Sequence[Kept], wanted: Filter, following: str | None, *, first: bool) -> str:
    """The list of messages, with the filters it was made by."""
    rows = "".join(_row(kept.message) for kept in found)
    body = f'<ul class="list">{rows}</ul>' if rows else '<p class="empty">No messages here.</p>'
    newest = "" if first else f'<a href="{_listing_url(wanted)}">← Newest</a>'
    older = f'<a href="{_listing_url(wanted, following)}">Older →</a>' if following else ""
    pager = f'<nav class="pager"><span>{newest}</span><span>{older}</span></nav>' if newest or older else ""
    return _page("Inbox", _search(wanted), f'<div class="card">{body}</div>{pager}')


def message_page(message: InboxMessage) -> str:
    """One message: who, what, when; then an e-mail, or a message as a phone shows it."""
    return _mail_page(message) if message.channel == "email" else _phone_page(message)


def _phone_page(message: InboxMessage) -> str:
    line = phones.line(message)
    facts = _facts(message, read(message))
    parts = [
        f'<article class="card"><div class="about"><h2>{escape(line)}</h2>{facts}</div>{phones.screen(message)}',
        _folded("Details", _pairs(message.facts)) if message.facts else "",
        _folded("Payload", f"<pre>{escape(_payload(message))}</pre>") if message.channel in SERVICES else "",
        "</article>",
    ]
    where = f"/inbox/{quote(message.message_id, safe='')}"
    links = f'<nav class="pager"><a href="/inbox">← Inbox</a><a href="{where}/source">Source</a></nav>'
    return _page(line, _search(Filter()), "".join(parts) + links)


def _payload(message: InboxMessage) -> str:
    try:
        return msgspec.json.format(message.raw.decode("utf-8", "replace"), indent=2)
    except msgspec.DecodeError:
        return message.raw.decode("utf-8", "replace")


def _mail_page(message: InboxMessage) -> str:
    """Its HTML in a frame that can do nothing; its text, headers and source."""
    letter = read(message)
    where = f"/inbox/{quote(message.message_id, safe='')}"
    subject = escape(letter.subject or _NO_SUBJECT)
    parts = [f'<article class="card"><div class="about"><h2>{subject}</h2>{_facts(message, letter)}</div>']
    if letter.html is not None:
        sandbox = "allow-popups allow-popups-to-escape-sandbox"
        parts.append(f'<iframe src="{where}/html" sandbox="{sandbox}" title="The message as HTML"></iframe>')
        if letter.text is not None:
            parts.append(_folded("Text", f"<pre>{escape(letter.text)}</pre>"))
    else:
        parts.append(f"<pre>{escape(letter.text or '')}</pre>")
    parts.append(_folded("Headers", _pairs(letter.headers)))
    parts.append("</article>")
    links = f'<nav class="pager"><a href="/inbox">← Inbox</a><a href="{where}/source">Source</a></nav>'
    return _page(letter.subject or _NO_SUBJECT, _search(Filter()), "".join(parts) + links)


def _row(message: InboxMessage) -> str:
    mail = message.channel == "email"
    subject = escape((read(message).subject if mail else phones.line(message)) or _NO_SUBJECT)
    chip = "" if mail else f'<span class="chip">{escape(message.channel)}</span> '
    return (
        f'<li><a class="row" href="/inbox/{quote(message.message_id, safe="")}">'
        f'<span class="subject">{chip}{subject}</span>'
        f'{_time(message)}<span class="to">to {escape(message.to_address)}</span>'
        f'<span class="id">{escape(message.app_id)}</span></a></li>'
    )


def _facts(message: InboxMessage, letter: Letter) -> str:
    facts = [(name, at) for name, at in (("From", message.from_address), ("To", message.to_address)) if at]
    if letter.attachments:
        facts.append(("Attached", ", ".join(letter.attachments)))
    project = f'<dt>Project</dt><dd><a href="{_listing_url(Filter(app_id=message.app_id))}">'
    sent = f"<dt>Sent</dt><dd>{_time(message)}</dd>"
    told = "".join(_pair(name, value) for name, value in facts)
    chips = "".join(
        f'<span class="chip">{escape(name)} {escape(value)}</span>' for name, value in sorted(message.context.items())
    )
    return (
        f"<dl>{told}{project}{escape(message.app_id)}</a></dd>{sent}</dl>"
        f'<div class="chips"><span class="chip">{escape(message.channel.upper())}</span>{chips}</div>'
    )


def _time(message: InboxMessage) -> str:
    at = iso_ms(message.received_at_ms)
    return f'<time datetime="{at}">{at[:10]} {at[11:19]} UTC</time>'


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(_pair(name, value) for name, value in pairs)}</dl>"


def _pair(name: str, value: str) -> str:
    return f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"


def _folded(title: str, content: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def _listing_url(wanted: Filter, token: str | None = None) -> str:
    query = {"app": wanted.app_id, "address": wanted.address, "token": token}
    text = urlencode({name: value for name, value in query.items() if value})
    return escape(f"/inbox?{text}" if text else "/inbox")


def _search(wanted: Filter) -> str:
    return (
        '<form action="/inbox"><input name="address" type="search" placeholder="Address" aria-label="Address"'
        f' value="{escape(wanted.address or "")}"><input name="app" placeholder="Project id" aria-label="Project id"'
        f' value="{escape(wanted.app_id or "")}"><button>Find</button></form>'
    )


def _page(title: str, search: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Clarion inbox</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f'<body><header class="top"><h1><a href="/inbox">Clarion inbox</a></h1>{search}</header>'
        f"<main>{content}</main></body></html>"
    )
