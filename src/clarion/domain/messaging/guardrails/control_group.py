"""The control group of a project: people whom no campaign writes to, to compare everybody else with. Pure.

Who is in it is drawn by a keyed hash of the person's id: the same for all campaigns and for ever. A group that is
made larger keeps its members. Nobody who does not have the key can tell, or choose, who will be in it.
"""

from __future__ import annotations

from hashlib import blake2b

from clarion.domain.audience.model import Endpoint


def in_control_group(secret: bytes, app_id: str, person: str, percent: int) -> bool:
    """Whether a person (`person_of`) is in a group of that size. `secret` is the installation's, at most 64 bytes."""
    digest = blake2b(f"{app_id}/{person}".encode(), key=secret, digest_size=8, person=b"clarion-control").digest()
    return int.from_bytes(digest, "big") % 10_000 < percent * 100


def person_of(endpoint: Endpoint) -> str:
    """Who is drawn: the user with all their endpoints, or an endpoint that belongs to nobody."""
    return f"user/{endpoint.user_id}" if endpoint.user_id else f"endpoint/{endpoint.key}"
