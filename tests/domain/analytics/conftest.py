from tests.columnar import chdb_directory, chdb_url, clickhouse_front, clickhouse_url, columnar, columnar_url

__all__ = ["chdb_directory", "chdb_url", "clickhouse_front", "clickhouse_url", "columnar", "columnar_url"]
