"""A service that speaks HTTP/1.1 as a test tells it: well, badly, slowly, or not at all."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

Misbehaviour = Literal["hang", "reset", "half", "garbage"]


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Reply:
    """What is answered: JSON, unless it is bytes."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Rest:
    """`answer` is asked for each request, in the order in which they come."""

    answer: Callable[[Asked], Reply | Misbehaviour]
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0

    @asynccontextmanager
    async def serve(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        """Yields its URL."""
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            self.connections += 1
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
                while await self._exchange(reader, writer, self.connections):
                    pass
            self.open -= 1
            writer.transport.abort()

        server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"https://localhost:{port}" if tls else f"http://127.0.0.1:{port}"
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        asked = Asked(method, path, headers, body, connection)
        self.asked.append(asked)
        told = self.answer(asked)
        if told == "hang":
            await reader.read()
            return False
        if told == "reset":
            writer.transport.abort()
            return False
        if told == "garbage":
            writer.write(b"220 mail.example ESMTP\r\n\r\n")
            await writer.drain()
            return False
        if told == "half":
            writer.write(b'HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"sid":')
            await writer.drain()
            return False
        assert isinstance(told, Reply)
        data = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
        lines = [f"HTTP/1.1 {told.status} Whatever", f"content-length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in told.headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + data)
        await writer.drain()
        return True
