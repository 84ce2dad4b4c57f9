"""The control API's calls for text messages: numbers, keywords, opt-outs, prices and spending.

Prices and limits are in thousandths of a US cent, as in Pinpoint's events.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core import pages
from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid
from clarion.domain.sms.model import ANY, Action, Keyword, Kind, Line, MessageType, kind_of, number_of
from clarion.domain.sms.service import Sms
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.keys import DEVELOPERS, MARKETERS, READERS

PAGE = 100
MONTHS = 24
EVERY = "*"
"""How callers write what holds for all numbers of a project."""

Text = Annotated[str, msgspec.Meta(min_length=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]


class OfProject(msgspec.Struct, kw_only=True, rename="pascal"):
    """A project."""

    application_id: Text


class Number(msgspec.Struct, kw_only=True, rename="pascal"):
    """A number or sender ID of a project; `*` is what holds for all its other numbers."""

    application_id: Text
    number: Text
    kind: Kind | None = None
    country: str = ""
    message_type: MessageType = "TRANSACTIONAL"
    keyword: str = ""
    opt_out_list: Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    self_managed: bool = False
    destination: str = ""
    role: str = ""


class OneNumber(msgspec.Struct, kw_only=True, rename="pascal"):
    """One of a project's."""

    application_id: Text
    number: Text


class Numbers(msgspec.Struct, kw_only=True, rename="pascal"):
    """All of a project."""

    numbers: list[Number]


class Answer(msgspec.Struct, kw_only=True, rename="pascal"):
    """What is answered to a keyword; `number` as in `Number`."""

    application_id: Text
    keyword: Text
    number: Text = EVERY
    message: str = ""
    action: Action = "AUTOMATIC_RESPONSE"


class OneKeyword(msgspec.Struct, kw_only=True, rename="pascal"):
    """One keyword."""

    application_id: Text
    keyword: Text
    number: Text = EVERY


class Keywords(msgspec.Struct, kw_only=True, rename="pascal"):
    """All that a project has said something about."""

    keywords: list[Answer]


class OptOutsRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which project's; `limit` of them, going on at `next_token`."""

    application_id: Text
    limit: Limit = PAGE
    next_token: str | None = None


