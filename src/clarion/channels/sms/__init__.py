"""Text messages: their parts, the ways out for them, and people's texts on their way on.

size        how many parts a text has; `gsm` the alphabets, and where a long one is cut
smpp/       an SMSC
twilio      Twilio, or a service that speaks as it does
aws         AWS End User Messaging; `voice_v2` loads boto3
simulator   numbers that no text leaves for
forwarding  people's texts to a webhook or a topic; `topics` loads boto3
"""
