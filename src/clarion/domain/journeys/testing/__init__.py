"""Trying a journey with a few people before anybody else: a copy of it that hardly waits, and that only they enter."""
