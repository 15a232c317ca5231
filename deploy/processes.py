"""Every process of the stack, in the one table that says how it is started, when it is ready and how it ends."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy import postgres, redis
from deploy.addresses import Addresses
from deploy.sockets import socket_folder

Check = Callable[[], Awaitable[bool]]
Variables = tuple[tuple[str, str], ...]


async def alive() -> bool:
    """The check of a process that has no address: it is ready while it runs."""
    return True


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process.

    Attributes:
        stage: those of a lower stage are ready before those of a higher one start, and end after them.
        ready: whether it answers.
        end: the signal that asks it to end in good order.
        user: numeric user that runs it; None for the present one.
        variables: environment of its own, beside what all share.
    """

    name: str
    stage: int
    command: tuple[str, ...]
    ready: Check = alive
    end: signal.Signals = signal.SIGTERM
    user: int | None = None
    variables: Variables = ()


SERVERS, DEMO, SERVICES, DOOR = range(4)


def processes(home: Path, addresses: Addresses) -> list[Process]:
    """The processes of a stack whose data lies in `home`."""
    everything = [*_servers(home), *_demo(addresses.ports), *_services(home, addresses)]
    optional = {"postgres", "redis", "identity", "mail"}
    return [process for process in everything if process.name not in optional - addresses.embedded]


def _servers(home: Path) -> list[Process]:
    at_postgres, at_redis = socket_folder(home, "postgres"), socket_folder(home, "redis")
    return [
        Process(
            name="postgres",
            stage=SERVERS,
            command=tuple(postgres.command(home / "postgres", at_postgres)),
            ready=partial(asyncio.to_thread, postgres.answers, at_postgres),
            end=signal.SIGINT,
            user=postgres.user(),
        ),
        Process(
            name="redis",
            stage=SERVERS,
            command=tuple(redis.command(home / "redis", at_redis)),
            ready=partial(asyncio.to_thread, redis.answers, at_redis),
        ),
    ]


def _demo(ports: dict[str, int]) -> list[Process]:
    demo = (("CECOIA_DEMO", "1"),)
    return [
        _python("identity", DEMO, "deploy.demo.identity", ready=_http(ports.get("identity", 0)), variables=demo),
        _python("mail", DEMO, "deploy.demo.mail", ready=partial(listens, ports.get("mail", 0)), variables=demo),
    ]


def _services(home: Path, addresses: Addresses) -> list[Process]:
    ports = addresses.ports
    roles = ("intake", "query", "notifier", "sealer")
    intake, query, notifier, sealer = (_login(home, addresses, f"cecoia_{role}") for role in roles)
    return [
        _python("intake", SERVICES, "services.intake", ready=_http(ports["intake"]), variables=intake),
        _python("post", SERVICES, "services.intake", "post", ready=partial(listens, ports["post"]), variables=intake),
        _python("query", SERVICES, "services.query", ready=_http(ports["query"]), variables=query),
        _python("projector", SERVICES, "services.query", "project", variables=query),
        _python("relay", SERVICES, "services.notifier", "relay", variables=notifier),
        _python("worker", SERVICES, "services.notifier", "worker", variables=notifier),
        _python("sealer", SERVICES, "shared.journal", "seal", variables=sealer),
        _python("portal", DOOR, "services.portal", ready=_http(ports["portal"])),
    ]


def _login(home: Path, addresses: Addresses, role: str) -> Variables:
    """Our own database is entered as the role of the service, so that none can become more than that.

    Another's database is entered as its address says.
    """
    if "postgres" not in addresses.embedded:
        return ()
    return (("CECOIA_DATABASE_URL", postgres.url(socket_folder(home, "postgres"), "cecoia", role)),)


def _python(
    name: str,
    stage: int,
    module: str,
    *arguments: str,
    ready: Check = alive,
    variables: Variables = (),
) -> Process:
    command = (sys.executable, "-m", module, *arguments)
    return Process(name=name, stage=stage, command=command, ready=ready, variables=variables)


def _http(port: int) -> Check:
    return partial(answers_ready, port)


async def answers_ready(port: int) -> bool:
    """Whether `/health/ready` on this port of the loopback says 200 within two seconds."""
    request = f"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    return (await _exchange(port, request.encode())).startswith(b"HTTP/1.1 200")


async def listens(port: int) -> bool:
    """Whether a mail server greets on this port of the loopback."""
    return (await _exchange(port, b"")).startswith(b"220")


async def _exchange(port: int, request: bytes) -> bytes:
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(request)
                return await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return b""
