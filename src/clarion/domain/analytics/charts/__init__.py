"""Charts: figures by day, country, step … over what apps reported and what became of messages.

    request → `asked` (what is meant) → a definition in `catalog` → `sources` (SQL) → one query → `answers` (JSON, CSV)

model     what a chart is, and what is asked of one
asked     a request, checked: range, time zone, filters
sources   the parts of SQL that charts are made of: events in range, of the audience that is meant
catalog   all charts by name
answers   rows as the API answers them, with their total, average and change; CSV
service   asking
control   the control API's calls
"""
