"""Text messages through an SMSC, by SMPP 3.4: our own client.

    transport ── compose (a message's PDUs) ── pool ── session (a bind, kept up) ── link (a connection) ── pdu (codec)
        └─ arrivals (what the SMSC delivers) ── receipts, concatenation ──> Feedback

Source of everything here: SMPP Protocol Specification v3.4, issue 1.2.
"""
