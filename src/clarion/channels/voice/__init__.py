"""Calls: a text becomes speech, and the speech is played to whoever answers.

audio      samples: telephone coding (G.711) and the way down to 8 kHz
ssml       marked-up texts, checked and written for the engine that speaks them
scripts    a message's words, ready to be spoken
telling    reports of calls, on their way to whoever records them
voices     Amazon Polly's voices by name and language
speech/    engines that speak
sip/       our own user agent for SIP trunks
twilio     calls by a Twilio-compatible service
aws/       calls by AWS End User Messaging
"""
