"""The timeline of one person: what they did, what they were sent and why not, where they went."""
