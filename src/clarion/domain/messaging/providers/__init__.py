"""Providers: who carries the messages of an installation, as its operator has configured them.

store      rows
service    add, change, remove; all of them as they are now
carriers   a channel's providers at work: which lanes they have, their transports, their connections
push       the same for push services, whose credentials each project has for itself
control    the control API's calls
"""
