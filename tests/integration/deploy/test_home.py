"""One supervisor in a home at a time, on free ports, with data that fits."""

import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy import postgres
from deploy.home import Refused, check_ports, held
from deploy.sockets import socket_folder


def test_a_second_supervisor_is_refused_and_the_lock_goes_with_its_holder(tmp_path: Path) -> None:
    with (
        held(tmp_path / "home"),
        pytest.raises(Refused, match=r"already running in .*home \(process \d+\)"),
        held(tmp_path / "home"),
    ):
        pass
    with held(tmp_path / "home"):
        pass


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * 2**20))
    with pytest.raises(Refused, match="the disk is full: 5 MiB free"), held(tmp_path):
        pass


def test_a_taken_port_is_named_with_who_has_it_and_what_moves_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            Refused, match=rf"port {port} for intake is taken by \S+ \(process \d+\); CECOIA_PORT moves"
        ):
            check_ports({"intake": port})
    check_ports({"intake": port})


def test_data_of_another_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("17\n")
    with pytest.raises(postgres.DataOfAnotherVersion, match="17"):
        postgres.prepare(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["PG_VERSION"]


def test_half_made_data_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "data.part"
    half.mkdir()
    (half / "base").write_text("interrupted")
    with postgres.serving(tmp_path / "data", tmp_path / "s") as url:
        assert url.endswith("/s")
    assert not half.exists()


@pytest.mark.skipif("os.getuid() != 0", reason="only root has folders that others cannot enter")
def test_root_may_keep_the_data_where_nobody_else_can_go(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    home.mkdir()
    with postgres.serving(home / "data", socket_folder(home, "postgres")):
        assert (home / "data" / "postmaster.pid").stat().st_uid != 0


def test_stale_locks_of_a_killed_server_are_forgotten(tmp_path: Path) -> None:
    sockets = tmp_path / "s"
    sockets.mkdir()
    stale = (tmp_path / "postmaster.pid", sockets / ".s.PGSQL.5432.lock")
    for file in stale:
        file.write_text("1\n")
    postgres.forget_stale_locks(tmp_path, sockets)
    assert not any(file.exists() for file in stale)
