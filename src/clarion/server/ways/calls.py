"""Calls to hooks and webhooks in one process: how they are signed, and what is known of those that fail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from clarion.channels.calls.circuit import State
from clarion.channels.calls.circuits import CircuitView
from clarion.channels.calls.service import Callouts
from clarion.core.clock import Clock, iso_ms
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.apps.channels.signing import Shown, Signing
from clarion.domain.apps.service import Apps
from clarion.store.database import Database
from clarion.store.vault import Vault
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.keys import DEVELOPERS, READERS

SIGNED_BY = "/clarion/v1/webhook-secret"
CIRCUITS = "/clarion/v1/circuits"


class Base(Protocol):
    """What it stands on: parts of `System`."""

    settings: Settings
    clock: Clock
    ids: Ids
    metrics: CollectorRegistry
    database: Database
    apps: Apps
    vault: Vault


class SecretRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Whose secret."""

    application_id: str


class RotateRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Whose secret is to be changed, and whether the one before ends at once."""

    application_id: str
    at_once: bool = False


class WebhookSecret(msgspec.Struct, kw_only=True, rename="pascal", omit_defaults=True):
    """What signs a project's calls. `Previous` signs too, until `PreviousUntil`."""

    secret: str
    previous: str = ""
    previous_until: str = ""


class Circuit(msgspec.Struct, kw_only=True, rename="pascal", omit_defaults=True):
    """A destination that has failed and not worked since. `RetryAt`: nobody calls it until then."""

    destination: str
    state: str
    failures: int
    since: str
    retry_at: str = ""
    reason: str


class CircuitList(msgspec.Struct, kw_only=True, rename="pascal"):
    """All of them, as the process that answers knows them."""

    circuits: list[Circuit]


class CallParts:
    """`callouts`, and what people may ask and change of them."""

    def __init__(self, base: Base) -> None:
        self._signing = Signing(base.database, base.apps, base.vault, base.clock, base.ids)
        self.callouts = Callouts(base.settings, clock=base.clock, signing=self._signing.of)
        base.metrics.register(CircuitMetrics(self.callouts))

    def add_to(self, control: ControlApi) -> None:
        """Add the routes of the control API."""
        control.add(
            "GET",
            SIGNED_BY,
            SecretRequest,
            WebhookSecret,
            self.webhook_secret,
            roles=DEVELOPERS,
            summary="Show the secret that signs a project's calls to hooks and webhooks; made when it is first wanted.",
        )
        control.add(
            "POST",
            f"{SIGNED_BY}/rotate",
            RotateRequest,
            WebhookSecret,
            self.rotate_webhook_secret,
            roles=DEVELOPERS,
            summary="Make a new one; the one before signs for another day as well.",
        )
        control.add(
            "GET",
            CIRCUITS,
            Nothing,
            CircuitList,
            self.list_circuits,
            roles=READERS,
            summary="List the destinations of the custom channel that fail.",
        )

    def webhook_secret(self, ctx: Context, request: SecretRequest) -> WebhookSecret:
        return _secret(self._signing.show(ctx.scope, request.application_id))

    def rotate_webhook_secret(self, ctx: Context, request: RotateRequest) -> WebhookSecret:
        made = self._signing.rotate(ctx.scope, request.application_id, ctx.principal_arn, at_once=request.at_once)
        return _secret(made)

    def list_circuits(self, ctx: Context, request: Nothing) -> CircuitList:
        return CircuitList(circuits=[_circuit(view) for view in self.callouts.circuits()])


class CircuitMetrics(Collector):
    """`clarion_callout_circuits{state}`: destinations that have failed and not worked since, by what is let through."""

    def __init__(self, callouts: Callouts) -> None:
        self._callouts = callouts

    def collect(self) -> Iterator[GaugeMetricFamily]:
        gauge = GaugeMetricFamily("clarion_callout_circuits", "Destinations that have failed lately.", labels=["state"])
        for state, count in self._callouts.circuit_counts().items():
            gauge.add_metric([state.value.replace(" ", "_")], count)
        yield gauge


def _secret(shown: Shown) -> WebhookSecret:
    until = iso_ms(shown.until_ms) if shown.previous else ""
    return WebhookSecret(secret=shown.secret, previous=shown.previous, previous_until=until)


def _circuit(view: CircuitView) -> Circuit:
    return Circuit(
        destination=view.destination,
        state=view.state.value,
        failures=view.failures,
        since=iso_ms(view.since_ms),
        retry_at="" if view.state is State.CLOSED else iso_ms(view.until_ms),
        reason=view.reason,
    )
