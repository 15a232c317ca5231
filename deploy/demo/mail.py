"""The demo mail server: takes every mail on the loopback and keeps it as a Maildir, `$CECOIA_HOME/mail`."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.demo.guard import LOOPBACK, demo_only
from shared.logs import configure, logger
from shared.settings import Settings

_log = logger("deploy.demo.mail")
#: Bytes of the largest mail.
LARGEST = 40 * 1024 * 1024


class Maildir:
    """Delivers as maildir(5) says: written and synced below `tmp`, then renamed into `new`.

    Args:
        folder: made if it is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rank = count()
        for name in ("tmp", "new", "cur"):
            (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def deliver(self, content: bytes) -> str:
        """Keep a mail; gives the name of its file. It is on the disk when this returns."""
        name = f"{time.time_ns()}.P{os.getpid()}Q{next(self._rank)}.{socket.gethostname().replace('/', '_')}"
        with (self._folder / "tmp" / name).open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        (self._folder / "tmp" / name).rename(self._folder / "new" / name)
        self._sync_folder()
        return name

    def _sync_folder(self) -> None:
        folder = os.open(self._folder / "new", os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Handler:
    """What the server does with a mail that was handed to it."""

    def __init__(self, maildir: Maildir) -> None:
        self._maildir = maildir

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        """Say 250 only when the mail is on the disk."""
        to = ", ".join(envelope.rcpt_tos)
        trace = f"Return-Path: <{envelope.mail_from}>\r\nX-Envelope-To: {to}\r\n".encode()
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        try:
            name = await asyncio.to_thread(self._maildir.deliver, trace + content)
        except OSError as error:
            _log.error("mail_not_kept", reason=str(error.errno))
            return "452 4.3.1 Insufficient system storage"
        _log.info("mail_kept", file=name)
        return "250 2.0.0 OK"


async def serve(maildir: Maildir, port: int) -> asyncio.Server:
    """Listen on the loopback."""
    handler = Handler(maildir)

    def session() -> SMTP:
        return SMTP(
            handler, hostname="cecoia.example", ident="CeCoIA demo", enable_SMTPUTF8=True, data_size_limit=LARGEST
        )

    return await asyncio.get_running_loop().create_server(session, LOOPBACK, port)


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    server = await serve(Maildir(settings.home / "mail"), urlsplit(settings.smtp_url).port or 25)
    _log.info("mail_server_listening")
    await stop.wait()
    server.close()


def main() -> None:
    """Serve the address that the other processes send mails to."""
    configure("mail")
    settings = Settings.read_or_exit()
    demo_only("the demo mail server", settings.smtp_url)
    asyncio.run(_run(settings))


if __name__ == "__main__":
    main()
