"""Databases into files and back, with PostgreSQL's own programs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from deploy import postgres
from deploy.child import before_exec


def dump(url: str, snapshot: str, file: Path, *options: str) -> None:
    """Write what a snapshot shows into a file.

    Args:
        url: address of the database, as its owner.
        snapshot: exported by a transaction that stays open until this is done.
        file: to be made.
        options: which part, in the words of `pg_dump`.

    Raises:
        subprocess.CalledProcessError: it failed; its words are in `stderr`.
    """
    _run("pg_dump", url, "--format=custom", f"--snapshot={snapshot}", f"--file={file}", *options)


def load(url: str, file: Path, *options: str) -> None:
    """Bring what `dump` wrote into a database, all or nothing; errors as `dump`."""
    _run("pg_restore", url, "--exit-on-error", "--single-transaction", "--no-owner", *options, str(file))


def rebase(data: Path, transaction: int) -> None:
    """Let a stopped server go on behind a transaction id, so that the positions in its journal stay valid.

    Transaction ids are 32 bits and an epoch; only the epoch is changed, so nothing that the server keeps about its
    own transactions is concerned. It is set so far that also whatever another server gave out after `transaction` lies
    at least four billion ids behind.

    Args:
        data: folder of the server.
        transaction: an id with its epoch, as PostgreSQL's xid8.

    Raises:
        subprocess.CalledProcessError: as `dump`.
    """
    line = [postgres.program("pg_resetwal"), f"--epoch={(transaction >> 32) + 2}", "-D", str(data)]
    subprocess.run(line, check=True, capture_output=True, text=True, preexec_fn=before_exec(user=postgres.user()))


def _run(program: str, url: str, *options: str) -> None:
    """Run a program of PostgreSQL; the password is not for the list of processes."""
    parts = urlsplit(url)
    bare = parts._replace(netloc=parts.netloc.replace(f":{parts.password}@", "@"))
    environment = os.environ | ({"PGPASSWORD": unquote(parts.password)} if parts.password else {})
    line = [postgres.program(program), f"--dbname={urlunsplit(bare)}", *options]
    subprocess.run(line, check=True, capture_output=True, text=True, env=environment)