class OptOutEntry(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A number that gets no texts; without `number` it belonged to somebody who was erased."""

    opted_out_at: str
    by_person: bool
    number: str = ""
    word: str = ""


class OptOutsPage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """In no order that means anything; `next_token` while there are more."""

    opt_outs: list[OptOutEntry]
    next_token: str | None = None


class Price(msgspec.Struct, kw_only=True, rename="pascal"):
    """What a part costs (millicents) in a country, `*` for all that have no price; null takes it back."""

    country: Text
    millicents: float | None = None


class SpendLimit(msgspec.Struct, kw_only=True, rename="pascal"):
    """Most that a calendar month may cost (millicents); null: no limit."""

    millicents: float | None = None


class Month(msgspec.Struct, kw_only=True, rename="pascal"):
    """What a month cost so far (millicents)."""

    month: str
    millicents: float


class Spending(msgspec.Struct, kw_only=True, rename="pascal"):
    """The current month first; prices by country."""

    months: list[Month]
    limit: float | None
    prices: dict[str, float]


class SmsControl:
    """Handlers of `sms/…`."""

    def __init__(self, sms: Sms) -> None:
        self._sms = sms

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        where = "/clarion/v1/sms"
        add = control.add
        add("GET", f"{where}/numbers", OfProject, Numbers, self.list_sms_numbers, roles=READERS,
            summary="List the numbers that a project sends texts from.")  # fmt: skip
        add("PUT", f"{where}/numbers", Number, Number, self.put_sms_number, roles=DEVELOPERS,
            summary="Have a project send texts from a number, or say where texts to it go.")  # fmt: skip
        add("DELETE", f"{where}/numbers", OneNumber, Nothing, self.delete_sms_number, roles=DEVELOPERS,
            summary="Take a number from a project.")  # fmt: skip
        add("GET", f"{where}/keywords", OfProject, Keywords, self.list_sms_keywords, roles=READERS,
            summary="List the keywords that a project answers in its own words.")  # fmt: skip
        add("PUT", f"{where}/keywords", Answer, Answer, self.put_sms_keyword, roles=MARKETERS,
            summary="Answer a keyword.")  # fmt: skip
        add("DELETE", f"{where}/keywords", OneKeyword, Nothing, self.delete_sms_keyword, roles=MARKETERS,
            summary="Answer a keyword no more, or as usual again.")  # fmt: skip
        add("GET", f"{where}/opt-outs", OptOutsRequest, OptOutsPage, self.list_sms_opt_outs, roles=READERS,
            summary="List who gets no texts from a project.")  # fmt: skip
        add("PUT", f"{where}/opt-outs", OneNumber, Nothing, self.put_sms_opt_out, roles=MARKETERS,
            summary="Opt a number out of a project's texts.")  # fmt: skip
        add("DELETE", f"{where}/opt-outs", OneNumber, Nothing, self.delete_sms_opt_out, roles=MARKETERS,
            summary="Take a number from the opt-out list, once in 30 days.")  # fmt: skip
        add("GET", f"{where}/spending", Nothing, Spending, self.get_sms_spending, roles=READERS,
            summary="Tell what texts cost by month, the limit and the prices.")  # fmt: skip
        add("PUT", f"{where}/spending/limit", SpendLimit, Nothing, self.put_sms_limit,
            summary="Set the most that a month's texts may cost.")  # fmt: skip
        add("PUT", f"{where}/spending/prices", Price, Nothing, self.put_sms_price,
            summary="Set the price of a part of a text to a country.")  # fmt: skip

    def list_sms_numbers(self, ctx: Context, request: OfProject) -> Numbers:
        return Numbers(numbers=[_shown(line) for line in self._sms.numbers(ctx.scope, request.application_id)])

    def put_sms_number(self, ctx: Context, request: Number) -> Number:
        number = _number(request.number)
        kind = request.kind or ("LONG_CODE" if number == ANY else kind_of(number_of(number)))
        line = Line(
            app_id=request.application_id,
            account=ctx.scope.account,
            region=ctx.scope.region,
            number=number,
            kind=kind,
            country=request.country,
            message_type=request.message_type,
            keyword=request.keyword[:30],
            opt_out_list=request.opt_out_list,
            self_managed=request.self_managed,
            destination=request.destination,
            role=request.role,
        )
        return _shown(self._sms.add_number(ctx.scope, line))

    def delete_sms_number(self, ctx: Context, request: OneNumber) -> Nothing:
        self._sms.remove_number(ctx.scope, request.application_id, _number(request.number))
        return Nothing()

    def list_sms_keywords(self, ctx: Context, request: OfProject) -> Keywords:
        found = self._sms.list_keywords(ctx.scope, request.application_id)
        return Keywords(keywords=[_answer(keyword) for keyword in found])

    def put_sms_keyword(self, ctx: Context, request: Answer) -> Answer:
        keyword = Keyword(
            app_id=request.application_id,
            number=_number(request.number),
            word=request.keyword,
            message=request.message,
            action=request.action,
        )
        return _answer(self._sms.put_keyword(ctx.scope, keyword))

    def delete_sms_keyword(self, ctx: Context, request: OneKeyword) -> Nothing:
        self._sms.remove_keyword(ctx.scope, request.application_id, _number(request.number), request.keyword)
        return Nothing()

    def list_sms_opt_outs(self, ctx: Context, request: OptOutsRequest) -> OptOutsPage:
        place = pages.decode_token("sms-opt-outs", request.next_token, [str])
        after = str(place[0]) if place else ""
        rows = self._sms.opt_outs(ctx.scope, request.application_id, after, request.limit + 1)
        page, token = pages.cut(rows, request.limit, "sms-opt-outs", lambda row: (row[0],))
        entries = [
            OptOutEntry(number=one.number, opted_out_at=iso_ms(one.since_ms), by_person=one.by_person, word=one.word)
            for _, one in page
        ]
        return OptOutsPage(opt_outs=entries, next_token=token)

    def put_sms_opt_out(self, ctx: Context, request: OneNumber) -> Nothing:
        self._sms.put_opt_out(ctx.scope, request.application_id, request.number)
        return Nothing()

    def delete_sms_opt_out(self, ctx: Context, request: OneNumber) -> Nothing:
        self._sms.remove_opt_out(ctx.scope, request.application_id, request.number)
        return Nothing()

    def get_sms_spending(self, ctx: Context, request: Nothing) -> Spending:
        months, prices = self._sms.spending(ctx.scope, MONTHS)
        return Spending(
            months=[Month(month=one.month, millicents=one.millicents) for one in months],
            limit=months[0].limit,
            prices={country or EVERY: price for country, price in prices.items()},
        )

    def put_sms_limit(self, ctx: Context, request: SpendLimit) -> Nothing:
        self._sms.set_limit(ctx.scope, request.millicents)
        return Nothing()

    def put_sms_price(self, ctx: Context, request: Price) -> Nothing:
        country = "" if request.country == EVERY else request.country
        self._sms.set_price(ctx.scope, country, request.millicents)
        return Nothing()


def _number(text: str) -> str:
    if text == EVERY:
        return ANY
    if not text.strip():
        raise Invalid("Number: is required")
    return text


def _shown(line: Line) -> Number:
    return Number(
        application_id=line.app_id,
        number=line.number or EVERY,
        kind=line.kind,
        country=line.country,
        message_type=line.message_type,
        keyword=line.keyword,
        opt_out_list=line.opt_out_list,
        self_managed=line.self_managed,
        destination=line.destination,
        role=line.role,
    )


def _answer(keyword: Keyword) -> Answer:
    return Answer(
        application_id=keyword.app_id,
        keyword=keyword.word,
        number=keyword.number or EVERY,
        message=keyword.message,
        action=keyword.action,
    )
