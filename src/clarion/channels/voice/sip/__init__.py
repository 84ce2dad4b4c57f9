"""A small SIP user agent that calls, speaks, and hangs up. Source: RFC 3261, 3264, 3550, 3551, 3581, 8760.

message        requests and responses: read, written
digest         answers to challenges
sdp            which sound goes where
link           UDP, TCP and TLS
transactions   a request and what comes back for it, sent again where nothing does
rtp            the sound, 50 packets a second
dialog         what two sides of a call know of each other
call           one call, from dialling to hanging up
agent          all calls of a trunk, and what the trunk asks us
registration   being known to a trunk that wants to know us
provider       the trunk as a provider of calls
"""
