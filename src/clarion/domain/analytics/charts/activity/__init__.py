"""Charts of who is there, and for how long.

kept        the columnar table `activity`: on which days somebody was active, a bit a day
presence    the SQL that asks it: a row a person, with the days of a range as bits
people      erasing people from these tables
active      active, new and targetable endpoints and users; the sticky factor
sessions    sessions: how many, when, how long
sealing     the columnar table `session_starts`: sessions of days that are over
signing     sign-ins, sign-ups, and those that failed
"""
