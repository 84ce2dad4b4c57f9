"""Events: what apps report, what Clarion did, and why; the record of everything that happened.

PutEvents walks through `pipeline.STEPS` into the ingest log and is acknowledged; what the product itself does
is written with `service.Events.record` in the transaction that does it. One sink carries both from the log into
the columnar table `events`, which everybody reads: analytics, segments, journeys, streams, "why".
"""
