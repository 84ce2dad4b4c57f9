"""Endpoints and users: who can be reached, where, and what is known about them.

The state database holds the truth by key (`store`), the ingest log carries each change to the columnar mirror
from which segments select (`columnar`). A user is nothing but the endpoints that carry the same user id.
"""
