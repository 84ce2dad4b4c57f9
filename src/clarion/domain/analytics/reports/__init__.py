"""Questions that are asked again and again: dashboards, which are always there, and reports, which somebody saved.

dashboards  charts that belong together, by name
answering   all charts of a dashboard, or the one of a report, as JSON, CSV, or a zip of CSVs
store       saved reports
service     saving, finding and deleting them
control     the control API's calls
"""
