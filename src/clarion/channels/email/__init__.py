"""E-mail: MIME, signatures, tracking, and the ways out for it."""
