"""What happened in journeys: the record of moves, and the figures that are counted from it."""
