"""What journeys send: when it may go out, what it says, and how much of it."""
