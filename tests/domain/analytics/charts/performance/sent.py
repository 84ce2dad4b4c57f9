"""Messages and what became of them, drawn by hypothesis, and the rows that say so in the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hypothesis import strategies as st

from clarion.domain.events import produced
from clarion.domain.events.model import EventRow, tokens
from clarion.domain.events.produced import EmailKind, Mail, Subject
from tests.domain.analytics.charts.history import APP, at

START = at("03-08 08:30")
HOUR_MS = 3_600_000


class Sent(NamedTuple):
    """A message: of a campaign (`of` "c1" …), a journey ("j1" …) or a program (""). `status` is what came of sending;
    `happened` is of its e-mail or text message, in what number of half hours after it was sent."""

    id: str
    of: str
    activity: str
    treatment: str
    endpoint: str
    channel: str
    at: int
    status: str
    happened: Sequence[tuple[str, int]]
    country: str
    parts: int
    price: float

    @property
    def is_campaign(self) -> bool:
        return self.of.startswith("c")

    @property
    def is_journey(self) -> bool:
        return self.of.startswith("j")

    @property
    def went_out(self) -> bool:
        return self.status == "SUCCESS"

    @property
    def kinds(self) -> list[str]:
        """What happened, as often as it did; nothing to what was not sent."""
        return [kind for kind, _ in self.happened] if self.went_out else []

    def is_sent(self, channel: str) -> bool:
        return self.went_out and self.channel == channel

    def rows(self) -> Iterator[EventRow]:
        """What the product records."""
        about = self._subject()
        if self.is_campaign:
            yield produced.campaign_send(about, at_ms=self.at, status=self.status, delivery_type=self.channel)
        elif self.is_journey:
            yield produced.journey_send(about, at_ms=self.at, status=self.status)
        if not self.went_out:
            return
        if self.channel == "EMAIL":
            yield from self._mail(about)
        elif self.channel == "SMS":
            yield from self._text(about)
        else:
            yield from self._notification()

    def _subject(self) -> Subject:
        run = {"journey_id": self.of, "journey_run_id": "r"} if self.is_journey else {"campaign_id": self.of}
        return Subject(
            account="1",
            app_id=APP,
            endpoint_id=self.endpoint,
            message_id=self.id,
            activity_id=self.activity if self.of else "",
            treatment_id=self.treatment if self.is_campaign else "",
            **(run if self.of else {}),
        )

    def _mail(self, about: Subject) -> Iterator[EventRow]:
        mail = Mail(message_id=self.id, sent_ms=self.at, from_address="a@b.c", destination=[], subject="")
        yield produced.email(about, "send", mail, at_ms=self.at)
        for number, (kind, halves) in enumerate(self.happened):
            if kind in _MAIL:
                often = str(number) if kind in ("open", "click", "unsubscribe") else ""
                yield produced.email(about, _MAIL[kind], mail, at_ms=self.at + halves * HOUR_MS // 2, occurrence=often)

    def _text(self, about: Subject) -> Iterator[EventRow]:
        told = {
            "message_id": self.id,
            "iso_country_code": self.country,
            "number_of_message_parts": str(self.parts),
            "record_status": "SUCCESSFUL",
        }
        yield produced.sms(about, "BUFFERED", at_ms=self.at, ts_ms=self.at, attributes=told)
        for kind in sorted({kind for kind in self.kinds if kind.isupper()}):
            own = {**told, "record_status": "UNREACHABLE" if kind == "FAILURE" else "DELIVERED"}
            yield produced.sms(
                about, kind, at_ms=self.at, ts_ms=self.at, attributes=own, price_millicents=self.price  # type: ignore[arg-type]
            )  # fmt: skip

    def _notification(self) -> Iterator[EventRow]:
        """An app reports that it was opened, once for each time; it tells the treatment of a campaign."""
        family, own = ("campaign", {"treatment_id": self.treatment}) if self.is_campaign else ("journey", {})
        told = {f"{family}_id": self.of, f"{family}_activity_id": self.activity, **own}
        for number in range(self.kinds.count("open") if self.of else 0):
            yield EventRow(
                app_id=APP,
                event_type=f"_{family}.opened_notification",
                event_id=f"{self.id}-{number}",
                endpoint_key=self.endpoint,
                ts=self.at,
                arrival=self.at,
                kv=tokens(told),
                activity_id=self.activity,
                treatment_id=told.get("treatment_id", ""),
                **{f"{family}_id": self.of},  # type: ignore[arg-type]
            )


_MAIL: dict[str, EmailKind] = {
    "open": "open",
    "click": "click",
    "hard": "hardbounce",
    "soft": "softbounce",
    "complaint": "complaint",
    "rejected": "rejected",
    "unsubscribe": "unsubscribe",
}
_happened = st.lists(
    st.tuples(
        st.sampled_from([*_MAIL, "open", "click", "SUCCESS", "FAILURE", "OPTOUT"]),
        st.integers(min_value=0, max_value=5),
    ),
    max_size=4,
)
_one = st.builds(
    Sent,
    id=st.just(""),
    of=st.sampled_from(["c1", "c1", "c2", "j1", "", ""]),
    activity=st.sampled_from(["a1", "a2"]),
    treatment=st.sampled_from(["0", "1"]),
    endpoint=st.sampled_from(["lea", "jon", "ann"]),
    channel=st.sampled_from(["EMAIL", "EMAIL", "SMS", "GCM"]),
    at=st.integers(0, 60).map(lambda hours: START + hours * HOUR_MS),
    status=st.sampled_from(["SUCCESS", "SUCCESS", "SUCCESS", "TRANSIENT_FAILURE", "QUIET_TIME"]),
    happened=_happened,
    country=st.sampled_from(["DE", "FR"]),
    parts=st.integers(1, 3),
    price=st.sampled_from([500.0, 645.0]),
)
messages = st.lists(_one, max_size=8).map(
    lambda some: [one._replace(id=f"m{number}") for number, one in enumerate(some) if one.of or one.channel != "GCM"]
)
"""Messages; programs' notifications leave no trace."""
