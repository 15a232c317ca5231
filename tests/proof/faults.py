"""Everything that goes wrong: a block for each kind of fault, that injects it when entered and heals it when left."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Final

import asyncpg
import psutil
import redis.asyncio

from tests.proof.proxy import Proxy
from tests.proof.stand import SERVICES, WIRES, Stand
from tests.support.smtp import CUT, HANG
from tests.support.smtp import Fault as Misbehaviour

#: Takes the stand and a chance between 0 and 1 for what is left open.
Fault = Callable[[Stand, float], AbstractAsyncContextManager[None]]

_TERMINATE: Final = """
select pg_terminate_backend(pid) from pg_stat_activity where usename = 'cecoia' and pid <> pg_backend_pid() and random() < 0.5
"""
_FORGETTING: Final = 0.2  # seconds within which Redis is not started again
_SLOWEST: Final = 1.5  # seconds of delay at most
_JUMPS: Final = (-7200, -90, 90, 7200)


class NothingToBreakError(Exception):
    """What was to be broken is not there at the moment."""


@asynccontextmanager
async def _signalled(stand: Stand, _: float, *, name: str, number: signal.Signals) -> AsyncIterator[None]:
    _process(stand, name).send_signal(number)
    yield


@asynccontextmanager
async def _frozen(stand: Stand, _: float, *, name: str) -> AsyncIterator[None]:
    process = _process(stand, name)
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGCONT)


def _process(stand: Stand, name: str) -> psutil.Process:
    process = stand.process(name)
    if process is None:
        raise NothingToBreakError(name)
    return process


@asynccontextmanager
async def _server_signalled(stand: Stand, _: float, *, name: str, number: signal.Signals) -> AsyncIterator[None]:
    _server(stand, name).send_signal(number)
    yield


@asynccontextmanager
async def _redis_forgets(stand: Stand, _: float) -> AsyncIterator[None]:
    process = _server(stand, "redis")
    process.kill()
    await asyncio.to_thread(psutil.wait_procs, [process], _FORGETTING)
    stand.servers.forget_redis()
    yield


@asynccontextmanager
async def _redis_flushed(stand: Stand, _: float) -> AsyncIterator[None]:
    async with redis.asyncio.Redis.from_url(stand.servers.redis_url, socket_timeout=2) as client:
        await client.flushall()
    yield


@asynccontextmanager
async def _backends_terminated(stand: Stand, _: float) -> AsyncIterator[None]:
    connection = await asyncpg.connect(stand.servers.database_url, timeout=2, command_timeout=2)
    try:
        await connection.fetch(_TERMINATE)
    finally:
        connection.terminate()
    yield


def _server(stand: Stand, name: str) -> psutil.Process:
    pid = stand.servers.pid(name)
    if pid is None:
        raise NothingToBreakError(name)
    return psutil.Process(pid)


@asynccontextmanager
async def _mail_down(stand: Stand, _: float) -> AsyncIterator[None]:
    await stand.mailbox.stop()
    try:
        yield
    finally:
        await stand.mailbox.start()


@asynccontextmanager
async def _mail_misbehaves(stand: Stand, _: float, *, stage: str, action: str) -> AsyncIterator[None]:
    fault = Misbehaviour(stage, action)
    stand.mailbox.faults.append(fault)
    try:
        yield
    finally:
        stand.mailbox.faults[:] = [other for other in stand.mailbox.faults if other is not fault]


@asynccontextmanager
async def _wire_slow(stand: Stand, chance: float, *, name: str) -> AsyncIterator[None]:
    wire = stand.wires[name]
    wire.delay = _SLOWEST * chance
    try:
        yield
    finally:
        wire.delay = 0


@asynccontextmanager
async def _wire_cut(stand: Stand, _: float, *, name: str) -> AsyncIterator[None]:
    stand.wires[name].cut()
    yield


@asynccontextmanager
async def _wire_set(stand: Stand, _: float, *, name: str, mode: str) -> AsyncIterator[None]:
    wire: Proxy = stand.wires[name]
    setattr(wire, mode, True)
    try:
        yield
    finally:
        setattr(wire, mode, False)


@asynccontextmanager
async def _disk_full(stand: Stand, _: float, *, name: str) -> AsyncIterator[None]:
    disk = stand.disks[name]
    try:
        await asyncio.to_thread(disk.fill)
        yield
    finally:
        disk.free()


@asynccontextmanager
async def _clock_jumps(stand: Stand, chance: float) -> AsyncIterator[None]:
    stand.clock.set(_JUMPS[int(chance * len(_JUMPS))])
    try:
        yield
    finally:
        stand.clock.set(0)


CLOCK: Final = "clock of intake and query jumps"
_VICTIMS: Final = (*SERVICES, "worker child")

#: Every kind of fault, by its name.
FAULTS: Final[Mapping[str, Fault]] = {
    **{f"{name} killed": partial(_signalled, name=name, number=signal.SIGKILL) for name in _VICTIMS},
    **{f"{name} told to end": partial(_signalled, name=name, number=signal.SIGTERM) for name in _VICTIMS},
    **{f"{name} frozen": partial(_frozen, name=name) for name in _VICTIMS},
    "redis killed": partial(_server_signalled, name="redis", number=signal.SIGKILL),
    "redis killed, file gone": _redis_forgets,
    "redis flushed": _redis_flushed,
    "postgres stopped at once": partial(_server_signalled, name="postgres", number=signal.SIGQUIT),
    "postgres backends ended": _backends_terminated,
    "mail server down": _mail_down,
    "mail server busy (421)": partial(_mail_misbehaves, stage="connect", action="421 4.3.2 Not now"),
    "mail server puts off (450)": partial(_mail_misbehaves, stage="rcpt", action="450 4.2.1 Try again later"),
    "mail server refuses (550)": partial(_mail_misbehaves, stage="rcpt", action="550 5.1.1 No such mailbox"),
    "mail server hangs": partial(_mail_misbehaves, stage="ehlo", action=HANG),
    "mail server cuts in the text": partial(_mail_misbehaves, stage="text", action=CUT),
    "mail server takes and cuts": partial(_mail_misbehaves, stage="end", action=CUT),
    **{f"wire to {name} slow": partial(_wire_slow, name=name) for name in WIRES},
    **{f"wire to {name} cut": partial(_wire_cut, name=name) for name in WIRES},
    **{
        f"wire to {name} {mode}": partial(_wire_set, name=name, mode=mode)
        for name in WIRES
        for mode in ("swallows", "tears")
    },
    "disk of the database full": partial(_disk_full, name="database"),
    "disk of the documents full": partial(_disk_full, name="documents"),
    CLOCK: _clock_jumps,
}


def not_possible(stand: Stand) -> dict[str, str]:
    """Kinds of fault that cannot be injected here, and why."""
    reasons = {f"disk of the {name} full": disk.why_not for name, disk in stand.disks.items()}
    reasons[CLOCK] = stand.clock.why_not
    return {kind: why for kind, why in reasons.items() if why}
