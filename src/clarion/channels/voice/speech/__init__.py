"""Engines that turn text into speech at telephone rate.

port      what an engine is
espeak    eSpeak NG on this machine, a process for each text (`child`): the default
polly     Amazon Polly, or what stands in for it
spoken    the same text is spoken once; which engine speaks
"""
