"""Messages that programs sent, by neither campaigns nor journeys: e-mails and text messages.

Opens and clicks are told three ways: every one, as the KPIs count; once a message and clock hour, as Pinpoint's console
did; and the recipients. Rates are those of each day, so their average is the mean of the days, as in the console.
"""

from __future__ import annotations

from collections.abc import Mapping

from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.performance.parts import columns, messages, moment, share, shown
from clarion.domain.analytics.charts.sources import query
from clarion.domain.analytics.messages import ARRIVED, BOUNCED

_HOUR = "toStartOfHour(toTimeZone(arrived, {zone:String}))"
_ENDS = ("since", "until")

EMAILS: Mapping[str, str] = {
    "Sent": "sum(emailed)",
    "Delivered": f"sum({ARRIVED})",
    "Opens": "sum(opens)",
    "HourlyOpens": f"uniqExactIf((message, {_HOUR}), opens)",
    "Clicks": "sum(clicks)",
    "HourlyClicks": f"uniqExactIf((message, {_HOUR}), clicks)",
    "HardBounces": "sum(hard)",
    "SoftBounces": "sum(soft)",
    "Rejected": "sum(rejected)",
    "Complaints": "sum(complained)",
    "Unsubscribed": "sum(unsubscribes)",
}
RECIPIENTS: Mapping[str, str] = {
    "UniqueOpens": "uniqExactIf(recipient, opened)",
    "UniqueClicks": "uniqExactIf(recipient, clicked)",
}
EMAIL_RATES: Mapping[str, str] = {
    "DeliveryRate": share(f"sum({ARRIVED})", "sum(emailed)"),
    "BounceRate": share(f"sum({BOUNCED})", "sum(emailed)"),
    "ComplaintRate": share("sum(complained)", "sum(emailed)"),
}
TEXTS: Mapping[str, str] = {
    "Sent": "sum(texted)",
    "Parts": "sumIf(parts, texted)",
    "Delivered": "sum(text_delivered)",
    "DeliveredParts": "sumIf(parts, text_delivered)",
    "Failed": "sum(failed)",
    "OptedOut": "sum(opted_out AND NOT unsubscribed)",
    "Spend": "sum(price)",
}
TEXT_RATES: Mapping[str, str] = {"DeliveryRate": share("sum(text_delivered)", "sum(texted)")}
COUNTRIES: Mapping[str, str] = {
    "Sent": "sum(texted)",
    "Parts": "sumIf(parts, texted)",
    "Delivered": "sum(text_delivered)",
    "AveragePricePerPart": share("sum(price)", "sumIf(parts, texted)"),
    "Spend": "sum(price)",
}
BY_CHANNEL: Mapping[str, str] = {
    "Sent": "sum(emailed) + sum(texted)",
    "Delivered": f"sum({ARRIVED} OR text_delivered)",
    **{name: EMAILS[name] for name in ("Opens", "HourlyOpens", "Clicks", "HourlyClicks")},
    "Failed": "sum(hard OR soft OR rejected OR failed)",
}


def _daily(name: str, summary: str, values: Mapping[str, str], sent: str, *, add_up: bool) -> Chart:
    """Values of each day's messages of a channel."""

    def compile(ask: Ask) -> Query:
        date = moment(ask, "at")
        found = messages(ask, "transactional", f"{date} {columns(values)} {sent}")
        sql = (
            f"SELECT {shown(ask, 'date')}, {columns(values)} FROM (SELECT *, {date} AS date {found})"  # noqa: S608 - constants
            f" GROUP BY date HAVING sum({sent}) > 0 ORDER BY date"
        )
        return query(ask, sql)

    return Chart(name, summary, ("Date",), tuple(values), compile, add_up=add_up)


def _messages(ask: Ask) -> Query:
    wanted = " WHERE channel IN {channels:Array(String)}" if ask.channels else ""
    date = moment(ask, "at")
    found = messages(ask, "transactional", f"{date} {columns(BY_CHANNEL)} emailed texted")
    sql = (
        f"SELECT {shown(ask, 'date')}, channel, {columns(BY_CHANNEL)} FROM"  # noqa: S608 - constants
        f" (SELECT *, {date} AS date, if(texted, 'SMS', 'EMAIL') AS channel {found}){wanted}"
        " GROUP BY date, channel HAVING sum(emailed) + sum(texted) > 0 ORDER BY date, channel"
    )
    return query(ask, sql, channels=list(ask.channels))


def _by_country(ask: Ask) -> Query:
    values = columns(COUNTRIES)
    found = messages(ask, "transactional", f"country texted {values}")
    sql = f"SELECT country, {values} {found} WHERE texted AND country != '' GROUP BY country ORDER BY country"
    return query(ask, sql)


def _errors(ask: Ask) -> Query:
    first, last = (f"toDate(fromUnixTimestamp64Milli({{{end}:Int64}}, 'UTC'), {{zone:String}})" for end in _ENDS)
    before, after = (f"countIf(date = {day})" for day in (first, last))
    found = messages(ask, "transactional", "at failed error")
    sql = (
        f"SELECT error, toFloat64(count()), count() / (dateDiff('day', {first}, {last}) + 1),"  # noqa: S608 - constants
        f" if({first} = {last}, NULL, (toFloat64({after}) - {before}) / nullIf(toFloat64({before}), 0))"
        f" FROM (SELECT error, toDate(at, {{zone:String}}) AS date {found} WHERE failed) GROUP BY error ORDER BY error"
    )
    return query(ask, sql)


CHARTS = [
    Chart(
        "messages",
        "Messages that programs sent, by day and channel (e-mail, SMS), and what became of them.",
        ("Date", "ChannelType"),
        tuple(BY_CHANNEL),
        _messages,
        takes=frozenset({"Channel", "Interval"}),
    ),
    _daily("transactional-emails", "E-mails that programs sent, by day.", EMAILS, "emailed", add_up=True),
    _daily(
        "transactional-email-recipients", "Who opened and clicked them, by day.", RECIPIENTS, "emailed", add_up=False
    )._replace(counts=True),
    _daily("transactional-email-rates", "Rates of them, by day.", EMAIL_RATES, "emailed", add_up=False),
    _daily("transactional-sms", "Text messages that programs sent, by day.", TEXTS, "texted", add_up=True),
    _daily("transactional-sms-rates", "Rates of them, by day.", TEXT_RATES, "texted", add_up=False),
    Chart(
        "sms-by-country",
        "Text messages that programs sent, by country, with what they cost (thousandths of a US cent).",
        ("IsoCountryCode",),
        tuple(COUNTRIES),
        _by_country,
    ),
    Chart(
        "sms-errors",
        "Why text messages of programs were not delivered: how many, by day, change from the first day to the last.",
        ("ErrorCode",),
        ("Errors", "ErrorsPerDay", "Change"),
        _errors,
    ),
]
