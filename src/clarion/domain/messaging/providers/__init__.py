"""Providers: who carries the messages of an installation, as its operator has configured them.

store      rows
service    add, change, remove; all of them as they are now
carriers   a channel's providers at work: which lanes they have
push       the same for push services, whose credentials each project has for itself
mounts     their transports, open while they are in use
webhooks   what providers call of their own accord
checking   whether the channels of projects would work now; `checks` is the control API's call for it
sealing    whether their secrets open, and sealing them anew
control    the control API's calls
"""
