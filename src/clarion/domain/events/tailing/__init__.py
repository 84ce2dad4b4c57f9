"""The live tail: events as they arrive, and those that were not taken, with the rule that says so."""
