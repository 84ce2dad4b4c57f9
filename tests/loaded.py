"""Loaded once by the process that `tests.processes` forks from, with all that commands load sooner or later.

Not chDB: it starts threads, which do not outlive a fork.
"""

from __future__ import annotations

import gc

import psycopg  # noqa: F401
import pydantic.type_adapter  # noqa: F401
import uvicorn.lifespan.off
import uvicorn.loops.uvloop
import uvicorn.protocols.http.httptools_impl  # noqa: F401

import clarion.cli.main
import clarion.server.running
import clarion.store.columnar.clickhouse
import clarion.store.postgres
import clarion.store.sqlite  # noqa: F401
import tests.processes  # noqa: F401
from clarion.core import structs

structs.prepare()
gc.collect()
gc.freeze()
