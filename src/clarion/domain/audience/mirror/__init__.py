"""The mirror against the state: proving that both copies of the endpoints are equal, and making them so."""
