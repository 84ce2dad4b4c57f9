"""The page where a recipient chooses: which topics to get mail about, or no mail at all.

| Path             | GET, HEAD                            | POST                                        |
|------------------|--------------------------------------|---------------------------------------------|
| `/preferences/…` | shows the choices; changes nothing   | saves what the form says, shows it again    |

Whoever has the link may choose: it is signed, in the mail, and about its recipient only. So there is nothing to sign in
to, and no other site can make somebody's browser send the form, since it would have to know the link. The page works
without scripts and says nothing about the person but the address.

    topics ticked, "Save"        those and no others; somebody who had left everything is back (OptOut NONE)
    "No mail at all"             OptOut ALL, and no topic, not even of the future
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

import sqlalchemy as sa

from clarion.channels.email.tracking import PREFERENCES_PATH, Tokens
from clarion.core.clock import Clock
from clarion.core.errors import Invalid, NotFound
from clarion.domain.email.model import ALL
from clarion.domain.email.topics import Topics, Wish
from clarion.domain.messaging.tracking.dress import endpoint_of, named_topic, referred
from clarion.domain.messaging.tracking.hits import Hits
from clarion.domain.messaging.tracking.leaving import Addressee, Leaving
from clarion.domain.messaging.tracking.pages import hit_of
from clarion.domain.messaging.tracking.paper import page
from clarion.store.database import Database
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, PlainRoute

_TITLE = "E-mail preferences"
_MOST_FIELDS = 200


class PreferencePages:
    """Serves the page behind a token."""

    def __init__(
        self, tokens: Tokens, hits: Hits, leaving: Leaving, topics: Topics, database: Database, clock: Clock
    ) -> None:
        self._tokens = tokens
        self._hits = hits
        self._leaving = leaving
        self._topics = topics
        self._database = database
        self._clock = clock

    def routes(self) -> list[PlainRoute]:
        """For the wire."""
        return [PlainRoute("/preferences", self.answer, methods=("GET", "HEAD", "POST"), max_body_bytes=100_000)]

    def answer(self, request: PlainRequest) -> Response:
        """Show or save. Raises NotFound for what is no token, or when nothing is known of its message any more."""
        token = self._tokens.verify(request.path.removeprefix(PREFERENCES_PATH))
        if token is None or token.kind != "preferences":
            raise NotFound
        who = self._leaving.addressee(*referred(token), endpoint_of(token), named_topic(token))
        if not who.address:
            raise NotFound("nothing is known of this message any more")
        if request.method == "POST":
            chosen = _form(request)
            hit = hit_of(request, token, self._clock.now_ms())
            hit.kind, hit.url, hit.tags = "one_click", "", {}
            hit.endpoint_id = who.endpoint.id if who.endpoint is not None else ""

            def work(connection: sa.Connection) -> None:
                before = self._state(connection, who)
                self._save(connection, who, before, chosen, request.request_id)
                if _leaves(before, chosen):
                    self._hits.add(connection, hit)

            self._database.write(work)
            who = self._leaving.addressee(*referred(token), endpoint_of(token), named_topic(token))
        wishes, nothing = self._database.read(lambda connection: self._state(connection, who))
        return page(_TITLE, _content(who, wishes, nothing, saved=request.method == "POST"))

    def _state(self, connection: sa.Connection, who: Addressee) -> tuple[list[Wish], bool]:
        """What somebody gets now, and whether that is no mail at all."""
        wishes = self._topics.wishes(connection, who.app_id, who.address)
        out = who.endpoint is not None and who.endpoint.opt_out == "ALL"
        left = self._topics.has_left(connection, who.app_id, who.address)
        return [Wish(wish.topic, wish.subscribed and not out) for wish in wishes], out or left

    def _save(
        self,
        connection: sa.Connection,
        who: Addressee,
        before: tuple[list[Wish], bool],
        chosen: set[str] | None,
        request_id: str,
    ) -> None:
        wishes, nothing = before
        if chosen is None:
            self._topics.choose(connection, who.app_id, who.address, {ALL: False})
            if who.endpoint is not None:
                self._leaving.opt_out(connection, who.app_id, who.endpoint, request_id)
            return
        wanted = {wish.topic.name: wish.topic.name in chosen for wish in wishes}
        back = nothing and (any(wanted.values()) or not wishes)
        if back:
            wanted = {ALL: True, **wanted}
        self._topics.choose(connection, who.app_id, who.address, wanted)
        if back and who.endpoint is not None:
            self._leaving.opt_out(connection, who.app_id, who.endpoint, request_id, back=True)


def _form(request: PlainRequest) -> set[str] | None:
    """The topics that were ticked, None for no mail at all."""
    try:
        fields = parse_qs(request.body.decode("utf-8"), max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Invalid("the form cannot be read") from error
    return None if "nothing" in fields else set(fields.get("topic", []))


def _leaves(before: tuple[list[Wish], bool], chosen: set[str] | None) -> bool:
    """Whether somebody gets less than before."""
    wishes, nothing = before
    if chosen is None:
        return not nothing
    return any(wish.subscribed and wish.topic.name not in chosen for wish in wishes)


def _content(who: Addressee, wishes: list[Wish], nothing: bool, *, saved: bool) -> str:
    told = '<p role="status">Your choices are saved.</p>' if saved else ""
    about = f"<p>Mail to <strong>{escape(who.address)}</strong></p>"
    now = "<p>You get no mail at all.</p>" if nothing else ""
    if wishes:
        boxes = "".join(map(_box, wishes))
        form = f"<fieldset><legend>Send me mail about</legend>{boxes}</fieldset><button>Save</button>"
    else:
        form = "<button>Send me mail again</button>" if nothing else ""
    leave = "" if nothing else '<button class="plain" name="nothing" value="1">No mail at all</button>'
    return f'<h1>{_TITLE}</h1>{told}{about}{now}<form method="post">{form}{leave}</form>'


def _box(wish: Wish) -> str:
    name, title, about = (escape(text) for text in (wish.topic.name, wish.topic.title, wish.topic.description))
    ticked = " checked" if wish.subscribed else ""
    small = f'<small id="about-{name}">{about}</small>' if about else ""
    described = f' aria-describedby="about-{name}"' if about else ""
    return f'<label><input type="checkbox" name="topic" value="{name}"{ticked}{described}>{title}</label>{small}'
