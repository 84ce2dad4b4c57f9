"""Answers of PutEvents as a client reads them."""

from __future__ import annotations

from typing import Any

ACCEPTED = {"StatusCode": 202, "Message": "Accepted"}


def refused(message: str) -> dict[str, Any]:
    return {"StatusCode": 400, "Message": message}


def item(events: dict[str, Any], endpoint: dict[str, Any] = ACCEPTED) -> dict[str, Any]:
    return {"EndpointItemResponse": endpoint, "EventsItemResponse": events}


def answer(events: dict[str, Any], endpoint: dict[str, Any] = ACCEPTED) -> dict[str, Any]:
    return {"Results": {"ep-7781": item(events, endpoint)}}
