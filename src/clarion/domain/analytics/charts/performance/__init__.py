"""Charts of what brought something: events and their values, money, what people use, messages and what they led to.

parts           the SQL that several of these are made of
events          events by day, by type, by attribute; the values of metrics
revenue         purchases and who made them
demographics    what people are and use, of the audience's endpoints
campaigns       what became of the messages of campaigns
responses       what people did within 24 hours of a campaign's message
journeys        what became of the messages of journeys
transactional   what became of the messages that programs sent
"""
