"""The query over generated histories, against counting person by person."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import msgspec
import pytest

from clarion.domain.events import produced
from clarion.domain.events.asking.sent import ATTEMPTED
from clarion.domain.events.comparing.conversions import HOLDOUT, REST, Arm, Goal, arms
from clarion.domain.events.model import EventRow, tokens
from clarion.domain.events.produced import Subject
from clarion.domain.segments.occasions import Matcher, occasion
from clarion.shapes.pinpoint import AttributeDimension, CampaignEventFilter, MetricDimension
from tests.domain.events.conftest import House

DAY = 24 * 60 * 60 * 1000
OPENS = {("_email.open", True), ("_campaign.opened_notification", False)}


def subject(app: str, endpoint: str, user: str, **more: str) -> Subject:
    return Subject(account="1", app_id=app, endpoint_id=endpoint, user_id=user, **more)


def history(chance: random.Random, app: str) -> list[EventRow]:
    """Sends of a few campaigns, some repeated, and events that may count."""
    rows: list[EventRow] = []
    users = {f"e{number:02}": chance.choice(["", "", "lea", "jon", "kim"]) for number in range(25)}
    for endpoint, user in users.items():
        treatment = chance.choice("012")
        for _ in range(chance.choice([0, 1, 1, 2])):
            status = chance.choice(["SUCCESS", "SUCCESS", "FAILURE", "HOLDOUT", "QUIET_TIME", "DUPLICATE_ADDRESS"])
            about = subject(
                app,
                endpoint,
                user,
                campaign_id=chance.choice(["c", "c", "c", "other"]),
                treatment_id=treatment,
                activity_id=chance.choice(["a1", "a2", "the-rest"]),
                message_id=f"m{len(rows)}",
            )
            sent = produced.campaign_send(
                about, at_ms=(100 + chance.randrange(10)) * DAY, status=status, delivery_type="EMAIL"
            )
            rows += [sent] * chance.choice([1, 1, 2])
    kinds = ["bought", "left", "_email.open", "_email.click", "_campaign.opened_notification"]
    for number in range(chance.choice([0, 10, 80])):
        endpoint = chance.choice([*users, "stranger"])
        metrics = {"sum": chance.choice([1.0, 5.0, 9.0])} if chance.random() < 0.7 else {}
        system = chance.random() < 0.5
        rows.append(
            EventRow(
                app_id=app,
                event_type=chance.choice(kinds),
                event_id=f"v{number}",
                endpoint_key=endpoint,
                # Somebody may sign in, or out, after the message.
                user_id=chance.choice([users.get(endpoint, ""), users.get(endpoint, ""), "", "lea"]),
                ts=0,
                arrival=(100 + chance.randrange(15)) * DAY + chance.choice([0, 0, 1, -1]) + 1,
                system=system,
                campaign_id=chance.choice(["c", "c", "other", ""]),
                kv=tokens({"plan": chance.choice(["pro", "free"])} if chance.random() < 0.7 else {}),
                metric_names=list(metrics),
                metric_values=list(metrics.values()),
            )
        )
    return rows


def counted(rows: Sequence[EventRow], matcher: Matcher, days: int, rest: Sequence[str]) -> dict[str, Arm]:
    """What `arms` shall answer, slowly."""
    decided: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for row in rows:
        if row.event_type == "_campaign.send" and row.campaign_id == "c" and row.status in (*ATTEMPTED, "HOLDOUT"):
            arm = HOLDOUT if row.status == "HOLDOUT" else REST if row.activity_id in rest else row.treatment_id
            decided.setdefault((row.user_id, row.endpoint_key), []).append((row.arrival, arm))
    people: dict[str, list[tuple[str, str, list[int]]]] = {}
    for (user, endpoint), decisions in decided.items():
        first = min(at for at, _ in decisions)
        arm = next(arm for at, arm in decisions if at == first)
        people.setdefault(user or f"/{endpoint}", []).append((endpoint, arm, [at for at, _ in decisions]))
    found: dict[str, Counter[str]] = {}
    for person, own in people.items():
        _, arm, times = min(own, key=lambda one: (one[1] == REST, one[0]))
        theirs = [row for row in rows if row.user_id == person or row.endpoint_key in {one[0] for one in own}]
        later = [row for row in theirs if row.arrival >= min(times) and row.campaign_id == "c"]
        did = found.setdefault(arm, Counter())
        did["people"] += 1
        did["mixed"] += len({one[1] for one in own}) > 1
        did["opens"] += any((row.event_type, row.system) in OPENS | {(OPENED, True)} for row in later)
        did["clicks"] += any((row.event_type, row.system) == ("_email.click", True) for row in later)
        did["conversions"] += any(
            row.event_type == "bought"
            and matcher.matches(row.attributes, row.metrics)
            and any(at <= row.arrival < at + days * DAY for at in times)
            for row in theirs
        )
    return {arm: Arm(**did) for arm, did in found.items()}


OPENED = "_campaign.opened_notification"
ATTRIBUTES = {"plan": {"Values": ["pro"]}}
METRICS = {"sum": {"ComparisonOperator": "GREATER_THAN", "Value": 4}}


@pytest.mark.parametrize("seed", range(6))
def test_it_counts_as_one_would_by_hand(any_house: House, seed: int) -> None:
    chance = random.Random(seed)
    rows = history(chance, any_house.app)
    # At one moment an endpoint is told one thing.
    seen: dict[tuple[str, int], EventRow] = {}
    rows = [
        row
        for row in rows
        if row.event_type != "_campaign.send" or seen.setdefault((row.endpoint_key, row.arrival), row) is row
    ]
    any_house.database.write(lambda connection: any_house.events.record(connection, rows))
    any_house.consumer.catch_up(20)
    attributes = ATTRIBUTES if chance.random() < 0.6 else {}
    metrics = METRICS if chance.random() < 0.6 else {}
    days = chance.choice([1, 3, 7])
    condition = occasion(
        any_house.app,
        msgspec.convert(attributes, dict[str, AttributeDimension]),
        msgspec.convert(metrics, dict[str, MetricDimension]),
    )
    goal = Goal("bought", condition.sql, condition.parameters, days * DAY)
    dimensions = {"EventType": {"Values": ["bought"]}, "Attributes": attributes, "Metrics": metrics}
    matcher = Matcher(msgspec.convert({"Dimensions": dimensions, "FilterType": "ENDPOINT"}, CampaignEventFilter))
    rest = ["the-rest"]
    assert arms(any_house.columnar, any_house.app, "c", 0, goal, rest) == counted(rows, matcher, days, rest)
    without = arms(any_house.columnar, any_house.app, "c", 0, None, rest)
    assert {one.conversions for one in without.values()} <= {0}
    assert sum(one.people for one in without.values()) > 0


def test_nothing_happened(any_house: House) -> None:
    assert arms(any_house.columnar, any_house.app, "c", 0, None) == {}
