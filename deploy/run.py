"""Start everything, keep it running, stop it again: `python -m deploy.run`."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from deploy import postgres
from deploy.addresses import Addresses, plan
from deploy.database import bring_up_to_date
from deploy.home import Refused, check_ports, held
from deploy.leftovers import end_leftovers
from deploy.processes import DEMO, DOOR, SERVERS, SERVICES, Process, processes
from deploy.sockets import socket_folder
from deploy.supervisor import CannotStart, Supervisor, together
from shared import logs
from shared.environment import write_run_env
from shared.settings import SettingsError

CATALOGUE = Path(__file__).with_name("catalogue.toml")
PEOPLE = """\
  people    claire.martin hugo.petit (requesters) · nadia.benali lucas.morel (agents) · sophie.durand (supervisor)
  password  demo"""


def main() -> int:
    """Run the stack until it is told to stop; gives the exit code."""
    os.umask(0o077)
    logs.configure("run", logging.WARNING)
    home = Path(os.environ.get("CECOIA_HOME") or ".cecoia").resolve()
    try:
        addresses = plan(home, os.environ)
        with held(home):
            return asyncio.run(run(home, addresses))
    except (Refused, CannotStart, SettingsError) as why:
        say(str(why))
    except postgres.DataOfAnotherVersion as found:
        ours = f"this is version {postgres.MAJOR}; give another CECOIA_HOME or bring the data over with pg_upgrade"
        say(f"the data in {home / 'postgres'} is of PostgreSQL {found}, {ours}")
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines() or ["it does not say why"]
        say(f"{Path(error.cmd[0]).name} failed: {last[-1]}")
    except OSError as error:
        full = f"the disk is full in {home}; CECOIA_HOME names another folder"
        say(full if error.errno == errno.ENOSPC else f"cannot use {error.filename or home}: {error.strerror or error}")
    return 1


def say(line: str) -> None:
    """One line for whoever started the stack; nobody need be there any more."""
    with contextlib.suppress(OSError):
        print(f"cecoia: {line}" if not line.startswith(" ") else line, flush=True)


async def run(home: Path, addresses: Addresses) -> int:
    """Start the stack, wait for the order to stop, stop it; gives the exit code."""
    record = home / "processes.json"
    if ended := end_leftovers(home, record):
        say(f"ended {ended} processes that an earlier start left behind")
    check_ports(addresses.ports)
    (home / "log").mkdir(exist_ok=True)
    environment = {**os.environ, **addresses.variables, "CECOIA_STACK": str(home)}
    supervisor = Supervisor(home / "log", record, environment, say)
    stop = _stop_signals(supervisor)
    starting = asyncio.create_task(_start(supervisor, home, addresses))
    stopping = asyncio.create_task(stop.wait())
    short_logs = asyncio.create_task(supervisor.keep_logs_short())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            await starting
            await stopping
        say("stopping")
    finally:
        short_logs.cancel()
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await supervisor.stop()
        (home / "run.env").unlink(missing_ok=True)
    say("stopped")
    return 0


def _stop_signals(supervisor: Supervisor) -> asyncio.Event:
    """The event that is set by Ctrl-C, SIGTERM or the end of the terminal; a second Ctrl-C kills at once."""
    stop = asyncio.Event()

    def interrupted() -> None:
        if stop.is_set():
            supervisor.kill()
        stop.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupted)
    for each in (signal.SIGTERM, signal.SIGHUP):  # SIGTERM may come twice: from make, and to its whole group
        loop.add_signal_handler(each, stop.set)
    return stop


async def _start(supervisor: Supervisor, home: Path, addresses: Addresses) -> None:
    began = time.monotonic()
    everything = processes(home, addresses)
    catalogue = await asyncio.to_thread(CATALOGUE.read_text, encoding="utf-8")
    say(f"starting in {home}, logs in {home / 'log'}")

    async def servers_then_services() -> None:
        await asyncio.to_thread(_prepare_servers, home, addresses)
        await supervisor.start(_of(everything, SERVERS))
        say("bringing the database up to date")
        await bring_up_to_date(addresses.variables, catalogue)
        write_run_env(home, {name: value for name, value in addresses.variables.items() if name.startswith("CECOIA_")})
        say("starting the services")
        await supervisor.start(_of(everything, SERVICES, DOOR))

    await together(supervisor.start(_of(everything, DEMO)), servers_then_services())
    _tell(addresses, time.monotonic() - began)


def _of(everything: list[Process], *stages: int) -> list[Process]:
    return [process for process in everything if process.stage in stages]


def _prepare_servers(home: Path, addresses: Addresses) -> None:
    (home / "redis").mkdir(mode=0o700, exist_ok=True)
    if "postgres" in addresses.embedded:
        data, sockets = home / "postgres", socket_folder(home, "postgres")
        if not data.exists():
            say("making the database")
        postgres.give(sockets)
        postgres.prepare(data)
        postgres.forget_stale_locks(data, sockets)


def _tell(addresses: Addresses, seconds: float) -> None:
    variables = addresses.variables
    say(f"ready after {seconds:.1f} s; Ctrl-C stops everything")
    say(f"  portal    {variables['CECOIA_PORTAL_URL']}")
    say(f"  intake    {variables['CECOIA_INTAKE_URL']}/schema")
    say(f"  query     {variables['CECOIA_QUERY_URL']}/schema")
    say(f"  mail in   {variables['CECOIA_POST_URL']}")
    say(
        f"  mails     {variables['CECOIA_HOME']}/mail"
        if "mail" in addresses.embedded
        else "  mails     " + variables["CECOIA_SMTP_URL"]
    )
    if "identity" in addresses.embedded:
        say(PEOPLE)


if __name__ == "__main__":
    sys.exit(main())
