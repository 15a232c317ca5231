from types import SimpleNamespace
from typing import Any

import pytest
from litestar.datastructures import Headers

from services.portal.access.neighbourhood import client_address, neighbourhood


def connection(*forwarded: str) -> Any:
    headers = Headers([(b"x-forwarded-for", line.encode()) for line in forwarded])
    return SimpleNamespace(client=SimpleNamespace(host="10.0.0.1"), headers=headers)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, ["192.0.2.7"], "10.0.0.1"),
        (1, ["invented, 192.0.2.7"], "192.0.2.7"),
        (1, ["invented", "192.0.2.7"], "192.0.2.7"),
        (2, ["invented, 192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        (1, [], "10.0.0.1"),
    ],
)
def test_only_what_our_proxies_saw_is_believed(proxies: int, forwarded: list[str], address: str) -> None:
    assert client_address(connection(*forwarded), proxies) == address


def test_addresses_of_one_ipv6_network_count_as_one() -> None:
    assert neighbourhood("2001:db8::1") == neighbourhood("2001:db8::ffff")
    assert neighbourhood("2001:db8::1") != neighbourhood("2001:db8:0:1::1")
    assert neighbourhood("192.0.2.1") != neighbourhood("192.0.2.2")


def test_the_name_does_not_show_the_address() -> None:
    assert "192.0.2.1" not in neighbourhood("192.0.2.1")
