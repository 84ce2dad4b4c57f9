"""ClickHouse's HTTP interface over an embedded chDB, so that tests can run against "a server".

    python -m tests.clickhouse_front --path DIR [--port 0] [--password SECRET]

prints its port and serves until it is told to stop, or with `--until-stdin-closes` until its parent is gone. It
knows what clickhouse-connect asks for: queries and inserts in body, `query` parameter or form, parameters,
settings, databases, compressed and chunked bodies, and errors in ClickHouse's own form. One chDB connection
serves one request, so settings do not leak and requests run side by side.
"""

from __future__ import annotations

import argparse
import base64
import email.parser
import email.policy
import gzip
import json
import os
import re
import signal
import sys
import threading
import uuid
import zlib
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import chdb
import lz4.frame
from backports import zstd

from clarion.store.columnar.chdb_recovery import forget_unfinished_inserts

# Parameters that steer the transport; everything else, except param_…, is a setting of the query.
_TRANSPORT = {
    *("query", "database", "default_format", "user", "password", "quota_key", "query_id", "role", "stacktrace"),
    *("session_id", "session_timeout", "session_check", "client_protocol_version", "compress", "decompress"),
    *("buffer_size", "wait_end_of_query", "enable_http_compression", "send_progress_in_http_headers"),
    *("http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close"),
}

_DECODERS = {
    "gzip": gzip.decompress,
    "deflate": zlib.decompress,
    "lz4": lz4.frame.decompress,
    "zstd": zstd.decompress,
    "identity": bytes,
}

_STATUS = {
    **dict.fromkeys((26, 27, 36, 41, 43, 53, 62, 70, 72, 117, 130, 131, 386, 457), 400),
    **dict.fromkeys((192, 193, 194, 516), 403),
    **dict.fromkeys((16, 46, 47, 50, 60, 73, 81, 115), 404),
    48: 501,
}

# Strings, quoted names and comments are skipped; what is left can be a FORMAT clause.
_INSERT_FORMAT = re.compile(
    rb"""(?>'(?:[^'\\]|\\.|'')*+'|"(?:[^"\\]|\\.)*+"|`(?:[^`\\]|\\.)*+`|--[^\n]*\n|/\*.*?\*/|\w++|[^\w'"`])*?"""
    rb"""\bFORMAT\s+(?P<format>\w+)[ \t\f]*(?:\r?\n|;?\s*\Z)""",
    re.IGNORECASE | re.DOTALL,
)
_INPUT = re.compile(r"\binput\s*\(\s*('(?:[^'\\]|\\.|'')*')\s*\)", re.IGNORECASE)
_ANSWERS_ROWS = re.compile(r"\s*\(*\s*(SELECT|WITH|SHOW|DESCRIBE|DESC|EXISTS|EXPLAIN)\b", re.IGNORECASE)
_FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*\Z", re.IGNORECASE)


class Refusal(Exception):
    """An error in ClickHouse's form: code, name, text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Engine:
    """The one chDB directory of this process."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        forget_unfinished_inserts(path)
        self.path = str(path)
        self._first = chdb.connect(self.path)  # keeps the engine up between requests
        rows = self._first.query("SELECT name FROM system.settings", "TabSeparated").bytes().decode()
        self._settings = frozenset(rows.split())
        self.timezone = self._first.query("SELECT timezone()", "TabSeparated").bytes().decode().strip()

    def close(self) -> None:
        self._first.close()

    def connect(self, settings: Mapping[str, str], database: str, *, readonly: bool) -> Any:
        for name in settings:
            if name not in self._settings:
                raise Refusal(115, f"Unknown setting '{name}'. (UNKNOWN_SETTING)")
        settings = {"implicit_select": "0", **settings}  # as on a server: an expression is no statement
        connection = chdb.connect(f"{self.path}?{urlencode(settings)}")
        try:
            if database:
                connection.query("USE `" + database.replace("\\", "\\\\").replace("`", "\\`") + "`")
            if readonly:
                connection.query("SET readonly = 2")
        except BaseException:
            connection.close()
            raise
        return connection


def run(connection: Any, sql: bytes, data: bytes, params: dict[str, str], format: str) -> tuple[bytes, Any]:
    """Run one statement; `data` is what came apart from the SQL. The answer's bytes and chDB's result."""
    if re.match(rb"\s*INSERT\s+INTO\b", sql, re.IGNORECASE):
        found = _INSERT_FORMAT.match(sql)
        if found is not None:
            head = sql[: found.start("format")].rstrip()[: -len("FORMAT")].decode()
            return b"", _insert(connection, head, found["format"].decode(), sql[found.end() :] + data)
    result = connection.query(sql + data, format, params=params)
    return result.bytes() or b"", result


