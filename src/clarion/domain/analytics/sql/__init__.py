"""SQL over the record of one project: read, checked, rewritten, checked again by the engine's eyes, and run."""
