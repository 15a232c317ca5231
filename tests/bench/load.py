"""A load generator that costs little: raw HTTP/1.1 over kept connections, in a process of its own.

`python -m tests.bench.load` reads a `Plan` from its input, sends it, and writes a `Result` to its output.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import deque
from typing import Any
from uuid import uuid4

import msgspec
import uvloop

from tests.bench.rounds import percentile


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to send.

    Attributes:
        port: of the loopback.
        head: first line and headers, without those that depend on the body.
        body: sent with each request; empty for none.
        clients: connections; each sends its next request when the answer has come.
        seconds: for how long.
        rate: requests a second, all clients together; 0 for as many as possible.
        keyed: whether each request gets an `Idempotency-Key` of its own.
    """

    port: int
    head: str
    body: str = ""
    clients: int
    seconds: float
    rate: float = 0
    keyed: bool = False


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came back: latencies in milliseconds; with a rate, also the instant and the body of each good answer."""

    answers: int
    refused: int
    rate: float
    p50: float
    p99: float
    answered: list[tuple[float, str]] = []


class Connection(asyncio.Protocol):
    """One client: a request at a time, as fast as answers come or as starts are due."""

    def __init__(self, plan: Plan, run: Run) -> None:
        self._plan, self._run = plan, run
        self._received = bytearray()
        self._began = 0.0
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self) -> None:
        self._began = time.perf_counter()
        self.transport.write(self._run.request())

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, rest = self._received.partition(b"\r\n\r\n")
        if not found or len(rest) < _content_length(head):
            return
        self._run.answered(self, int(head[9:12]), time.perf_counter() - self._began, bytes(rest))
        self._received.clear()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost()


def _content_length(head: bytes) -> int:
    start = head.lower().index(b"content-length:") + 15
    return int(head[start:].split(b"\r\n", 1)[0])


class Run:
    """One plan on its way."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._end = 0.0
        self._latencies: list[float] = []
        self._answered: list[tuple[float, str]] = []
        self._refused = 0
        self._idle: deque[Connection] = deque()
        self._body = plan.body.encode()
        self._head = f"{plan.head}\r\nHost: 127.0.0.1\r\nContent-Length: {len(self._body)}\r\n".encode()

    def request(self) -> bytes:
        key = f"Idempotency-Key: {uuid4()}\r\n".encode() if self._plan.keyed else b""
        return self._head + key + b"\r\n" + self._body

    def answered(self, connection: Connection, status: int, seconds: float, body: bytes) -> None:
        self._latencies.append(seconds * 1000)
        if status >= 300:
            self._refused += 1
        elif self._plan.rate:
            self._answered.append((time.time(), body.decode()))
        if self._plan.rate:
            self._idle.append(connection)
        elif time.perf_counter() < self._end:
            connection.send()

    def lost(self) -> None:
        """Count a connection that the server closed as an answer that did not come."""
        self._refused += time.perf_counter() < self._end

    async def go(self) -> Result:
        plan, loop = self._plan, asyncio.get_running_loop()
        made = [
            await loop.create_connection(lambda: Connection(plan, self), "127.0.0.1", plan.port)
            for _ in range(plan.clients)
        ]
        connections = [connection for _, connection in made]
        began = time.perf_counter()
        self._end = began + plan.seconds
        if plan.rate:
            self._idle.extend(connections)
            await self._pace(began)
        else:
            for connection in connections:
                connection.send()
            await asyncio.sleep(plan.seconds)
            while not self._latencies and not self._refused:  # a busy machine may take longer for its first answer
                await asyncio.sleep(0.001)
        took, good = time.perf_counter() - began, len(self._latencies) - self._refused
        for connection in connections:
            connection.transport.close()
        return Result(
            answers=good,
            refused=self._refused,
            rate=good / took,
            p50=percentile(self._latencies, 0.5),
            p99=percentile(self._latencies, 0.99),
            answered=self._answered,
        )

    async def _pace(self, began: float) -> None:
        """Start requests when they are due; a client that is not free yet is waited for."""
        for rank in range(round(self._plan.rate * self._plan.seconds)):
            await asyncio.sleep(max(0.0, began + rank / self._plan.rate - time.perf_counter()))
            while not self._idle:
                await asyncio.sleep(0.001)
            self._idle.popleft().send()
        while len(self._idle) < self._plan.clients:
            await asyncio.sleep(0.001)


async def load(plan: Plan) -> Result:
    """Send a plan from another process.

    Raises:
        RuntimeError: it failed, or something was refused; the message says what.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(msgspec.json.encode(plan))
    if process.returncode:
        raise RuntimeError("the load generator failed")
    result = msgspec.json.decode(out, type=Result)
    if result.refused or not result.answers:
        raise RuntimeError(f"{result.refused} requests were refused, {result.answers} answered: {plan.head}")
    return result


if __name__ == "__main__":
    sent = uvloop.run(Run(msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)).go())
    sys.stdout.buffer.write(msgspec.json.encode(sent))
