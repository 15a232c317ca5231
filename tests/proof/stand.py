"""The stand on which the system is tried: the real stack, with a faulty wire to everything it depends on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import psutil

from tests.proof.clocks import Clock
from tests.proof.disks import Disk, disk
from tests.proof.mailbox import Mailbox
from tests.proof.proxy import Dial, Proxy
from tests.proof.servers import Servers
from tests.support.stack import Stack, free_ports, started

#: Megabytes. The journal's log alone may grow to hundreds; clients send some five megabytes of documents a minute.
_DATABASE: Final = 1500
_DOCUMENTS: Final = 100
_DOCUMENTS_A_MINUTE: Final = 10
SERVICES: Final = ("intake", "post", "query", "projector", "relay", "worker", "sealer")
#: What a faulty wire leads to: from clients to the first two, from the services to the others.
WIRES: Final = ("intake", "query", "postgres", "redis", "smtp")


@dataclass(frozen=True)
class Stand:
    """Everything that can be broken.

    Attributes:
        wires: proxies, by the names of `WIRES`.
        disks: of the `database` (Redis has its file there too) and of the `documents`.
    """

    stack: Stack
    servers: Servers
    mailbox: Mailbox
    wires: dict[str, Proxy]
    disks: dict[str, Disk]
    clock: Clock

    @property
    def intake_url(self) -> str:
        """The write side as clients reach it, through its wire."""
        return f"http://127.0.0.1:{self.wires['intake'].port}"

    @property
    def query_url(self) -> str:
        """The read side, likewise."""
        return f"http://127.0.0.1:{self.wires['query'].port}"

    def process(self, name: str) -> psutil.Process | None:
        """A process of the stack, `worker child` one that does the worker's work; None while it is not there."""
        parent = self.stack.children().get(name.removesuffix(" child"))
        if parent is None or not name.endswith(" child"):
            return parent
        try:
            return next(iter(parent.children()), None)
        except psutil.NoSuchProcess:
            return None


@asynccontextmanager
async def standing(folder: Path, say: Callable[[str], None], *, seconds: float, clock: bool) -> AsyncIterator[Stand]:
    """Put everything up inside an `async with` block.

    Args:
        folder: for everything that runs.
        say: prints a line.
        seconds: for how long there is load; the disks have room for it.
        clock: whether some services are put under a clock of ours.
    """
    async with AsyncExitStack() as opened:
        documents = _DOCUMENTS + round(_DOCUMENTS_A_MINUTE * seconds / 60)
        disks = {
            "database": opened.enter_context(disk(folder / "disk", _DATABASE)),
            "documents": opened.enter_context(disk(folder / "documents", documents)),
        }
        logs = folder / "log"
        logs.mkdir()
        servers = await opened.enter_async_context(Servers(disks["database"].folder, logs, say).running())
        mailbox = Mailbox()
        await mailbox.start()
        opened.push_async_callback(mailbox.stop)
        stack = Stack(folder / "home", free_ports())
        dials: tuple[Dial, ...] = (
            partial(asyncio.open_connection, "127.0.0.1", stack.port + 1),
            partial(asyncio.open_connection, "127.0.0.1", stack.port + 2),
            servers.to_postgres(),
            servers.to_redis(),
            partial(asyncio.open_connection, "127.0.0.1", mailbox.port),
        )
        proxies = [await opened.enter_async_context(Proxy(dial).running()) for dial in dials]
        wires = dict(zip(WIRES, proxies, strict=True))
        hands = Clock(folder / "clock")
        variables = _variables(wires, disks["documents"].folder) | (hands.variables() if clock else {})
        await _entered_in_a_thread(opened, stack, variables)
        yield Stand(stack, servers, mailbox, wires, disks, hands)


def _variables(wires: dict[str, Proxy], documents: Path) -> dict[str, str]:
    return {
        "CECOIA_DATABASE_URL": f"postgresql://cecoia@127.0.0.1:{wires['postgres'].port}/cecoia",
        "CECOIA_REDIS_URL": f"redis://127.0.0.1:{wires['redis'].port}/0",
        "CECOIA_BROKER_URL": f"redis://127.0.0.1:{wires['redis'].port}/1",
        "CECOIA_SMTP_URL": f"smtp://127.0.0.1:{wires['smtp'].port}",
        "CECOIA_DOCUMENTS_URL": documents.as_uri(),
    }


async def _entered_in_a_thread(opened: AsyncExitStack, stack: Stack, variables: dict[str, str]) -> None:
    """Start the stack without holding up this loop, through which it reaches everything."""
    block = started(stack, variables)

    async def leave(*_: object) -> None:
        await asyncio.to_thread(block.__exit__, None, None, None)

    await asyncio.to_thread(block.__enter__)
    opened.push_async_exit(leave)
