"""What journeys ask of the record.

keys    many keys in a query
sent    how much they have sent somebody already
latest  what happened last to somebody, of what a condition speaks of
past    what happened at all, for walks over what was
"""
