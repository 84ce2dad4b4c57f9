"""Who enters a journey, and when: from a segment, by an event, again at each refresh."""
