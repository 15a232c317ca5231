import asyncio
from pathlib import Path

from redis.asyncio import Redis

from deploy import redis as redis_server
from shared.wakeups import Messages, Wakeups


async def listening(redis_url: str, channel: str) -> None:
    """Wait until somebody listens."""
    async with Redis.from_url(redis_url) as client, asyncio.timeout(20):
        while not (await client.pubsub_numsub(channel))[0][1]:
            await asyncio.sleep(0.01)


async def test_a_ring_is_heard_elsewhere(redis_url: str) -> None:
    async with Wakeups(redis_url) as here, Wakeups(redis_url) as there:
        await there.wait(0.01)  # begins to listen
        await listening(redis_url, "journal")
        await there.wait(0.01)
        waiting = asyncio.create_task(there.wait(30))
        here.notify()
        assert await waiting


async def test_a_ring_while_nobody_waits_is_kept(redis_url: str) -> None:
    async with Wakeups(redis_url) as here, Wakeups(redis_url) as there:
        await there.wait(0.01)
        await listening(redis_url, "journal")
        await there.wait(0.01)
        here.notify()
        await asyncio.wait_for(there._heard.wait(), 20)  # it has come, and nobody waits
        assert await there.wait(30)
        assert not await there.wait(0)


async def test_many_rings_at_once_are_few(redis_url: str) -> None:
    heard: list[bytes] = []
    async with Wakeups(redis_url) as here:
        messages = Messages(redis_url)

        async def listen() -> None:
            async for message in messages.subscribe("journal"):
                heard.append(message)
                if message == b"last":
                    return

        task = asyncio.create_task(listen())
        await listening(redis_url, "journal")
        for _ in range(1000):
            here.notify()
        assert here._ringing is not None
        await here._ringing
        assert await messages.publish("journal", b"last")
        await asyncio.wait_for(task, 20)
        await messages.close()
    assert 1 <= len(heard[:-1]) <= 3


async def test_channels_do_not_disturb_each_other(redis_url: str) -> None:
    messages = Messages(redis_url)
    heard = aiter(messages.subscribe("two", lapse=b"lapse"))
    assert await anext(heard) == b"lapse"
    async with Wakeups(redis_url, "one") as one:
        one.notify()
        assert one._ringing is not None
        await one._ringing
    assert await messages.publish("two", b"later")
    assert await anext(heard) == b"later"
    await heard.aclose()  # type: ignore[attr-defined]
    await messages.close()


async def test_without_redis_there_is_still_the_clock(tmp_path: Path) -> None:
    async with Wakeups(f"unix://{tmp_path}/nobody.sock?db=0") as alone:
        alone.notify()
        assert not await alone.wait(0.05)
    messages = Messages(f"unix://{tmp_path}/nobody.sock?db=0")
    assert not await messages.publish("changes", b"{}")
    await messages.close()


async def test_listens_again_when_redis_comes_back(servers_folder: Path) -> None:
    folder, sockets = servers_folder / "away", servers_folder / "w"
    messages = None
    try:
        with redis_server.serving(folder, sockets, durable=False) as url:
            messages = Messages(url)
            heard = aiter(messages.subscribe("changes", lapse=b"lapse"))
            assert await anext(heard) == b"lapse"
            assert await messages.publish("changes", b"first")
            assert await anext(heard) == b"first"
        again = asyncio.ensure_future(anext(heard))
        await asyncio.sleep(0.1)
        assert not await messages.publish("changes", b"lost")
        with redis_server.serving(folder, sockets, durable=False) as url:
            async with asyncio.timeout(20):
                assert await again == b"lapse"
                assert await messages.publish("changes", b"second")
                assert await anext(heard) == b"second"
        await heard.aclose()  # type: ignore[attr-defined]
    finally:
        if messages:
            await messages.close()


async def test_closing_ends_everything(redis_url: str) -> None:
    before = asyncio.all_tasks()
    bell = Wakeups(redis_url)
    bell.notify()
    await bell.wait(0.01)
    await bell.close()
    assert asyncio.all_tasks() == before
