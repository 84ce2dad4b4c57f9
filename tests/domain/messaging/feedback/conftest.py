from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry

from clarion.core.settings import Settings
from clarion.domain.messaging.feedback.desk import Desk
from clarion.domain.messaging.tracking.keys import verp
from clarion.server.ways.mail import MailParts
from tests.domain.messaging.house import House


class Post:
    """A process with the parts that deal with mail that comes back."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.settings: Settings = house.settings
        self.clock, self.real, self.ids = house.clock, house.real, house.ids
        self.database = house.database
        self.jobs, self.apps, self.audience = house.jobs, house.apps, house.audience
        self.events, self.consumer, self.messaging = house.events, house.consumer, house.messaging
        self.metrics = CollectorRegistry()
        self.verp = verp(house.database, house.ids, "bounces.acme.test")
        self.desk = Desk()
        self.mail = MailParts(self)
        self.mail.connect(self.desk, house.hits, house.tokens, self.verp)
        self.mail.register()

    def counted(self, result: str) -> float:
        return self.metrics.get_sample_value("clarion_email_feedback_total", {"result": result}) or 0.0


@pytest.fixture(scope="module")
def post(house: House) -> Post:
    """`house`, with mail that comes back."""
    return Post(house)
