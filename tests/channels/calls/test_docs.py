"""The examples of docs/hooks-and-custom.md verify what we send, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from clarion.channels import signatures
from clarion.channels.calls.service import Callouts
from clarion.core.clock import SystemClock, to_ms
from clarion.core.settings import Settings
from tests.channels.calls.peers import site

DOCS = (Path(__file__).parents[3] / "docs" / "hooks-and-custom.md").read_text()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD0000"
PAYLOAD = '{"Endpoints": {"ep-1": {"Address": "léa@example.com"}}}'.encode()

Call = tuple[str, dict[str, str], bytes]
"""A secret, headers and body, as a receiver has them."""


@pytest.fixture(scope="module")
def sent() -> dict[str, str]:
    """The headers of a call that was made, signed by two secrets."""
    callouts = Callouts(
        Settings(callout_networks="127.0.0.0/8", callout_http=True),
        signing=lambda app_id: signatures.secrets_of(f"{OTHER},{SECRET}"),
    )
    with site() as peer:
        callouts.call(peer.url(), PAYLOAD, app_id="app")
    callouts.close()
    assert peer.asked[0].body == PAYLOAD
    return {name.lower(): value for name, value in peer.asked[0].headers.items()}


def example(language: str) -> str:
    [found] = re.findall(rf"```{language}\n((?:(?!```).)*verified\(.*?)```", DOCS, re.DOTALL)
    return str(found)


def in_python(calls: list[Call]) -> list[Any]:
    names: dict[str, Any] = {}
    exec(example("python"), names)
    return [_tried(names["verified"], *call) for call in calls]


def in_node(calls: list[Call]) -> list[Any]:
    program = example("js") + (
        "\nconst calls = JSON.parse(require('fs').readFileSync(0));"
        "\nconsole.log(JSON.stringify(calls.map(([secret, headers, body]) => {"
        "\n  try { return verified(secret, headers, Buffer.from(body, 'hex')); } catch (error) { return null; }"
        "\n})));"
    )
    given = json.dumps([(secret, headers, body.hex()) for secret, headers, body in calls])
    done = subprocess.run(["node", "-e", program], input=given, capture_output=True, text=True, timeout=60, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found


def _tried(verified: Callable[..., Any], secret: str, headers: dict[str, str], body: bytes) -> Any:
    try:
        return verified(secret, headers, body)
    except (standardwebhooks.WebhookVerificationError, ValueError):
        return None


@pytest.mark.parametrize("examined", [in_python, in_node])
def test_examples_believe_us_and_nobody_else(sent: dict[str, str], examined: Callable[[list[Call]], list[Any]]) -> None:
    old = to_ms(SystemClock().now()) // 1000 - 3_600
    late = dict(signatures.headers(signatures.secrets_of(SECRET), sent["webhook-id"], old, PAYLOAD))
    believed = json.loads(PAYLOAD)
    cases: list[tuple[Call, Any]] = [
        ((SECRET, sent, PAYLOAD), believed),
        ((OTHER, sent, PAYLOAD), believed),
        (("whsec_" + "AAAA" * 8, sent, PAYLOAD), None),
        ((SECRET, sent, PAYLOAD.replace(b"ep-1", b"ep-2")), None),
        ((SECRET, {**sent, "webhook-id": "msg_other"}, PAYLOAD), None),
        ((SECRET, {**sent, "webhook-timestamp": str(int(sent["webhook-timestamp"]) + 1)}, PAYLOAD), None),
        ((SECRET, {**sent, "webhook-signature": "v1,forged v1a,forged"}, PAYLOAD), None),
        ((SECRET, late, PAYLOAD), None),
    ]
    assert examined([call for call, _ in cases]) == [expected for _, expected in cases]
