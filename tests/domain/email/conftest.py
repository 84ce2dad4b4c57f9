from __future__ import annotations

from tests.databases import database, postgres_url, state_url

__all__ = ["database", "postgres_url", "state_url"]
