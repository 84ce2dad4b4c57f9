"""Rows go in and out of the columnar store without pandas, which takes half a second and 55 MB to load."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from clarion.store.columnar import open_columnar
import pyarrow as pa
store = open_columnar("chdb://" + sys.argv[1])
store.command("CREATE TABLE t (a String) ENGINE = MergeTree ORDER BY a")
store.insert_arrow("t", pa.table({"a": pa.array(["x"], pa.string())}), token="token")
assert store.query("SELECT a FROM t") == [("x",)]
assert "pandas" not in sys.modules
store.close()
assert pa.table({"a": ["x"]}).to_pandas().a[0] == "x"
"""


def test_pandas_is_not_loaded_unless_somebody_asks_for_it(tmp_path: object) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
