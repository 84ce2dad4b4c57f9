"""A relay that remembers what it took, for runs whose servers are killed: the only witness of what left them.

A message counts from the moment its last line is here, whether or not whoever sent it lives to read the answer.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import closing, suppress
from email.parser import BytesHeaderParser
from typing import NamedTuple

_ANSWERS = {
    b"EHLO": b"250-relay\r\n250 8BITMIME\r\n",
    b"HELO": b"250 relay\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"RSET": b"250 ok\r\n",
    b"NOOP": b"250 ok\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}


class Taken(NamedTuple):
    """A message: to whom, under which id, and its subject."""

    to: str
    message_id: str
    subject: str


class Relay:
    """Listens on `port` of the loopback address, on a thread of its own, until `close`."""

    def __init__(self) -> None:
        self.taken: list[Taken] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(10)

    async def _open(self) -> None:
        self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Listen no longer, and end what is being said."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        talks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError), closing(writer):
            writer.write(b"220 relay\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                writer.write(_ANSWERS.get(verb, b"500 what?\r\n"))
                if verb == b"DATA":
                    content = await reader.readuntil(b"\r\n.\r\n")
                    self._take(content)
                    writer.write(b"250 taken\r\n")
                if verb == b"QUIT":
                    break
                await writer.drain()

    def _take(self, content: bytes) -> None:
        headers = BytesHeaderParser().parsebytes(content, headersonly=True)
        self.taken.append(Taken(str(headers["To"]), str(headers["Message-ID"]), str(headers["Subject"])))
