"""Four eyes: a campaign that runs only when somebody else than its author has approved it."""
