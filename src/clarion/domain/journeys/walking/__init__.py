"""Taking steps: whoever's time has come, all of a part of a journey together."""
