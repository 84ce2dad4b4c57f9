from tests.server.conftest import chdb_directory, chdb_url, house, postgres_url, state_url

__all__ = ["chdb_directory", "chdb_url", "house", "postgres_url", "state_url"]
