"""AWS protocols inbound: tables, routing, SigV4, codecs, errors, the registry of operations."""
