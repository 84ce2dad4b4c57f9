"""What journeys ask of the record.

sent    how much they have sent somebody already
latest  what happened last to somebody, of what a condition speaks of
past    what happened at all, for walks over what was
"""
