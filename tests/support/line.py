"""A line between two programs that a test can disturb: a small TCP proxy with moods."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

from worker.training.servers import HOST

_CHUNK = 65536
_PATIENCE = 10.0
_HANG_UP_HARD = struct.pack("ii", 1, 0)  # SO_LINGER of no seconds: the other side sees a reset, not an end


class Mood(StrEnum):
    """What the line does with everything that goes over it, connections that are open already included."""

    PASS = "pass"
    REFUSE = "refuse"
    """Nobody is at home: connections are refused, and open ones are reset."""
    SILENT = "silent"
    """Everything is swallowed and nothing comes back."""
    CUT_ANSWER = "cut_answer"
    """The request arrives and takes effect; at the answer's first byte the line is cut."""
    TRICKLE = "trickle"
    """A few bytes at a time."""


class Line:
    """Listens on ``port`` and passes on to ``target`` (both on loopback), in a thread of its own."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.mood = Mood.PASS
        self.carried = 0
        self.cut = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"line-{port}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._in_loop(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._in_loop(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def become(self, mood: Mood) -> None:
        """Change the mood; who waits on an open connection feels it at once."""
        self._in_loop(self._become(mood))

    def _in_loop(self, work: object) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)  # type: ignore[arg-type]

    async def _become(self, mood: Mood) -> None:
        before, self.mood = self.mood, mood
        if mood is Mood.REFUSE:
            await self._shut_door()
        elif before is Mood.REFUSE:
            await self._listen()
        if Mood.SILENT in (before, mood) or mood is Mood.REFUSE:
            self._hang_up_all()  # what was swallowed would be missing in the middle of a connection

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._carry, HOST, self.port)

    async def _shut(self) -> None:
        await self._shut_door()
        self._hang_up_all()
        await asyncio.sleep(0)
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await asyncio.sleep(0.01)  # what was hung up on is closed by the loop itself, a little later

    async def _shut_door(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _hang_up_all(self) -> None:
        self.cut += len(self._open)
        for writer in self._open:
            _hang_up(writer)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.carried += 1
        self._open.add(writer)
        try:
            if self.mood is Mood.SILENT:
                await _swallow(reader)
            else:
                await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # either side hung up, which is what lines are for here, or the line itself is taken down
        finally:
            self._open.discard(writer)
            _hang_up(writer)

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(HOST, self.target)
        ways = [
            asyncio.ensure_future(self._pass_on(reader, far_writer, answers=False)),
            asyncio.ensure_future(self._pass_on(far_reader, writer, answers=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            far_writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        while chunk := await reader.read(_CHUNK):
            if answers and self.mood is Mood.CUT_ANSWER:
                self.cut += 1
                _hang_up(writer)
                return
            if self.mood is Mood.TRICKLE:
                await _trickle(writer, chunk)
            else:
                writer.write(chunk)
                await writer.drain()


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(_CHUNK):
        pass


async def _trickle(writer: asyncio.StreamWriter, chunk: bytes) -> None:
    for start in range(0, len(chunk), 40):
        writer.write(chunk[start : start + 40])
        await writer.drain()
        await asyncio.sleep(0.03)


def _hang_up(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        open_socket = writer.get_extra_info("socket")
        if open_socket is not None:
            open_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HANG_UP_HARD)
    writer.transport.abort()
