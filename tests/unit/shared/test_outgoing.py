"""Where the services may call on somebody's wish."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from shared.outgoing import check_url, is_allowed

LOOPBACK = (ip_network("127.0.0.0/8"),)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_the_open_internet_is_allowed(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "2002:0a00:0001::1",
        "fd00::1",
        "fe80::1%eth0",
        "ff02::1",
    ],
)
def test_what_is_within_or_may_stand_for_it_is_not(address: str) -> None:
    assert not is_allowed(address)


def test_the_operator_may_allow_networks() -> None:
    assert is_allowed("127.0.0.1", LOOPBACK)
    assert is_allowed("::ffff:127.0.0.1", LOOPBACK)
    assert not is_allowed("10.0.0.1", LOOPBACK)
    assert not is_allowed("::1", LOOPBACK)


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example/a?token=b", "https://hooks.example:8443", "https://8.8.8.8/", "https://école.example/"],
)
def test_addresses_that_may_be_named(url: str) -> None:
    assert check_url(url, ()) == url


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://hooks.example/", "https://"),
        ("ftp://hooks.example/", "https://"),
        ("https:///nowhere", "nommer un serveur"),
        ("hooks.example", "https://"),
        ("https://user@hooks.example/", "nom d’utilisateur"),
        ("https://hooks.example/#part", "nom d’utilisateur"),
        ("https://hooks.example:99999/", "ne peut pas être lue"),
        ("https://[::1", "ne peut pas être lue"),
        ("https://hooks.example/a b", "sans espace"),
        ("https://hooks.example/" + "a" * 2000, "sans espace"),
        ("https://10.0.0.1/", "réseau interne"),
        ("https://[::1]/", "réseau interne"),
        ("http://127.0.0.1/", "réseau interne"),
    ],
)
def test_addresses_that_may_not(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_url(url, ())


def test_without_encryption_only_on_this_machine() -> None:
    assert check_url("http://127.0.0.1:9000/a", LOOPBACK)
    assert check_url("http://localhost:9000/a", ())
    with pytest.raises(ValueError, match="https://"):
        check_url("http://10.0.0.1/", (ip_network("10.0.0.0/8"),))
