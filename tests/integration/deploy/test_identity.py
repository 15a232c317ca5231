"""The demo identity provider, as the portal and as scripts use it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from litestar.testing import TestClient

from deploy.demo.grants import challenge
from deploy.demo.guard import demo_only
from deploy.demo.identity import build
from shared.settings import Settings
from tests.support.settings import NOWHERE

ISSUER = "http://127.0.0.1:8003"
CALLBACK = "http://127.0.0.1:8000/connexion/retour"
VERIFIER = "v" * 43
ASKED = {
    "client_id": "cecoia-portal",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid profile email",
    "state": "s" * 32,
    "nonce": "n" * 32,
    "code_challenge": challenge(VERIFIER),
    "code_challenge_method": "S256",
}
CLAIRE = {"username": "claire.martin", "password": "demo"}


def settings(home: Path, limits: str = "on") -> Settings:
    return Settings.read({"CECOIA_HOME": str(home), "CECOIA_LIMITS": limits, **NOWHERE})


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[TestClient[Any]]:
    with TestClient(build(settings(tmp_path)), base_url=ISSUER) as client:
        yield client


def answer_of(location: str) -> dict[str, str]:
    assert location.startswith(f"{CALLBACK}?")
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def test_discovery_names_this_issuer(provider: TestClient[Any]) -> None:
    found = provider.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == ISSUER
    assert found["code_challenge_methods_supported"] == ["S256"]


def test_the_whole_way_from_the_page_to_checked_tokens(provider: TestClient[Any]) -> None:
    page = provider.get("/authorize", params=ASKED)
    assert page.status_code == 200
    assert "Mot de passe" in page.text
    assert "form-action 'self' http://127.0.0.1:8000" in page.headers["content-security-policy"]
    entered = provider.post("/authorize", data=ASKED | CLAIRE, follow_redirects=False)
    assert entered.status_code == 303
    answer = answer_of(entered.headers["location"])
    assert answer["state"] == ASKED["state"]
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": CALLBACK}
    given = provider.post("/token", data=form | {"client_id": "cecoia-portal", "code_verifier": VERIFIER})
    assert given.headers["cache-control"] == "no-store"
    keys = KeySet.import_key_set(provider.get("/jwks").json())
    identity = jwt.decode(given.json()["id_token"], keys, algorithms=["ES256"]).claims
    assert (identity["iss"], identity["nonce"], identity["name"]) == (ISSUER, ASKED["nonce"], "Claire Martin")
    access = jwt.decode(given.json()["access_token"], keys, algorithms=["ES256"])
    assert (access.header["typ"], access.claims["aud"], access.claims["sub"]) == ("at+jwt", "cecoia", "claire.martin")


def test_a_wrong_password_keeps_the_name_and_the_way_back(provider: TestClient[Any]) -> None:
    page = provider.post("/authorize", data=ASKED | CLAIRE | {"password": "<no>"})
    assert page.status_code == 401
    assert "Identifiant ou mot de passe incorrect." in page.text
    assert 'value="claire.martin"' in page.text
    assert ASKED["state"] in page.text
    assert "<no>" not in page.text


@pytest.mark.parametrize("change", [{"redirect_uri": "https://elsewhere.example/"}, {"client_id": "another"}])
def test_nobody_is_sent_to_a_stranger(provider: TestClient[Any], change: dict[str, str]) -> None:
    for answer in (
        provider.get("/authorize", params=ASKED | change, follow_redirects=False),
        provider.post("/authorize", data=ASKED | CLAIRE | change, follow_redirects=False),
    ):
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
    ],
)
def test_the_portal_is_told_what_it_asked_wrongly(
    provider: TestClient[Any], change: dict[str, str], error: str
) -> None:
    answer = provider.get("/authorize", params=ASKED | change, follow_redirects=False)
    assert answer_of(answer.headers["location"]) | {"error": error} == answer_of(answer.headers["location"])


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("http://127.0.0.1:8000/connexion", "http://127.0.0.1:8000/connexion"),
        ("https://elsewhere.example/", "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000@elsewhere.example/", "http://127.0.0.1:8000"),
    ],
)
def test_signing_out_leads_to_the_portal_only(provider: TestClient[Any], wanted: str, reached: str) -> None:
    answer = provider.get("/logout", params={"post_logout_redirect_uri": wanted}, follow_redirects=False)
    assert answer.headers["location"] == reached


def test_scripts_get_tokens_or_the_reason(provider: TestClient[Any]) -> None:
    form = {"grant_type": "password", **CLAIRE}
    assert provider.post("/token", data=form).json()["token_type"] == "Bearer"
    refused = provider.post("/token", data=form | {"password": "wrong"})
    assert (refused.status_code, refused.json()) == (400, {"error": "invalid_grant"})
    program = provider.post("/token", data={"grant_type": "client_credentials"}, auth=("entrepot", "demo"))
    assert program.status_code == 200


def test_guessing_is_braked_and_the_limits_can_be_lifted(tmp_path: Path) -> None:
    form = {"grant_type": "password", "username": "hugo.petit", "password": "wrong"}
    for limits, last in (("on", 429), ("off", 400)):
        with TestClient(build(settings(tmp_path, limits)), base_url=ISSUER) as client:
            codes = [client.post("/token", data=form).status_code for _ in range(11)]
        assert codes == [400] * 10 + [last]


def test_many_names_from_one_address_are_braked_and_the_limits_can_be_lifted(tmp_path: Path) -> None:
    for limits, last in (("on", 429), ("off", 401)):
        with TestClient(build(settings(tmp_path, limits)), base_url=ISSUER) as client:
            for n in range(100):
                form = {"grant_type": "password", "username": f"person.{n}", "password": "wrong"}
                assert client.post("/token", data=form).status_code == 400
            entered = client.post("/authorize", data=ASKED | {"username": "anybody", "password": "wrong"})
        assert entered.status_code == last


def test_refresh_tokens_survive_a_restart(tmp_path: Path) -> None:
    with TestClient(build(settings(tmp_path)), base_url=ISSUER) as client:
        refresh = client.post("/token", data={"grant_type": "password", **CLAIRE}).json()["refresh_token"]
    with TestClient(build(settings(tmp_path)), base_url=ISSUER) as client:
        again = client.post("/token", data={"grant_type": "refresh_token", "refresh_token": refresh})
        assert again.status_code == 200


def test_other_names_for_this_host_are_refused(tmp_path: Path) -> None:
    with TestClient(build(settings(tmp_path)), base_url="http://elsewhere.example") as client:
        assert client.get("/jwks").status_code == 400


@pytest.mark.parametrize(("demo", "address"), [(None, ISSUER), ("1", "https://identity.example")])
def test_it_refuses_to_start_outside_the_demo(monkeypatch: pytest.MonkeyPatch, demo: str | None, address: str) -> None:
    monkeypatch.delenv("CECOIA_DEMO", raising=False)
    if demo:
        monkeypatch.setenv("CECOIA_DEMO", demo)
    with pytest.raises(SystemExit, match="the demo identity provider"):
        demo_only("the demo identity provider", address)
