"""What providers tell of messages after they left, on its way into the record.

desk       takes it in for all channels and leads it to whoever deals with it
"""
