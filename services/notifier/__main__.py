"""`python -m services.notifier relay | worker | work [--dead | --retry ID|all]`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress

from services.notifier import console, relay, worker
from shared import logs
from shared.settings import Settings
from shared.startup import wait_for_database


def main(arguments: list[str]) -> int:
    """Run one of the notifier's commands; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m services.notifier", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("relay", help="follow the journal and give work out")
    commands.add_parser("worker", help="do the work")
    look = commands.add_parser("work", help="show the work: how much of what, in which state")
    choice = look.add_mutually_exclusive_group()
    choice.add_argument("--dead", action="store_true", help="list what was given up, with the last error")
    choice.add_argument("--retry", metavar="ID|all", type=_row, help="make dead work due again")
    chosen = parser.parse_args(arguments)
    settings = Settings.read_or_exit()
    if chosen.command == "worker":
        logs.configure("worker")
        return worker.run(settings)
    if chosen.command == "relay":
        logs.configure("relay")
        wait_for_database(settings.database_url)
        return asyncio.run(_until_terminated(settings))
    return asyncio.run(_work(settings, chosen))


async def _work(settings: Settings, chosen: argparse.Namespace) -> int:
    if chosen.dead:
        return await console.dead(settings)
    if chosen.retry:
        return await console.retry(settings, None if chosen.retry == "all" else chosen.retry)
    return await console.summary(settings)


async def _until_terminated(settings: Settings) -> int:
    """Relay until SIGTERM or Ctrl-C, then close everything and say that this is fine."""
    task = asyncio.ensure_future(relay.run(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    with suppress(asyncio.CancelledError):
        await task
    return 0


def _row(text: str) -> int | str:
    return text if text == "all" else int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
