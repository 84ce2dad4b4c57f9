"""Revenue: what people bought, as apps reported it with `_monetization.purchase`.

By user a share is of what users bought: purchases of nobody known are on neither side of it.

A purchase comes to price times quantity; a quantity that is not told is 1. Money of different currencies is not added
up: amounts are of US dollars (also where no currency is told), or of the currency that `Attribute._currency` asks for.
"""

from __future__ import annotations

from collections.abc import Callable

from clarion.domain.analytics.charts.model import Ask, Chart, Member, People, Query
from clarion.domain.analytics.charts.performance.parts import KEY, active, share
from clarion.domain.analytics.charts.sources import DATE, once, query
from clarion.domain.analytics.messages import attribute, metric

PURCHASE = "_monetization.purchase"
CURRENCY = "_currency"

_CURRENCY = f"upper({attribute(CURRENCY)})"
UNITS = f"if(has(metric_names, '_quantity'), {metric('_quantity')}, 1)"
_AMOUNT = f"{metric('_item_price')} * {UNITS}"

_TAKES: frozenset[Member] = frozenset({"Attribute", "Metric"})
_BY: frozenset[Member] = frozenset({"By"})


def _purchases(ask: Ask, *, of_currency: bool) -> str:
    """`FROM …`: purchases with `date`, `amount`, `units`, `endpoint_key`, `user_id`; of dollars alone where amounts are
    counted and no currency is asked for."""
    where = f" WHERE {_CURRENCY} IN ('', 'USD')" if of_currency and CURRENCY not in ask.attributes else ""
    return (
        f"FROM (SELECT {DATE} AS date, {_AMOUNT} AS amount, {UNITS} AS units, endpoint_key, user_id"
        f" {once(ask, (PURCHASE,))}{where})"
    )


def _daily(value: str, *, of_currency: bool) -> Callable[[Ask], Query]:
    """A value of each day's purchases; `@` stands for whom is counted."""

    def compile(ask: Ask) -> Query:
        sql = value.replace("@", KEY[ask.by])
        found = _purchases(ask, of_currency=of_currency)
        return query(ask, f"SELECT date, {sql} {found} GROUP BY date ORDER BY date")

    return compile


def _per_active(value: str, *, of_currency: bool) -> Callable[[Ask], Query]:
    """A value of each day's purchases, by those active in the range."""

    def compile(ask: Ask) -> Query:
        found = _purchases(ask, of_currency=of_currency)
        sql = f"SELECT date, {share(value, active(ask, ask.by))} {found} GROUP BY date ORDER BY date"
        return query(ask, sql)

    return compile


def _repeat_buyers(ask: Ask) -> Query:
    key = KEY[ask.by]
    sql = (
        f"SELECT toFloat64(count()) AS buyers, toFloat64(countIf(times > 1)) AS again, again / buyers FROM"  # noqa: S608 - constants
        f" (SELECT {key} AS who, count() AS times {_purchases(ask, of_currency=False)} WHERE who != '' GROUP BY who)"
        " HAVING buyers > 0"
    )
    return query(ask, sql)


def _by_currency(ask: Ask) -> Query:
    sql = (
        f"SELECT if({_CURRENCY} = '', 'USD', {_CURRENCY}) AS currency, sum({_AMOUNT}), sum({UNITS}),"
        f" toFloat64(count()) {once(ask, (PURCHASE,))} GROUP BY currency ORDER BY currency"
    )
    return query(ask, sql)


_PAYING = "uniqExactIf(@, @ != '')"
_PAID = "sumIf(amount, @ != '')"


def _chart(
    name: str,
    summary: str,
    compile: Callable[[Ask], Query],
    *,
    add_up: bool = False,
    people: People = "Endpoint",
    by: bool = False,
) -> Chart:
    key = "".join(part.capitalize() for part in name.split("-"))
    takes = _TAKES | _BY if by else _TAKES
    return Chart(name, summary, ("Date",), (key,), compile, takes=takes, add_up=add_up, people=people, once=True)


CHARTS = [
    _chart("revenue", "Money spent, by day.", _daily("sum(amount)", of_currency=True), add_up=True),
    _chart(
        "revenue-per-endpoint",
        "Each day's revenue by the endpoints that were active in the range.",
        _per_active("sum(amount)", of_currency=True),
    ),
    _chart(
        "revenue-per-user",
        "Each day's revenue of users by the users that were active in the range.",
        _per_active("sumIf(amount, user_id != '')", of_currency=True),
        people="User",
    ),
    _chart(
        "paying-users",
        "People that bought something, by day.",
        _daily(f"toFloat64({_PAYING})", of_currency=False),
        people="User",
        by=True,
    )._replace(counts=True),
    _chart(
        "revenue-per-paying-user",
        "Each day's revenue by those who paid that day.",
        _daily(share(_PAID, _PAYING), of_currency=True),
        people="User",
        by=True,
    ),
    _chart("units-sold", "Items bought, by day.", _daily("sum(units)", of_currency=False), add_up=True),
    _chart(
        "units-per-endpoint",
        "Each day's items by the endpoints that were active in the range.",
        _per_active("sum(units)", of_currency=False),
    ),
    _chart("purchases", "Purchases, by day.", _daily("toFloat64(count())", of_currency=False), add_up=True),
    _chart(
        "purchases-per-endpoint",
        "Each day's purchases by the endpoints that bought something that day.",
        _daily(share("count()", "uniqExact(endpoint_key)"), of_currency=False),
    ),
    Chart(
        "repeat-buyers",
        "People that bought something in the range, those of them who did more than once, and their share.",
        (),
        ("Buyers", "RepeatBuyers", "RepeatShare"),
        _repeat_buyers,
        takes=_TAKES | _BY,
        people="User",
        once=True,
    ),
    Chart(
        "revenue-by-currency",
        "Money spent, items and purchases in the range, by currency.",
        ("Currency",),
        ("Revenue", "UnitsSold", "Purchases"),
        _by_currency,
        takes=_TAKES,
        once=True,
    ),
]
