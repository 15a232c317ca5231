"""The supervisor keeps processes running, and leaves none behind. The processes here are small ones of our own."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from deploy.leftovers import end_leftovers
from deploy.processes import Process
from deploy.supervisor import CannotStart, Supervisor
from tests.support.waiting import until

FAITHFUL = "import signal; signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True)\nwhile True: signal.pause()"
FORKING = "import os, signal; os.fork(); signal.pause()"


def process(name: str, code: str, stage: int = 0) -> Process:
    return Process(name=name, stage=stage, command=(sys.executable, "-S", "-c", code))


class Watched(Supervisor):
    """A supervisor whose words are kept."""

    def __init__(self, folder: Path) -> None:
        self.said: list[str] = []
        super().__init__(folder, folder / "record", dict(os.environ), self.said.append)


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Watched]:
    watched = Watched(tmp_path)
    yield watched
    watched.kill()
    await watched.stop()


async def test_a_process_that_dies_is_started_again_and_said(supervisor: Watched) -> None:
    await supervisor.start([process("relay", FAITHFUL)])
    first = supervisor.pid("relay")
    assert first
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.pid("relay") not in {None, first})
    assert supervisor.said[0].startswith("relay ended (signal SIGKILL), starting it again in 0.5 s")


async def test_a_process_that_cannot_be_started_again_is_tried_again_and_said(
    supervisor: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.supervisor.BACK_OFF", (0.01,))
    await supervisor.start([process("relay", FAITHFUL)])
    first = supervisor.pid("relay")
    assert first
    log = tmp_path / "relay.log"
    log.unlink()
    log.mkdir()
    os.kill(first, signal.SIGKILL)
    await until(lambda: any("relay could not be started (" in line for line in supervisor.said))
    log.rmdir()
    await until(lambda: supervisor.pid("relay") not in {None, first})


async def test_a_record_that_cannot_be_written_is_said_and_stops_nothing(supervisor: Watched, tmp_path: Path) -> None:
    (tmp_path / "record.part").mkdir()
    await supervisor.start([process("relay", FAITHFUL)])
    assert supervisor.pid("relay")
    assert supervisor.said[0].startswith(f"{tmp_path / 'record'} could not be written (")


async def test_a_stack_with_a_process_that_never_began_stops_in_good_order(supervisor: Watched) -> None:
    missing = Process(name="door", stage=0, command=("/nowhere/door",))
    with pytest.raises(FileNotFoundError):
        await supervisor.start([process("relay", FAITHFUL), missing])
    await supervisor.stop()
    assert supervisor.pid("relay") is None


async def test_what_a_dead_process_forked_ends_with_it(supervisor: Watched) -> None:
    await supervisor.start([process("worker", FORKING)])
    leader = psutil.Process(supervisor.pid("worker"))
    await until(leader.children)
    [fork] = leader.children()
    leader.kill()
    await until(lambda: not fork.is_running() or fork.status() == psutil.STATUS_ZOMBIE)


async def test_a_process_that_cannot_start_is_named_with_its_last_words(supervisor: Watched) -> None:
    command = (sys.executable, "-S", "-c", "raise SystemExit('no such table')")
    with pytest.raises(CannotStart, match=r"intake does not start: no such table \(log: "):
        await supervisor.start([Process(name="intake", stage=0, command=command, ready=never)])


async def never() -> bool:
    return False


NOTING = """
import signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
print("here", flush=True)
signal.sigwait({signal.SIGTERM})
open(sys.argv[1], "a").write(sys.argv[2])
"""


async def test_stages_end_in_the_opposite_order(supervisor: Watched, tmp_path: Path) -> None:
    for stage, name in enumerate(("server", "service", "door")):
        command = (sys.executable, "-S", "-c", NOTING, str(tmp_path / "order"), f"{name} ")
        await supervisor.start([Process(name=name, stage=stage, command=command)])
        await until((tmp_path / f"{name}.log").read_text)
    await supervisor.stop()
    assert (tmp_path / "order").read_text() == "door service server "


async def test_who_does_not_end_is_killed_in_time(supervisor: Watched, tmp_path: Path) -> None:
    await supervisor.start([process("server", STUBBORN), process("door", STUBBORN, stage=1)])
    await until(lambda: all("here" in (tmp_path / f"{name}.log").read_text() for name in ("server", "door")))
    pids = [supervisor.pid("server"), supervisor.pid("door")]
    began = time.monotonic()
    await supervisor.stop()
    assert time.monotonic() - began < 10
    assert not any(psutil.pid_exists(pid) for pid in pids if pid)
    assert "door did not end in time and was killed" in supervisor.said


SUPERVISING = """
    import asyncio, sys
    from pathlib import Path
    from deploy.processes import Process
    from deploy.supervisor import Supervisor

    async def main():
        folder = Path(sys.argv[1])
        supervisor = Supervisor(folder, folder / "record", {"CECOIA_STACK": str(folder)}, print)
        await supervisor.start([
            Process(name=name, stage=0, command=(sys.executable, "-S", "-c", code))
            for name, code in zip(sys.argv[2::2], sys.argv[3::2])
        ])
        print("ready", flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
"""


def supervise_and_kill(folder: Path, *processes: str) -> list[psutil.Process]:
    """Start a supervisor in a process of its own, kill it, and give the processes that it had started."""
    command = [sys.executable, "-c", textwrap.dedent(SUPERVISING), str(folder), *processes]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline() == "ready\n"
        births = json.loads((folder / "record").read_text())
        started = [psutil.Process(pid) for pid, _ in births]
        for name in processes[::2]:
            while "stubborn" in name and "here" not in (folder / f"{name}.log").read_text():
                time.sleep(0.02)
        supervisor.kill()
    return started


def test_nothing_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    started = supervise_and_kill(tmp_path, "relay", FAITHFUL, "mail", FAITHFUL)
    _, left = psutil.wait_procs(started, timeout=5)
    assert left == []


def test_the_next_start_ends_what_ignored_the_end_of_its_supervisor(tmp_path: Path) -> None:
    [stubborn] = supervise_and_kill(tmp_path, "stubborn", STUBBORN)
    assert stubborn.is_running()
    assert end_leftovers(tmp_path, tmp_path / "record", patience=0.2) == 1
    assert not stubborn.is_running() or stubborn.status() == psutil.STATUS_ZOMBIE
    assert end_leftovers(tmp_path, tmp_path / "record") == 0


def test_a_stranger_with_a_recorded_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "record").write_text(json.dumps([[os.getpid(), 1.0]]))
    assert end_leftovers(tmp_path, tmp_path / "record") == 0
