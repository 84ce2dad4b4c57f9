"""Direct messages: what a program sends to addresses, endpoints and users of its choice, now."""
