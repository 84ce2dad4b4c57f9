"""The endpoints behind participants: an endpoint walks by itself, a user with all their endpoints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.service import Audience
from clarion.domain.journeys.model import Walker


class Walkers:
    """`activities.port.People` over the audience."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience

    def endpoints(self, app_id: str, group: Sequence[Walker]) -> Mapping[str, Sequence[Endpoint]]:
        """By participant; nobody there any more: left out."""
        users = [walker.user_id for walker in group if walker.user_id]
        of_users = self._audience.keys_of_users(app_id, users) if users else {}
        keys = {walker.participant: [walker.endpoint_key] for walker in group if walker.endpoint_key}
        keys |= {f"u{user_id}": found for user_id, found in of_users.items()}
        loaded = self._audience.load(app_id, [key for some in keys.values() for key in some])
        found = {one: [loaded[key] for key in some if key in loaded] for one, some in keys.items()}
        return {participant: some for participant, some in found.items() if some}
