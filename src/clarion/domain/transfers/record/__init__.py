"""Exports of the record: events of a range of time as Parquet or as the JSON lines of the event stream."""
