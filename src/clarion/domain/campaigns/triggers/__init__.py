"""Event campaigns: a campaign that waits, in a window of time, for events and answers each with a message."""
