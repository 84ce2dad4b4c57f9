"""Journeys: people on a path of activities, for months.

definition ─→ graph (parsed once) ─→ entry: who begins ─→ participants ─→ walking: due ones take their next steps
                                                                          └ activities: what a step does
"""
