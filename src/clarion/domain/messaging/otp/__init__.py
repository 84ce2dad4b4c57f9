"""One-time passwords: a code goes out as a text message, and is checked when somebody types it in.

model       what may be asked for, how codes are made and kept: as keyed digests, never in clear
texts       what the message says, in thirteen languages
store       codes that wait to be typed in
service     sending and verifying
people      what of it goes with a person
operations  the AWS operations
"""
