"""Recommender models: what an account has said about where recommendations come from, and asking for them.

`asking` turns people into recommendations over the port of `channels.calls`: a model of Amazon Personalize or a URL
of our own form, and, when there is one, a function that makes attributes of them.
"""
