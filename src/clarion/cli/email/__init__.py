"""`clarion email`: who is not written to and why, complaints, and topics that people may choose."""
