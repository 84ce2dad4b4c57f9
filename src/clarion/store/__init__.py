"""SQL mechanics and the columnar client: connections, transactions, migrations. Knows no feature."""
