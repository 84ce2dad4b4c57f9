"""The `clarion` command: parses arguments, calls the server or its API."""
