"""E-mail straight to the servers of its recipients, without a relay of one's own.

config      what an operator can say, and what holds for the large receivers
routes      which hosts take a domain's mail, and which addresses may be connected to
sts         what receivers insist on (MTA-STS)
connecting  a connection to one of them, encrypted as wanted
sites       one receiver: its connections, its limits, and when it is left alone
transport   a batch, shared among receivers
"""
