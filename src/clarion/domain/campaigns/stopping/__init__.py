"""Stopping runs in flight, and letting them go on: an extension, for the moment when somebody sees a mistake."""
