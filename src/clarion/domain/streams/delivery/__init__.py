"""The way from the backlog to the destinations: whose turn it is (`pump`), one stream's turn (`courier`), and what of
its backlog has been sent and what must be sent again (`portion`)."""
