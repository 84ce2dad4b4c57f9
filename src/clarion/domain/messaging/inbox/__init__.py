"""The local inbox: what the inbox transport delivered, kept to be looked at by programs and people."""
