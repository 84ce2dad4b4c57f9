"""Text messages: their parts, and the ways out for them."""
