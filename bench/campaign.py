"""One campaign to a million endpoints: messages per second from its start to the last recorded outcome.

The transport only counts; everything before it is the product: selection, gates, rendering of 2 KB personalised
HTML, outbox, lanes, outcome events, their way into the columnar store. Target: 10,000 messages/s, memory flat.

Then once more with everything that a campaign may ask for beside: two treatments, limits, quiet time, helpers in the
template. Target: 0.70 of the plain campaign's rate.

    python -m bench.campaign [endpoints]
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from clarion.core.scope import Scope
from clarion.core.settings import load
from clarion.server import logs
from clarion.server.system import System
from clarion.shapes.pinpoint import (
    EmailChannelRequest,
    EndpointBatchItem,
    WriteCampaignRequest,
    WriteSegmentRequest,
)

SCOPE = Scope("000000000001", "us-east-1")
TARGET, RATIO = 10_000, 0.7
_PROSE = "<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt.</p>\n"
HTML = (
    "<h1>Hello {{User.UserAttributes.FirstName}}</h1>\n"
    + _PROSE * 9
    + "<p>Your plan: {{Attributes.plan}}, in {{Location.City}}"
    + "{{#if Metrics.points}}, {{Metrics.points}} points{{/if}}</p>\n"
    + _PROSE * 9
    + '<p><a href="https://example.com/offers?plan={{Attributes.plan}}">Offers</a></p>\n'
)
HELPERS = (
    "<p>{{capitalizeFirst (lower User.UserAttributes.FirstName)}}, you have "
    '{{inflect Metrics.points "point" "points" includeCount=true}}.</p>\n'
    '{{#eq Attributes.plan "gold"}}<p>Thank you for {{upper Attributes.plan}}.</p>{{else}}<p>Go for gold.</p>{{/eq}}\n'
    '<p>{{join Attributes.interests " and "}}, until {{now "long" tz="Europe/Berlin"}}</p>\n'
    "{{#each Attributes.interests}}<li>{{@index}} {{slugify this}}</li>{{/each}}\n"
)


class Figures(NamedTuple):
    """What a campaign did: messages a second, and successful ones."""

    rate: float
    successful: int


def _item(number: int) -> dict[str, Any]:
    return {
        "Id": f"endpoint-{number:07d}",
        "ChannelType": "EMAIL",
        "Address": f"person{number}@example.com",
        "Attributes": {"plan": [("free", "silver", "gold")[number % 3]], "interests": ["news", "offers"]},
        "Metrics": {"points": number % 50},
        "Demographic": {"Timezone": "Europe/Berlin", "Locale": "de_DE"},
        "Location": {"City": "Berlin", "Country": "DE"},
        "User": {"UserId": f"user-{number}", "UserAttributes": {"FirstName": [f"Name{number % 100}"]}},
    }


def load_endpoints(system: System, app_id: str, count: int) -> None:
    pending = []
    for first in range(0, count, 100):
        items = [_item(number) for number in range(first, min(first + 100, count))]
        batch = msgspec.convert(items, list[EndpointBatchItem])
        pending.append(system.audience.update_many(SCOPE, app_id, batch, "bench"))
        if len(pending) >= 50:
            for future in pending:
                future.result()
            pending.clear()
    for future in pending:
        future.result()
    system.consumer.catch_up(timeout_seconds=600)


def rss_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def watch(samples: list[float], done: threading.Event) -> None:
    while not done.wait(0.5):
        samples.append(rss_mb())


def main(count: int) -> int:
    logs.configure("warning")
    with tempfile.TemporaryDirectory(prefix="clarion-bench-") as folder:
        settings = load({"data": folder, "email_transport": "counting", "public_url": ""}, environ={})
        system = System(settings, "http://127.0.0.1:8080")
        system.start(work=True)
        try:
            return _measure(system, count)
        finally:
            system.close()


def _measure(system: System, count: int) -> int:
    app_id = system.apps.create(SCOPE, "bench", None).app.id
    identity = "arn:aws:ses:us-east-1:000000000001:identity/example.com"
    system.channels.update(
        SCOPE, app_id, "EMAIL", EmailChannelRequest(from_address="a@example.com", identity=identity), "me"
    )
    begun = time.perf_counter()
    load_endpoints(system, app_id, count)
    print(f"loaded {count:,} endpoints, {count / (time.perf_counter() - begun):,.0f}/s")
    segment = msgspec.json.decode(b'{"Name":"all","Dimensions":{}}', type=WriteSegmentRequest)
    segment_id = system.segments.create(SCOPE, app_id, segment).segment.id
    plain = _campaign(system, app_id, count, "plain", {"SegmentId": segment_id, **_says(HTML)})
    rich = _campaign(system, app_id, count, "with everything", {"SegmentId": segment_id, **_everything(system)})
    print(f"with everything: {rich.rate / plain.rate:.2f} of the plain campaign's rate (target: {RATIO:.2f})")
    return 0 if plain.successful == rich.successful == count else 1


def _says(html: str) -> dict[str, Any]:
    message = {"EmailMessage": {"Title": "Hello {{User.UserAttributes.FirstName}}", "HtmlBody": html}}
    return {"Schedule": {"StartTime": "IMMEDIATE"}, "MessageConfiguration": message}


def _everything(system: System) -> dict[str, Any]:
    """An A/B test with limits that nobody reaches, a quiet time in which nobody is, and helpers in the template."""
    quiet = [f"{(system.clock.now() + timedelta(hours=more)):%H:00}" for more in (9, 11)]
    schedule = {"StartTime": "IMMEDIATE", "QuietTime": {"Start": quiet[0], "End": quiet[1]}}
    one = {**_says(HTML + HELPERS), "Schedule": schedule}
    other = {"TreatmentName": "B", "SizePercent": 50, **_says(HELPERS + HTML), "Schedule": schedule}
    return {**one, "Limits": {"Daily": 20, "Total": 50}, "AdditionalTreatments": [other]}


def _campaign(system: System, app_id: str, count: int, name: str, written: dict[str, Any]) -> Figures:
    """Run a campaign to its end, and print what it took."""
    samples = [rss_mb()]
    done = threading.Event()
    threading.Thread(target=watch, args=(samples, done), daemon=True).start()
    begun, cpu = time.perf_counter(), time.process_time()
    created = system.campaigns.create(SCOPE, app_id, msgspec.convert({"Name": name, **written}, WriteCampaignRequest))
    while system.campaigns.get(SCOPE, app_id, created.row.campaign_id).row.status != "COMPLETED":
        time.sleep(0.5)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    done.set()
    runs = system.campaigns.activities(SCOPE, app_id, created.row.campaign_id, 10, None)[0]
    successful = sum(counts.successful for _, counts, *_ in runs)
    rate = count / seconds
    third = max(1, len(samples) // 3)
    print(f"{name}: {rate:,.0f} messages/s ({rate / TARGET:.2f} of the target of {TARGET:,}), {seconds:.1f} s")
    print(f"  processor: {cpu / count * 1e6:.0f} µs a message, {cpu / seconds:.2f} cores busy")
    print(f"  recorded: {successful:,} of {count:,} successful")
    print(
        f"  memory: {samples[0]:.0f} MB before, {max(samples[:third]):.0f} MB at most in the first third,"
        f" {max(samples[-third:]):.0f} MB in the last"
    )
    return Figures(rate, successful)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
