"""One message to one recipient: gates, render, hand over, record.

Whoever runs something (a campaign, a direct send) asks `service.Messaging` to prepare messages for a page of
recipients and writes them to the outbox in its own transaction; a lane per channel hands them to a transport
and records what came of them as events.
"""
