"""The demo project of an empty installation: a thousand people, what some of them did in the last two weeks, a segment,
a template, a campaign sent at once.

It is made through the API, signed, like anybody would make it.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import msgspec

from clarion.core.clock import SystemClock, iso, parse_iso
from clarion.core.errors import Unavailable
from clarion.core.settings import Settings
from clarion.server import credentials
from clarion.server.credentials import RootKey
from clarion.server.stores import data_folder
from clarion.wire.signing import signed_headers

REGION = "us-east-1"
PEOPLE = 1_000
BATCH = 100
TEMPLATE = "welcome"
VISITORS = 150
DAYS = 14
EVENTS = 4
"""Of a visit, at most."""

_FIRST_NAMES = ("Lea", "Jonas", "Amara", "Mateo", "Yuki", "Noor", "Finn", "Ines", "Tomasz", "Aisha")
_CITIES = (
    ("Berlin", "DE", "Europe/Berlin"),
    ("Lisbon", "PT", "Europe/Lisbon"),
    ("Lagos", "NG", "Africa/Lagos"),
    ("Osaka", "JP", "Asia/Tokyo"),
    ("Denver", "US", "America/Denver"),
)
_PLANS = ("free", "silver", "gold")
_HTML = """\
<div style="font-family: sans-serif; max-width: 32em">
  <h1>Hello {{User.UserAttributes.FirstName}}!</h1>
  <p>Greetings to {{Location.City}}. Your plan is <b>{{Attributes.plan}}</b>{{#if Metrics.points}}
  and you have {{Metrics.points}} points{{/if}}.</p>
  <p><a href="https://example.com/offers?plan={{Attributes.plan}}">See what is new for you</a></p>
</div>
"""


class Demo(msgspec.Struct):
    """What was made; `None` in place of it when the installation was not empty."""

    app_id: str
    campaign_id: str


class _Api:
    def __init__(self, url: str, key: RootKey) -> None:
        self._host = urlsplit(url).netloc
        self._key = key
        self._clock = SystemClock()

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        data = b"" if body is None else msgspec.json.encode(body)
        now = self._clock.now()
        headers = signed_headers(method, self._host, path, "", data, key=self._key, region=REGION, now=now)
        connection = http.client.HTTPConnection(self._host, timeout=60)
        try:
            connection.request(method, path, body=data, headers={**headers, "Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise Unavailable(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return msgspec.json.decode(text) if text else None


def make(url: str, key: RootKey) -> Demo | None:
    """Make the demo project; None when there is a project already."""
    api = _Api(url, key)
    if api("GET", "/v1/apps")["Item"]:
        return None
    app = f"/v1/apps/{(app_id := api('POST', '/v1/apps', {'Name': 'demo'})['Id'])}"
    identity = f"arn:aws:ses:{REGION}:000000000001:identity/example.com"
    api("PUT", f"{app}/channels/email", {"FromAddress": "Clarion <hello@example.com>", "Identity": identity})
    for first in range(0, PEOPLE, BATCH):
        api("PUT", f"{app}/endpoints", {"Item": [_person(number) for number in range(first, first + BATCH)]})
    wanted = {"AttributeType": "INCLUSIVE", "Values": ["silver", "gold"]}
    segment = {"Name": "Paying customers", "Dimensions": {"Attributes": {"plan": wanted}}}
    segment_id = api("POST", f"{app}/segments", segment)["Id"]
    template = {"Subject": "{{User.UserAttributes.FirstName}}, welcome to Clarion", "HtmlPart": _HTML}
    _ensure_template(api, template)
    campaign = {
        "Name": "Welcome",
        "SegmentId": segment_id,
        "Schedule": {"StartTime": "IMMEDIATE"},
        "TemplateConfiguration": {"EmailTemplate": {"Name": TEMPLATE}},
    }
    campaign_id = api("POST", f"{app}/campaigns", campaign)["Id"]
    visits = _visits(parse_iso(api("GET", "/clarion/v1/clock")["Now"]))
    while some := dict(islice(visits, BATCH // EVENTS)):
        api("POST", f"{app}/events", {"BatchItem": some})
    return Demo(app_id, campaign_id)


def _ensure_template(api: _Api, template: dict[str, str]) -> None:
    if not api("GET", "/v1/templates")["Item"]:
        api("POST", f"/v1/templates/{TEMPLATE}/email", template)


def _person(number: int) -> dict[str, Any]:
    name = _FIRST_NAMES[number % len(_FIRST_NAMES)]
    city, country, zone = _CITIES[number % len(_CITIES)]
    return {
        "Id": f"person-{number:04d}",
        "ChannelType": "EMAIL",
        "Address": f"{name.lower()}.{number}@example.com",
        "Attributes": {"plan": [_PLANS[number % len(_PLANS)]], "interests": ["news", "offers"][: 1 + number % 2]},
        "Metrics": {"points": number % 7 * 10},
        "Demographic": {"Timezone": zone, "Locale": "en_US", "Platform": "web"},
        "Location": {"City": city, "Country": country},
        "User": {"UserId": f"user-{number:04d}", "UserAttributes": {"FirstName": [name]}},
    }


def _visits(now: datetime) -> Iterator[tuple[str, dict[str, Any]]]:
    """Who came by, day by day, as one item of PutEvents each: every third comes on a day, the first ones most days."""
    for day in range(DAYS, 0, -1):
        for number in range(VISITORS):
            if (number * 7 + day * 5) % (3 + number // 50) == 0:
                began = now - timedelta(days=day) + timedelta(minutes=number * 9 % 1_400)
                yield f"person-{number:04d}", {"Endpoint": {}, "Events": _visit(f"{day}-{number}", number, began)}


def _visit(name: str, number: int, began: datetime) -> dict[str, Any]:
    ended = began + timedelta(minutes=2 + number % 11)
    session = {"Id": name, "StartTimestamp": iso(began)}
    over = {"StopTimestamp": iso(ended), "Duration": round((ended - began).total_seconds() * 1000)}
    steps: list[dict[str, Any]] = [
        {"EventType": "_session.start"},
        {"EventType": "offer.viewed", "Attributes": {"offer": ("tea", "coffee", "cocoa")[number % 3]}},
    ]
    if number % 4 == 0:
        price = {"_item_price": 4.5 + number % 5, "_quantity": 1.0 + number % 2}
        attributes = {"_product_id": "sampler", "_currency": "USD"}
        steps.append({"EventType": "_monetization.purchase", "Attributes": attributes, "Metrics": price})
    events = {
        f"{name}-{place}": {**step, "Timestamp": iso(began + timedelta(seconds=20 * place)), "Session": session}
        for place, step in enumerate(steps)
    }
    stop = {"EventType": "_session.stop", "Timestamp": iso(ended), "Session": session | over}
    return {**events, f"{name}-stop": stop}


def text(settings: Settings, url: str, made: Demo | None) -> str:
    """What to tell the person at the terminal."""
    lines = [""]
    if made is not None:
        lines += [
            f"Made a demo project ({made.app_id}): {PEOPLE} endpoints, a segment, an e-mail template,",
            f"and a campaign ({made.campaign_id}) that is being sent into the local inbox now.",
            "",
        ]
    lines += [f"Inbox:    {url}/inbox", "", "In another terminal:", "", f"  export AWS_ENDPOINT_URL_PINPOINT={url}"]
    if not settings.access_key_id:
        lines.append(f"  export AWS_SHARED_CREDENTIALS_FILE={credentials.path(data_folder(settings))}")
    lines += [f"  export AWS_DEFAULT_REGION={REGION}", "  aws pinpoint get-apps", ""]
    return "\n".join(lines) + "\n"
