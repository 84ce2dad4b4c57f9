from tests.columnar import chdb_directory, chdb_url, clickhouse_front, clickhouse_url, columnar, columnar_url
from tests.databases import bare_postgres_url, bare_url, database, postgres_url, state_url

__all__ = [
    "bare_postgres_url",
    "bare_url",
    "chdb_directory",
    "chdb_url",
    "clickhouse_front",
    "clickhouse_url",
    "columnar",
    "columnar_url",
    "database",
    "postgres_url",
    "state_url",
]
