"""Event streams: what happened in a project, as Pinpoint's records, to wherever it is wanted.

ingest log ─→ capture (follower) ─→ stream_backlog ─→ delivery (pump, a stream at a time) ─→ destination
"""
