"""Sending domains: the keys their mail is signed with, where its bounces and its tracking lead, and the DNS for it.

model      rules: names, states of keys
store      rows
service    add, change, rotate, remove; the signer and what dressing needs, as it is now
records    what is to be published in DNS
checking   what is published
sealing    whether the keys open, and sealing them anew
control    the control API's calls
"""
