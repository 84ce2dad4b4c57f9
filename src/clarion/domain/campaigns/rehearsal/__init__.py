"""A dry run: who would get what of a campaign, and who nothing and why. Nothing is sent, nothing recorded.

telling   what is told of each member, read off the messages and refusals that a run would hand over
service   the course of a dry run, page by page, through what runs go through: members, parts, pages
control   the call of the control API
"""
