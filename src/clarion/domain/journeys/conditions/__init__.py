"""What splits ask of people.

offered    the events that a message activity of each channel may be asked for (pure)
faults     what is wrong with a condition, for reviews (pure)
judging    for whom conditions hold now: one query over the audience, one over the record of events
"""
