from tests.columnar import chdb_directory, clickhouse_front

__all__ = ["chdb_directory", "clickhouse_front"]
