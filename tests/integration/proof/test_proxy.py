"""The faulty wire is faulty in the way it is told to be, and faithful otherwise."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.proof.proxy import Proxy


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(100):
        writer.write(chunk)
    writer.close()


@pytest.fixture
async def wire() -> AsyncIterator[Proxy]:
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with Proxy(lambda: asyncio.open_connection("127.0.0.1", port)).running() as proxy:
        yield proxy
    server.close()
    await server.wait_closed()


async def ask(wire: Proxy, words: bytes = b"question") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    try:
        writer.write(words)
        return await asyncio.wait_for(reader.read(100), 0.5)
    finally:
        writer.close()


async def ends(reader: asyncio.StreamReader) -> bool:
    """Whether the connection ends before a whole answer came."""
    try:
        return len(await asyncio.wait_for(reader.read(), 1)) < len(b"question")
    except ConnectionResetError:
        return True


async def test_it_passes_on(wire: Proxy) -> None:
    assert await ask(wire) == b"question"


async def test_it_delays(wire: Proxy) -> None:
    wire.delay = 0.1
    begin = asyncio.get_running_loop().time()
    assert await ask(wire) == b"question"
    assert asyncio.get_running_loop().time() - begin >= 0.2


async def test_what_it_swallows_never_comes_back(wire: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    wire.swallows = True
    writer.write(b"question")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(100), 0.2)
    wire.swallows = False
    writer.write(b"question")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(100), 0.2)
    writer.close()
    assert await ask(wire) == b"question"


async def test_it_tears(wire: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    wire.tears = True
    writer.write(b"question")
    assert await ends(reader)
    writer.close()
    wire.tears = False
    assert await ask(wire) == b"question"


async def test_it_cuts_what_is_open(wire: Proxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    writer.write(b"question")
    assert await reader.read(100) == b"question"
    wire.cut()
    assert await ends(reader)
    writer.close()


async def test_a_server_that_is_away_is_away_behind_the_wire_too() -> None:
    async def dial() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        raise ConnectionRefusedError

    async with Proxy(dial).running() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        assert await ends(reader)
        writer.close()
