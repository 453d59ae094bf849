"""A real HTTP server on a Unix socket that answers, cuts and lies as a test tells it to."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from agent.client.registration import Address


@dataclass(frozen=True)
class Request:
    """What came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Scripted:
    """Answers the requests in order, the last answer for ever; a connection serves one request."""

    socket: Path
    answers: list[Answer]
    requests: list[Request] = field(default_factory=list)

    async def find(self) -> Address:
        """Say where it listens."""
        return Address(socket=str(self.socket))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, v in (line.split(":", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        method, path, _ = first.split()
        request = Request(method, path, headers, body)
        answer = self.answers[min(len(self.requests), len(self.answers) - 1)]
        self.requests.append(request)
        try:
            await answer(request, writer)
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def serving(directory: Path, *answers: Answer) -> AsyncIterator[Scripted]:
    """Run a server for the length of a test."""
    script = Scripted(directory / "scripted.sock", list(answers))
    server = await asyncio.start_unix_server(script.serve, str(script.socket))
    try:
        yield script
    finally:
        server.close()
        await server.wait_closed()


def document(content: object, status: int = 200, kind: str = "application/json") -> Answer:
    """Answer with a JSON document."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + body)

    return answer


def stream(*chunks: bytes, cut: bool = False) -> Answer:
    """Answer with a stream of events; `cut` leaves out how a stream ends properly."""

    async def answer(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for chunk in chunks:
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
        if not cut:
            writer.write(b"0\r\n\r\n")

    return answer


async def nothing(_: Request, writer: asyncio.StreamWriter) -> None:
    """Close the connection without a word."""
    writer.transport.abort()
