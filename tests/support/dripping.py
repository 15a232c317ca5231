"""A client that begins well and then sends one byte every tenth of a second."""

from __future__ import annotations

import asyncio

import httpx


async def dripped(address: str, begin: bytes, seconds: float = 30) -> bytes:
    """Everything that is answered until the other side closes; nothing more is sent once the answer begins.

    Args:
        address: of the server.
        begin: what is sent at once.
        seconds: within which the connection must be closed.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(address).port)
    writer.write(begin)
    dripping = asyncio.create_task(_drip(writer))
    answer = b""
    try:
        async with asyncio.timeout(seconds):
            while chunk := await reader.read(65536):
                dripping.cancel()
                answer += chunk
    except ConnectionResetError:
        pass  # closed while a byte was on its way
    finally:
        dripping.cancel()
        writer.close()
    return answer


async def _drip(writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"x")
        await asyncio.sleep(0.1)
