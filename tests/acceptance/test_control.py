"""The control API's clock and its description of itself; the pages that need no signature."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import Server


def test_the_clock_stands_still_until_it_is_moved(server: Server) -> None:
    before = server.control("GET", "clock")["Now"]
    assert server.control("GET", "clock")["Now"] == before
    after = server.advance("P1DT2H3M4.5S")
    assert after > before
    assert server.control("GET", "clock")["Now"] == after
    assert server.control("POST", "clock", {"To": after})["Now"] == after


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "Advance"),
        ({"Advance": "PT1H", "To": "2036-01-01T00:00:00Z"}, "Advance"),
        ({"Advance": "an hour"}, "Advance"),
        ({"Advance": "P1M"}, "Advance"),
        ({"Advance": "-PT1H"}, "Advance"),
        ({"Advance": 3600}, "Advance"),
        ({"Advance": "P99999999999D"}, "Advance"),
        ({"To": "tomorrow"}, "To"),
        ({"To": "2020-01-01T00:00:00Z"}, "To"),
    ],
)
def test_a_move_that_cannot_be_is_refused(server: Server, body: dict[str, Any], field: str) -> None:
    before = server.control("GET", "clock")["Now"]
    status, answer = server.raw("POST", "/clarion/v1/clock", body)
    assert (status, answer["Message"].startswith(field)) == (400, True), answer
    assert server.control("GET", "clock")["Now"] == before


def test_a_real_clock_cannot_be_moved(real: Server) -> None:
    status, answer = real.raw("POST", "/clarion/v1/clock", {"Advance": "PT1H"})
    assert status == 409
    assert "real" in answer["Message"]
    assert real.control("GET", "clock")["Now"]


def test_settling_waits_for_everything(project: Project) -> None:
    project.people(f"e{number}" for number in range(250))
    campaigns = [project.campaign(project.segment())["Id"] for _ in range(4)]
    project.server.settle()
    for campaign in campaigns:
        assert project.status(campaign) == "COMPLETED"
        assert len(project.mail(campaign)) == 250
        [activity] = project.activities(campaign)
        assert activity["SuccessfulEndpointCount"] == 250


def test_the_api_describes_itself(server: Server) -> None:
    status, document = server.raw("GET", "/clarion/v1/openapi.json", key=None)
    assert status == 200
    assert document["openapi"].startswith("3.1")
    assert {"/clarion/v1/clock", "/clarion/v1/settle", "/clarion/v1/inbox", "/clarion/v1/why"} <= set(document["paths"])
    names: set[str] = set()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["operationId"] not in names, path
            names.add(operation["operationId"])
            assert operation["summary"]
            assert any(code.startswith("2") for code in operation["responses"])
    text = msgspec.json.encode(document).decode()
    for reference in set(text.split('"$ref":"')[1:]):
        name = reference.partition('"')[0].removeprefix("#/components/schemas/")
        assert name in document["components"]["schemas"]


def test_pages_for_machines_and_people(server: Server) -> None:
    assert server.raw("GET", "/healthz", key=None)[0] == 200
    assert server.raw("GET", "/readyz", key=None)[0] == 200
    status, text = server.raw("GET", "/metrics", key=None)
    assert status == 200
    assert "# TYPE" in text
    status, text = server.raw("GET", "/inbox", key=None)
    assert status == 200
    assert "<html" in text.lower()


def test_browsers_may_ask_first(server: Server) -> None:
    headers = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,x-amz-date,content-type",
    }
    assert server.raw("OPTIONS", "/v1/apps/x/endpoints/y", key=None, headers=headers)[0] in (200, 204)
