"""What text messages cost: prices, what was spent in a month, and the limit. Per account and region, as numbers are.

Prices are for a part, in thousandths of a US cent. What is not priced costs nothing until a receipt tells what it did.
The limit is looked at when a message is accepted, and what is on its way then has not been counted yet: so it can be
passed a little, as with Pinpoint. Source: spec of SMS, 8.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import from_ms
from clarion.store.database import Database
from clarion.store.schema import metadata

prices = sa.Table(
    "sms_prices",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    # "" stands for countries without a price of their own.
    sa.Column("country", sa.String(2), primary_key=True),
    sa.Column("millicents", sa.Float, nullable=False),
)

limits = sa.Table(
    "sms_limits",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    sa.Column("millicents", sa.Float, nullable=False),
)

spending = sa.Table(
    "sms_spending",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("millicents", sa.Float, nullable=False),
)


class Spent(NamedTuple):
    """A month ("2027-03") and its cost; `limit` None: there is none."""

    month: str
    millicents: float
    limit: float | None


def month_of(at_ms: int) -> str:
    """The calendar month in UTC of a time in Unix ms."""
    return from_ms(at_ms).strftime("%Y-%m")


def add(
    database: Database, connection: sa.Connection, account: str, region: str, month: str, millicents: float
) -> None:
    """Count what was spent; less than 0 takes it back."""
    statement = database.insert(spending).values(account=account, region=region, month=month, millicents=millicents)
    more = spending.c.millicents + statement.excluded.millicents
    index = ["account", "region", "month"]
    connection.execute(statement.on_conflict_do_update(index_elements=index, set_={"millicents": more}))


def spent(connection: sa.Connection, account: str, region: str, month: str) -> Spent:
    """What a month cost so far, and the limit."""
    mine = (spending.c.account == account, spending.c.region == region, spending.c.month == month)
    cost = connection.scalar(sa.select(spending.c.millicents).where(*mine)) or 0.0
    most = sa.select(limits.c.millicents).where(limits.c.account == account, limits.c.region == region)
    return Spent(month, cost, connection.scalar(most))


def months(connection: sa.Connection, account: str, region: str, most: int) -> list[Spent]:
    """The latest months in which something was spent, newest first."""
    mine = (spending.c.account == account, spending.c.region == region)
    wanted = sa.select(spending.c.month).where(*mine).order_by(spending.c.month.desc()).limit(most)
    return [spent(connection, account, region, month) for month in list(connection.scalars(wanted))]


def set_limit(database: Database, connection: sa.Connection, account: str, region: str, most: float | None) -> None:
    """Most that a month may cost; None for no limit."""
    if most is None:
        connection.execute(sa.delete(limits).where(limits.c.account == account, limits.c.region == region))
        return
    statement = database.insert(limits).values(account=account, region=region, millicents=most)
    changed = {"millicents": most}
    connection.execute(statement.on_conflict_do_update(index_elements=["account", "region"], set_=changed))


def set_price(
    database: Database, connection: sa.Connection, account: str, region: str, country: str, millicents: float | None
) -> None:
    """What a part to a country costs; None: not known."""
    if millicents is None:
        mine = (prices.c.account == account, prices.c.region == region, prices.c.country == country)
        connection.execute(sa.delete(prices).where(*mine))
        return
    statement = database.insert(prices).values(account=account, region=region, country=country, millicents=millicents)
    index = ["account", "region", "country"]
    connection.execute(statement.on_conflict_do_update(index_elements=index, set_={"millicents": millicents}))


def prices_of(connection: sa.Connection, account: str, region: str) -> Mapping[str, float]:
    """Prices by country."""
    mine = (prices.c.account == account, prices.c.region == region)
    return {row.country: row.millicents for row in connection.execute(sa.select(prices).where(*mine))}
