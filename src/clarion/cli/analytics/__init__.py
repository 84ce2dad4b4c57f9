"""Commands for figures: charts, dashboards, saved reports, and how long events are kept.

chart       `clarion chart`
dashboards  `clarion dashboard`
reports     `clarion report`
retention   `clarion retention`
showing     several charts on a terminal, or into a file
"""
