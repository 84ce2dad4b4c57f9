"""Work over time: leased jobs, the ingest log, pumps, leadership, rates and back-off. Knows no feature."""
