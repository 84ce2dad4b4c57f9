"""Following the record as it grows: for whoever waits for events of certain types."""
