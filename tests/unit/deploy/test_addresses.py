"""What is given from outside is not started; the rest gets addresses next to CECOIA_PORT."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from deploy.addresses import plan
from deploy.home import Refused
from deploy.processes import SERVICES, processes
from services.notifier.work.broker import make_broker
from shared.settings import Settings

GIVEN = {
    "CECOIA_DATABASE_URL": "postgresql://db.example/cecoia",
    "CECOIA_BROKER_URL": "redis://redis.example/1",
    "CECOIA_REDIS_URL": "redis://redis.example/0",
    "CECOIA_SMTP_URL": "smtp://mail.example",
    "CECOIA_DOCUMENTS_URL": "s3://documents",
    "CECOIA_OIDC_ISSUER": "https://identity.example",
}


def test_everything_is_embedded_by_default(tmp_path: Path) -> None:
    addresses = plan(tmp_path, {})
    assert addresses.embedded == {"postgres", "redis", "identity", "mail"}
    names = ("portal", "intake", "query", "identity", "mail", "post")
    assert addresses.ports == {name: 8000 + offset for offset, name in enumerate(names)}
    assert addresses.variables["CECOIA_POST_URL"] == "smtp://127.0.0.1:8005"
    assert addresses.variables["CECOIA_MAIL_DOMAINS"] == "cecoia.example"
    assert addresses.variables["CECOIA_SUPERVISORS_MAIL"] == "sophie.durand@cecoia.example"
    assert addresses.variables["CECOIA_OIDC_ISSUER"] == "http://127.0.0.1:8003"
    assert addresses.variables["CECOIA_SMTP_URL"] == "smtp://127.0.0.1:8004"
    assert addresses.variables["CECOIA_DOCUMENTS_URL"] == (tmp_path / "documents").as_uri()


def test_cecoia_port_moves_all_ports(tmp_path: Path) -> None:
    assert plan(tmp_path, {"CECOIA_PORT": "9100"}).ports["mail"] == 9104


@pytest.mark.parametrize("given", [{}, {"global_keyprefix": "cecoia:", "socket_timeout": 60}])
def test_programs_are_told_the_options_that_our_own_processes_use(tmp_path: Path, given: dict[str, Any]) -> None:
    told = plan(tmp_path, {"CECOIA_BROKER_OPTIONS": json.dumps(given)}).variables
    broker = make_broker(Settings.read(told))
    assert json.loads(told["CECOIA_BROKER_OPTIONS"]) == broker.conf.broker_transport_options
    assert given.items() <= broker.conf.broker_transport_options.items()


def test_what_is_given_is_not_started(tmp_path: Path) -> None:
    addresses = plan(tmp_path, GIVEN)
    assert addresses.embedded == frozenset()
    assert GIVEN.items() <= addresses.variables.items()
    names = {process.name for process in processes(tmp_path, addresses)}
    assert names == {"intake", "post", "query", "projector", "relay", "worker", "sealer", "portal"}


def test_no_service_enters_our_database_as_its_owner(tmp_path: Path) -> None:
    users = {
        process.name: urlsplit(dict(process.variables)["CECOIA_DATABASE_URL"]).username
        for process in processes(tmp_path, plan(tmp_path, {}))
        if process.stage == SERVICES
    }
    notifier = {"relay": "cecoia_notifier", "worker": "cecoia_notifier"}
    query = {"query": "cecoia_query", "projector": "cecoia_query"}
    assert users == {"intake": "cecoia_intake", "post": "cecoia_intake", "sealer": "cecoia_sealer", **query, **notifier}


def test_another_database_is_entered_as_the_operator_says(tmp_path: Path) -> None:
    for process in processes(tmp_path, plan(tmp_path, GIVEN)):
        assert "CECOIA_DATABASE_URL" not in dict(process.variables)


def test_redis_is_started_for_the_half_that_is_not_given(tmp_path: Path) -> None:
    addresses = plan(tmp_path, {"CECOIA_REDIS_URL": "redis://redis.example/0"})
    assert "redis" in addresses.embedded
    assert addresses.variables["CECOIA_REDIS_URL"] == "redis://redis.example/0"
    assert addresses.variables["CECOIA_BROKER_URL"].startswith("redis+socket://")


@pytest.mark.parametrize("port", ["0", "65535", "eight"])
def test_a_port_that_leaves_no_room_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(Refused, match=f"CECOIA_PORT={port} is no port between 1 and 65528"):
        plan(tmp_path, {"CECOIA_PORT": port})


@pytest.mark.parametrize("options", ["{", "[1]", "1"])
def test_broker_options_that_are_no_object_are_refused(tmp_path: Path, options: str) -> None:
    with pytest.raises(Refused, match="CECOIA_BROKER_OPTIONS"):
        plan(tmp_path, {"CECOIA_BROKER_OPTIONS": options})


def test_sockets_stay_below_the_limit_of_the_kernel(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 20) / ("deeper" * 10)
    for variable in ("CECOIA_DATABASE_URL", "CECOIA_REDIS_URL"):
        assert len(plan(deep, {}).variables[variable]) < 107
