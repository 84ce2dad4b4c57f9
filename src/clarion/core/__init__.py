"""Clock, ids, settings, errors, page tokens: the only room that reads time, randomness and environment."""
