"""Alembic: how one schema becomes the next."""
