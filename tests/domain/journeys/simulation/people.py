"""Random audiences: users with some endpoints, endpoints by themselves; what is known of them changes."""

from __future__ import annotations

import random
from collections.abc import Collection
from typing import Any

import msgspec

from clarion.domain.audience.model import endpoint_key
from clarion.domain.audience.service import item_of
from clarion.domain.audience.writing import Item
from clarion.shapes.pinpoint import EndpointBatchItem

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Australia/Adelaide")
CHANNELS = ("EMAIL", "EMAIL", "EMAIL", "SMS", "SMS", "GCM")


class Crowd:
    """The endpoints there ever are, by id."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.endpoints: dict[str, dict[str, Any]] = {}
        self.gone: set[str] = set()
        self._changed: set[str] = set()
        for number in range(chance.choice([1, 2, 4, 6, 10])):
            self._person(f"person{number}")

    @property
    def keys(self) -> list[str]:
        return [endpoint_key(one) for one in self.endpoints if one not in self.gone]

    def anybody(self) -> str:
        """The id of an endpoint that is there."""
        there = [one for one in self.endpoints if one not in self.gone]
        return self._chance.choice(there) if there else ""

    def user_of(self, endpoint_id: str) -> str:
        return str(self.endpoints[endpoint_id].get("User", {}).get("UserId", ""))

    def person_of(self, endpoint_id: str) -> list[str]:
        """All endpoints of whoever has this one."""
        user_id = self.user_of(endpoint_id)
        return [one for one in self.endpoints if one == endpoint_id or (user_id and self.user_of(one) == user_id)]

    @property
    def never(self) -> set[str]:
        """Endpoints that never wanted anything."""
        return {one for one, endpoint in self.endpoints.items() if endpoint.get("OptOut") == "ALL"} - self._changed

    def zone_of(self, key: str) -> str:
        """The time zone of an endpoint as it names it, now."""
        found = next(endpoint for one, endpoint in self.endpoints.items() if endpoint_key(one) == key)
        return str(found.get("Demographic", {}).get("Timezone", ""))

    def keys_of(self, participant: str, channels: Collection[str]) -> list[str]:
        """The keys of a participant's endpoints of these channels."""
        return [
            endpoint_key(one)
            for one, endpoint in self.endpoints.items()
            if endpoint["ChannelType"] in channels and participant in (f"u{self.user_of(one)}", f"e{endpoint_key(one)}")
        ]

    def items(self) -> list[Item]:
        """All of them, to be registered."""
        return [self.item(endpoint_id) for endpoint_id in self.endpoints]

    def item(self, endpoint_id: str) -> Item:
        return item_of(endpoint_id, msgspec.convert(self.endpoints[endpoint_id], EndpointBatchItem), "simulation")

    def change(self, endpoint_id: str) -> Item:
        """Somebody changes their mind, or moves."""
        endpoint = self.endpoints[endpoint_id]
        match self._chance.randrange(3):
            case 0:
                self._changed.add(endpoint_id)
                endpoint["OptOut"] = "NONE" if endpoint.get("OptOut") == "ALL" else "ALL"
            case 1:
                endpoint["Demographic"] = {"Timezone": self._chance.choice(ZONES)}
            case 2:
                endpoint["Attributes"] = {"colour": [self._chance.choice(["red", "green"])]}
        return self.item(endpoint_id)

    def _person(self, name: str) -> None:
        chance = self._chance
        by_itself = chance.random() < 0.4
        for number in range(1 if by_itself else chance.choice([1, 1, 2, 3])):
            channel = chance.choice(CHANNELS)
            endpoint: dict[str, Any] = {"ChannelType": channel, "Address": self._address(channel, f"{name}x{number}")}
            if not by_itself:
                endpoint["User"] = {"UserId": name}
            if chance.random() < 0.6:
                endpoint["Demographic"] = {"Timezone": chance.choice(ZONES)}
            if chance.random() < 0.1:
                endpoint["OptOut"] = "ALL"
            if chance.random() < 0.05:
                endpoint["EndpointStatus"] = "INACTIVE"
            if chance.random() < 0.5:
                endpoint["Attributes"] = {"colour": [chance.choice(["red", "green"])]}
            self.endpoints[f"{name}x{number}"] = endpoint

    def _address(self, channel: str, name: str) -> str:
        if channel == "EMAIL":
            # Now and then two endpoints share one.
            return f"{name if self._chance.random() < 0.9 else name[:-2]}@example.com"
        return f"+4915{self._chance.randrange(10**8):08}" if channel == "SMS" else f"token-{name}"
