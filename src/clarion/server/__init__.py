"""The composition root: builds everything once, mounts the wire, serves health, metrics and the local pages."""
