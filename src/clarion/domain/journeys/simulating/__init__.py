"""What a journey would have done: people of today walk it over the recorded past, on a clock of its own.

past      what was: events that start, exit, are awaited; how people respond to messages
stand_ins what activities work with, instead of the world: nothing is sent, nobody is called
playing   the clock: who enters when, who is due when
telling   what came of it, counted
service   puts it together
"""
