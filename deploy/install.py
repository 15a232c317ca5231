"""Make `.venv` and put the locked packages into it: `python3 deploy/install.py [runtime|development]`.

Needs nothing but Python's own library and is written so that old Pythons can read it and say that they are too old.
Interrupted at any point, the next call begins again; where nothing is to be done it takes milliseconds.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
PYTHON = str(VENV / "bin" / "python")
REDIS = "redis.txt"
FILES = {"runtime": ("uv.txt", "runtime.txt"), "development": ("uv.txt", "runtime.txt", "development.txt")}
#: What an installation of each level takes in MiB, with its temporary files; its packages alone take two thirds of it.
ROOM = {"runtime": 700, "development": 1200}


class CannotInstall(Exception):
    """The one line that says why."""


def main() -> int:
    """Install the level named on the command line, `runtime` by default; gives the exit code."""
    level = sys.argv[1] if len(sys.argv) > 1 else "runtime"
    try:
        check_python()
        with (ROOT / "Makefile").open() as lock:  # a second call at the same time waits for the first
            fcntl.flock(lock, fcntl.LOCK_EX)
            install(level)
    except CannotInstall as why:
        print(f"cecoia: {why}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cecoia: interrupted; the next call begins again", file=sys.stderr)
        return 130
    return 0


def check_python() -> None:
    """Refuse a Python that is too old."""
    if sys.version_info < OLDEST:
        have = ".".join(map(str, sys.version_info[:3]))
        raise CannotInstall(f"Python 3.11 or newer is needed, this is {have}; name another: make PYTHON=python3.11 …")


def install(level: str) -> None:
    """Bring `.venv` to the locked state. A folder without a stamp is of an interrupted call and is made anew."""
    done = STAMP.read_text().split("\n") if STAMP.exists() else []
    if fingerprint(level) in done:
        return
    if fingerprint_of_place() not in done:
        make_venv()
    elif "development" in done:
        level = "development"
    STAMP.unlink(missing_ok=True)
    print(f"cecoia: installing the {level} packages into .venv", flush=True)
    try:
        synchronise([str(ROOT / "requirements" / name) for name in FILES[level]])
    except CannotInstall:
        check_room(level)
        raise
    levels = [name for name in FILES if name in {"runtime", level}]
    part = STAMP.with_suffix(".part")
    part.write_text("\n".join([fingerprint_of_place(), *levels, *map(fingerprint, levels)]))
    part.replace(STAMP)


def fingerprint(level: str) -> str:
    """What the packages of this level depend on, as one word."""
    digest = hashlib.sha256(fingerprint_of_place().encode())
    for name in (*FILES[level], REDIS):
        digest.update((ROOT / "requirements" / name).read_bytes())
    return digest.hexdigest()


def fingerprint_of_place() -> str:
    """Where `.venv` stands and which Python it uses; both are written into its scripts."""
    return f"{VENV} {sys.version_info[:3]} {getattr(sys, '_base_executable', sys.executable)}"


def make_venv() -> None:
    """Make `.venv` from nothing."""
    shutil.rmtree(str(VENV), ignore_errors=True)
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        package = "python{}.{}-venv".format(*sys.version_info)
        raise CannotInstall(f"this Python comes without its venv module; on Debian and Ubuntu: apt install {package}")
    run([getattr(sys, "_base_executable", sys.executable), "-m", "venv", str(VENV)])


def synchronise(files: "list[str]") -> None:
    """Install exactly what the files lock, with uv where it can be had (seconds), else with pip (minutes).

    The package of the Redis server has wheels for some Pythons only, though the server in it needs none: uv is told to
    take the one for the oldest Python, where pip would compile it.
    """
    redis = str(ROOT / "requirements" / REDIS)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    uv = shutil.which("uv") or str(VENV / "bin" / "uv")
    options = ["--system-certs", "--quiet", "--python", PYTHON, "--require-hashes"]
    oldest = ".".join(map(str, OLDEST))
    try:
        if not Path(uv).exists():
            run([*pip, "-r", files[0]])
        run([uv, "pip", "sync", *options, *files], index_for_uv())
        run([uv, "pip", "install", *options, "--no-deps", "--python-version", oldest, "-r", redis], index_for_uv())
    except CannotInstall:
        print("cecoia: uv cannot be used here, going on with pip", flush=True)
        run([*pip, *(part for file in (*files[1:], redis) for part in ("-r", file))])


def check_room(level: str) -> None:
    """Say so where packages cannot be installed because the disk is full."""
    free = shutil.disk_usage(str(ROOT)).free // 2**20
    if free < ROOM[level]:
        raise CannotInstall(f"the disk is full: {free} MiB free in {ROOT}, about {ROOM[level]} are needed")


def index_for_uv() -> "dict[str, str]":
    """The package index that pip is configured for, in the variable that uv reads; empty where none is."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return {}
    ask = [PYTHON, "-m", "pip", "config", "get", "global.index-url"]
    answer = subprocess.run(ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    index = os.environ.get("PIP_INDEX_URL") or answer.stdout.decode().strip()
    return {"UV_DEFAULT_INDEX": index} if index else {}


def run(command: "list[str]", variables: "dict[str, str] | None" = None) -> None:
    """Run one step of the installation; its own words go to the terminal."""
    code = subprocess.call(command, env={**os.environ, **(variables or {})})
    if code == 0:
        return
    step = " ".join(command[1:4])
    raise CannotInstall(f"installation failed ({step}), see the lines above")


if __name__ == "__main__":
    sys.exit(main())
