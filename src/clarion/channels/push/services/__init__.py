"""The push services: one file each that delivers to it, and what they share.

What a service gets is written elsewhere (`forms`); here is how it is handed over and what its answers mean.
"""

from __future__ import annotations

from typing import get_args

from clarion.channels.port import PushService

SERVICES: frozenset[PushService] = frozenset(get_args(PushService))
"""Their names, which are the channel types of their endpoints."""
