"""Editing a journey while people are inside: a new version for those who enter, the old one for those on their way."""
