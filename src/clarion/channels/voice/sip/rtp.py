"""The sound of one call, on its way: a packet of 20 ms every 20 ms. Source: RFC 3550, 5; RFC 3551, 4.5.14.

We send from the port that we listen at. If packets of the other side come from its host but another port than it named
(somebody in between translates addresses), ours go there, too.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from clarion.channels.voice.audio import FRAME, FRAME_SECONDS, SILENCE
from clarion.channels.voice.sip.link import Hop

_LAG_FRAMES = 10


class Pacer:
    """Beats, one a frame, counted from the first so that late ones do not add up.

    `now` and `sleep` are those of the event loop unless given. After a pause of more than 200 ms beats start anew: what
    was missed is not sent in one heap.
    """

    def __init__(
        self,
        interval: float = FRAME_SECONDS,
        *,
        now: Callable[[], float] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._interval = interval
        self._now = now
        self._sleep = sleep

    async def beats(self, count: int) -> AsyncIterator[int]:
        """The numbers of `count` frames, each when it is due."""
        now = self._now or asyncio.get_running_loop().time
        first = now()
        for number in range(count):
            wait = first + number * self._interval - now()
            if wait > 0:
                await self._sleep(wait)
            elif -wait > _LAG_FRAMES * self._interval:
                first -= wait
            yield number


class Stream(asyncio.DatagramProtocol):
    """One call's sound. `heard` counts packets of the other side."""

    def __init__(self, *, source: int, sequence: int, timestamp: int) -> None:
        self._source = source
        self._sequence = sequence
        self._timestamp = timestamp
        self._transport: asyncio.DatagramTransport | None = None
        self._peer: Hop | None = None
        self.held = False
        self.heard = 0

    @property
    def port(self) -> int:
        """Where we listen."""
        return 0 if self._transport is None else int(self._transport.get_extra_info("sockname")[1])

    async def open(self, host: str, ports: tuple[int, int]) -> None:
        """Listen at a free port of a range; at any when the range is (0, 0). Raises OSError when none is free."""
        loop = asyncio.get_running_loop()
        first, last = ports
        for port in range(first, last + 1, 2):
            try:
                await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
            except OSError:
                continue
            return
        raise OSError("no port is free for sound")

    def connection_made(self, transport: Any) -> None:
        """See asyncio."""
        self._transport = transport

    def towards(self, peer: Hop) -> None:
        """Send to this address from now on."""
        self._peer = peer

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """What we hear is only counted; where it comes from is where we send."""
        if len(data) >= 12 and data[0] >> 6 == 2:
            self.heard += 1
            if self._peer is not None and addr[0] == self._peer[0]:
                self._peer = (addr[0], addr[1])

    def error_received(self, exc: Exception) -> None:
        """The other side does not listen yet, or no more."""

    async def play(self, sound: bytes, payload_type: int, pacer: Pacer) -> None:
        """Send coded sound, in time; while the other side holds us, nothing, and the text waits."""
        frames = [sound[start : start + FRAME] for start in range(0, len(sound), FRAME)]
        place = 0
        while place < len(frames):
            begun = place == 0
            async for _ in pacer.beats(len(frames) - place):
                if self.held:
                    break
                self._send(frames[place].ljust(FRAME, SILENCE[payload_type]), payload_type, begun=begun)
                begun = False
                place += 1
            if self.held:
                async for _ in pacer.beats(2):
                    self._timestamp = (self._timestamp + FRAME) % 2**32

    def _send(self, frame: bytes, payload_type: int, *, begun: bool) -> None:
        marked = payload_type | (0x80 if begun else 0)
        head = struct.pack("!BBHII", 0x80, marked, self._sequence, self._timestamp, self._source)
        self._sequence = (self._sequence + 1) % 2**16
        self._timestamp = (self._timestamp + FRAME) % 2**32
        if self._transport is not None and self._peer is not None and not self._transport.is_closing():
            self._transport.sendto(head + frame, self._peer)

    def close(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()
