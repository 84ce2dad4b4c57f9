"""Commands about the ways out: providers and lanes."""
