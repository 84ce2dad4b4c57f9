"""Clarion: open, self-hosted customer engagement that speaks the Amazon Pinpoint API."""
