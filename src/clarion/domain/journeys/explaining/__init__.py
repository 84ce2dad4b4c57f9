"""Why: somebody's path through a journey, where they are, and what keeps them from getting in or further."""