def _insert(connection: Any, head: str, format: str, data: bytes) -> Any:
    if not _INPUT.search(head):
        with connection.send_insert(head, format) as inserting:
            if data:
                inserting.append(data)
            return inserting.finish()
    with os.fdopen(os.memfd_create("insert"), "wb") as file:
        file.write(data)
        file.flush()
        source = f"file('/proc/self/fd/{file.fileno()}', '{format}', "
        return connection.query(_INPUT.sub(lambda found: f"{source}{found[1]})", head))


class Handler(BaseHTTPRequestHandler):
    """One HTTP request: parameters and body in, ClickHouse's answer out."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one write per answer, at once: otherwise each costs a delayed acknowledgement
    disable_nagle_algorithm = True
    engine: Engine
    password: str

    def do_GET(self) -> None:
        self._answer(readonly=True)

    def do_POST(self) -> None:
        self._answer(readonly=False)

    def _answer(self, *, readonly: bool) -> None:
        url = urlsplit(self.path)
        body = self._body()
        if url.path == "/ping" or (url.path == "/" and not url.query and not body):
            self._send(200, b"Ok.\n", {})
            return
        try:
            self._authenticate()
            self._query(dict(parse_qsl(url.query, keep_blank_values=True)), body, readonly=readonly)
        except (Refusal, RuntimeError, chdb.ChdbError) as error:
            self._refuse(error)

    def _query(self, parameters: dict[str, str], body: bytes, *, readonly: bool) -> None:
        if self.headers.get_content_type() == "multipart/form-data":
            parameters, body = {**parameters, **_form(self.headers["Content-Type"], body)}, b""
        sql, data = (parameters["query"].encode(), body) if parameters.get("query") else (body, b"")
        format = parameters.get("default_format") or "TabSeparated"
        bound = {name[6:]: value for name, value in parameters.items() if name.startswith("param_")}
        settings = {
            name: value
            for name, value in parameters.items()
            if name not in _TRANSPORT and not name.startswith("param_")
        }
        connection = self.engine.connect(settings, parameters.get("database", ""), readonly=readonly)
        try:
            answer, result = run(connection, sql, data, bound, format)
        finally:
            connection.close()
        headers = {
            "X-ClickHouse-Query-Id": parameters.get("query_id") or str(uuid.uuid4()),
            "X-ClickHouse-Timezone": settings.get("session_timezone", self.engine.timezone),
            "X-ClickHouse-Summary": _summary(result),
        }
        text = sql.decode(errors="replace")
        if _ANSWERS_ROWS.match(text):
            named = _FORMAT.search(text)
            headers["X-ClickHouse-Format"] = named[1] if named else format
        self._send(200, answer, headers)

    def _authenticate(self) -> None:
        password = self.headers.get("X-ClickHouse-Key", "")
        scheme, _, credentials = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            password = base64.b64decode(credentials).decode().partition(":")[2]
        if password != self.password:
            raise Refusal(516, "default: Authentication failed: password is incorrect. (AUTHENTICATION_FAILED)")

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            body = b"".join(chunks)
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return _DECODERS[self.headers.get("Content-Encoding", "identity")](body)

    def _refuse(self, error: Exception) -> None:
        found = re.search(r"Code: (\d+)\. (?:DB::Exception: )?(.*)", str(error), re.DOTALL)
        code = error.code if isinstance(error, Refusal) else int(found[1]) if found else 1002
        text = str(error) if found is None else found[2]
        body = f"Code: {code}. DB::Exception: {text}\n".encode()
        self._send(_STATUS.get(code, 500), body, {"X-ClickHouse-Exception-Code": str(code)})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("X-ClickHouse-Server-Display-Name", "front")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet: a test that fails has the answer itself."""


def _form(content_type: str, body: bytes) -> dict[str, str]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    fields = {}
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        fields[str(part.get_param("name", header="Content-Disposition"))] = bytes(payload).decode()
    return fields


def _summary(result: Any) -> str:
    def count(name: str) -> str:
        value = getattr(result, name, 0)
        return str(value() if callable(value) else value)

    return json.dumps(
        {
            "read_rows": count("rows_read"),
            "read_bytes": count("bytes_read"),
            "written_rows": count("rows_written"),
            "written_bytes": count("bytes_written"),
            "total_rows_to_read": "0",
            "result_rows": count("rows_read"),
        }
    )


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--password", default="")
    parser.add_argument("--until-stdin-closes", action="store_true")
    arguments = parser.parse_args()
    Handler.engine, Handler.password = Engine(arguments.path.absolute()), arguments.password
    server = Server(("127.0.0.1", arguments.port), Handler)

    def stop(*_: object) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(server.server_port, flush=True)
    if arguments.until_stdin_closes:
        threading.Thread(target=lambda: (sys.stdin.read(), stop()), daemon=True).start()
    server.serve_forever()
    server.server_close()
    Handler.engine.close()


if __name__ == "__main__":
    main()
