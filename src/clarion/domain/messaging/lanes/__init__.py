"""Lanes: what moves messages from the outbox through a provider into the record.

names      what lanes and their queues are called
way        the port: where a channel's messages can go
looking    one more look at what waited, before it leaves
pump       one thread of a channel: lease, hand over, record
turns      which lane is served next, and how well each is doing
states     what people decided about lanes: paused, drained, rerouted, slower
figures    what lanes do, for people who look
control    the control API's calls
"""
