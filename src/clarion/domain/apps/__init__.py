"""Projects and what hangs on them directly: settings, tags, channels, access keys."""
