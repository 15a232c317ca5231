"""Where the sockets of PostgreSQL and Redis lie: a folder that nobody else can enter, with a short enough path."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

#: The kernel takes 107 bytes; the longest name below the folder is PostgreSQL's `.s.PGSQL.5432.lock`.
_LONGEST = 107 - len("/.s.PGSQL.5432.lock")


def socket_folder(home: Path, name: str) -> Path:
    """Make the folder of one server below `home`, or below the system's temporary folder where home lies too deep.

    Raises:
        PermissionError: somebody else already holds the place in the temporary folder.
    """
    folder = home / "sockets" / name
    if len(os.fsencode(folder)) > _LONGEST:
        digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        folder = Path(tempfile.gettempdir()) / f"cecoia-{os.getuid()}-{digest}" / name
    for each in (folder.parent, folder):
        each.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_strangers(each)
    return folder


def _refuse_strangers(folder: Path) -> None:
    found = folder.lstat()
    trusted = os.getuid() == 0 or found.st_uid == os.getuid()
    if not stat.S_ISDIR(found.st_mode) or not trusted:
        raise PermissionError(f"{folder} belongs to somebody else")
    folder.chmod(0o700)
