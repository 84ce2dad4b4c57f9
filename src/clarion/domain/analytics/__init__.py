"""Figures over a range of dates: each a definition of a line, all counted from the record of events alone."""
