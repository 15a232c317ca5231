"""What the demo provider signs, and what it takes back."""

from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.demo.grants import GrantRefused, Grants, challenge
from deploy.demo.people import PEOPLE
from deploy.demo.throttle import Brakes, Throttle
from deploy.demo.tokens import CODE, Issuer, load_key

NOW = 1_800_000_000
CALLBACK = "http://127.0.0.1:8000/connexion/retour"
VERIFIER = "v" * 43


@pytest.fixture
def issuer(tmp_path: Path) -> Issuer:
    return Issuer("http://127.0.0.1:8003", load_key(tmp_path / "key.json"), "cecoia")


@pytest.fixture
def grants(issuer: Issuer) -> Grants:
    return Grants(issuer, "cecoia-portal", Brakes(Throttle(tries=2), Throttle(tries=5)))


def claims(issuer: Issuer, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    decoded = jwt.decode(token, KeySet.import_key_set(issuer.keys()), algorithms=["ES256"])
    return decoded.header, decoded.claims


def code_form(issuer: Issuer, **changes: str) -> dict[str, str]:
    kept = {"sub": "claire.martin", "redirect_uri": CALLBACK, "challenge": challenge(VERIFIER), "nonce": "n"}
    form = {
        "grant_type": "authorization_code",
        "code": issuer.own("code", kept, NOW, CODE),
        "client_id": "cecoia-portal",
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return form | changes


def test_the_challenge_is_that_of_the_standard() -> None:
    assert challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_key_stays_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = load_key(tmp_path / "key.json")
    assert load_key(tmp_path / "key.json").thumbprint() == first.thumbprint()
    assert (tmp_path / "key.json").stat().st_mode & 0o777 == 0o600


def test_published_keys_are_public(issuer: Issuer) -> None:
    assert all("d" not in key for key in issuer.keys()["keys"])


def test_an_access_token_says_who_may_do_what(issuer: Issuer) -> None:
    header, said = claims(issuer, issuer.access(PEOPLE["nadia.benali"], NOW))
    assert header["typ"] == "at+jwt"
    assert said["aud"] == "cecoia"
    assert said["sub"] == "nadia.benali"
    assert said["name"] == "Nadia Benali"
    assert said["email"] == "nadia.benali@cecoia.example"
    assert said["roles"] == ["agent"]
    assert said["groups"] == ["messagerie", "accueil"]


def test_a_code_gives_tokens_once(issuer: Issuer, grants: Grants) -> None:
    form = code_form(issuer)
    _, said = claims(issuer, grants.tokens(form, "", NOW)["id_token"])
    assert (said["aud"], said["nonce"], said["sub"]) == ("cecoia-portal", "n", "claire.martin")
    with pytest.raises(GrantRefused, match="invalid_grant"):
        grants.tokens(form, "", NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "another"},
        {"redirect_uri": "http://127.0.0.1:8000/elsewhere"},
        {"client_id": "another"},
        {"code": "forged"},
    ],
)
def test_a_code_is_refused_when_anything_else_changed(issuer: Issuer, grants: Grants, change: dict[str, str]) -> None:
    with pytest.raises(GrantRefused, match="invalid_grant"):
        grants.tokens(code_form(issuer, **change), "", NOW)


def test_a_code_is_refused_later(issuer: Issuer, grants: Grants) -> None:
    with pytest.raises(GrantRefused, match="invalid_grant"):
        grants.tokens(code_form(issuer), "", NOW + CODE)


def test_a_refresh_token_gives_new_tokens_and_nothing_else_does(issuer: Issuer, grants: Grants) -> None:
    first = grants.tokens({"grant_type": "password", "username": "hugo.petit", "password": "demo"}, "", NOW)
    again = grants.tokens({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}, "", NOW + 600)
    assert claims(issuer, again["access_token"])[1]["sub"] == "hugo.petit"
    with pytest.raises(GrantRefused, match="invalid_grant"):
        grants.tokens({"grant_type": "refresh_token", "refresh_token": first["access_token"]}, "", NOW)


def test_a_program_signs_in_with_its_secret(issuer: Issuer, grants: Grants) -> None:
    form = {"grant_type": "client_credentials", "client_id": "robot-postes", "client_secret": "demo"}
    _, said = claims(issuer, grants.tokens(form, "", NOW)["access_token"])
    assert (said["roles"], said["groups"]) == (["agent"], ["postes"])
    basic = "Basic ZW50cmVwb3Q6ZGVtbw=="
    _, said = claims(issuer, grants.tokens({"grant_type": "client_credentials"}, basic, NOW)["access_token"])
    assert (said["sub"], said["roles"]) == ("entrepot", ["reporting"])
    with pytest.raises(GrantRefused, match="invalid_client"):
        grants.tokens(form | {"client_secret": "no"}, "", NOW)


def test_people_are_no_programs(grants: Grants) -> None:
    form = {"grant_type": "client_credentials", "client_id": "claire.martin", "client_secret": "demo"}
    with pytest.raises(GrantRefused, match="invalid_client"):
        grants.tokens(form, "", NOW)


def test_guessing_is_braked(grants: Grants) -> None:
    form = {"grant_type": "password", "username": "hugo.petit", "password": "wrong"}
    for _ in range(2):
        with pytest.raises(GrantRefused):
            grants.tokens(form, "", NOW)
    with pytest.raises(GrantRefused) as refused:
        grants.tokens(form | {"password": "demo"}, "", NOW)
    assert (refused.value.status, refused.value.wait) == (429, 300)


def test_writing_a_name_otherwise_gives_no_more_tries(grants: Grants) -> None:
    for name in ("hugo.petit", "HUGO.Petit "):
        with pytest.raises(GrantRefused):
            grants.sign_in(name, "wrong", NOW)
    with pytest.raises(GrantRefused) as refused:
        grants.sign_in("Hugo.Petit", "demo", NOW)
    assert refused.value.wait == 300


def test_many_names_from_one_address_are_braked(grants: Grants) -> None:
    for n in range(5):
        with pytest.raises(GrantRefused, match="invalid_grant"):
            grants.sign_in(f"person.{n}", "wrong", NOW, "192.0.2.1")
        grants.sign_in("claire.martin", "demo", NOW, "192.0.2.2")
    with pytest.raises(GrantRefused) as refused:
        grants.sign_in("claire.martin", "demo", NOW, "192.0.2.1")
    assert (refused.value.status, refused.value.wait) == (429, 300)
    grants.sign_in("claire.martin", "demo", NOW, "192.0.2.2")


@pytest.mark.parametrize(("form", "error"), [({}, "invalid_request"), ({"grant_type": "x"}, "unsupported_grant_type")])
def test_other_grants_are_refused(grants: Grants, form: dict[str, str], error: str) -> None:
    with pytest.raises(GrantRefused, match=error):
        grants.tokens(form, "", NOW)
