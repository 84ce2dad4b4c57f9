"""Having people called by a contact center.

model        numbers and names of calls (pure)
qualifying   who would still come to the activity, asked right before the call
telling      the events of calls
dialler      the calls: held, asked for, awaited
"""
