"""Tokens, keys and the provider they come from."""

import asyncio
import time

import pytest
from joserfc.jwk import ECKey

from shared.events.vocabulary import Role
from shared.http import identity
from shared.http.identity import TokenVerifier
from shared.http.problems import Problem
from shared.settings import Settings
from tests.support.identity import serving
from tests.support.settings import NOWHERE


@pytest.fixture
def provider():
    with serving() as running:
        yield running


@pytest.fixture
async def verifier(provider, tmp_path):
    settings = Settings.read({"CECOIA_HOME": str(tmp_path), "CECOIA_OIDC_ISSUER": provider.issuer, **NOWHERE})
    made = TokenVerifier(settings)
    yield made
    await made.close()


async def status(verifier, token):
    with pytest.raises(Problem) as caught:
        await verifier.verify(token)
    return caught.value.status


async def test_who_a_token_names(verifier, provider):
    caller = await verifier.verify(provider.token("nadia.benali", roles=["agent", "astronaut", 3]))
    assert (caller.sub, caller.name, caller.email) == ("nadia.benali", "Nadia Benali", "nadia.benali@academie.example")
    assert caller.roles == {Role.AGENT}
    assert caller.groups == {"messagerie", "accueil"}
    assert caller.is_agent
    assert 0 < caller.expires_at - time.time() < 3600 * 24
    assert not caller.is_supervisor


async def test_a_program_has_no_address(verifier, provider):
    caller = await verifier.verify(provider.token("robot", email=None, name=None, groups="postes", roles=None))
    assert (caller.name, caller.email, caller.groups, caller.roles) == ("robot", None, frozenset(), frozenset())


async def test_names_that_lie_are_cleaned(verifier, provider):
    assert (await verifier.verify(provider.token(name="Claire\u202e\0 Martin\n"))).name == "Claire Martin"


async def test_several_audiences(verifier, provider):
    assert await verifier.verify(provider.token(aud=["arena", "cecoia"]))


async def test_keys_are_read_once(verifier, provider):
    for _ in range(3):
        await verifier.verify(provider.token())
    assert provider.asked == 1


async def test_a_new_key_is_found_but_not_hunted_for(verifier, provider, monkeypatch):
    await verifier.verify(provider.token())
    provider.keys.append(ECKey.generate_key("P-256", auto_kid=True))
    assert await status(verifier, provider.token()) == 401
    assert provider.asked == 1, "the keys were read a moment ago"
    monkeypatch.setattr(identity, "_REFRESH_PAUSE", 0.0)
    assert (await verifier.verify(provider.token())).sub == "claire.martin"
    assert provider.asked == 2


async def test_a_verified_token_expires_all_the_same(verifier, provider, monkeypatch):
    token = provider.token(lasts=100)
    await verifier.verify(token)
    later = time.time() + 200
    monkeypatch.setattr(time, "time", lambda: later)
    assert await status(verifier, token) == 401


async def test_a_provider_that_is_away(verifier, provider, monkeypatch):
    provider.away = True
    assert await status(verifier, provider.token()) == 503
    provider.away = False
    monkeypatch.setattr(identity, "_REFRESH_PAUSE", 0.0)
    assert await verifier.verify(provider.token())
    provider.away = True
    monkeypatch.setattr(identity, "_KEYS_LAST", 0.0)
    assert await verifier.verify(provider.token("hugo.petit")), "known keys go on serving"


async def test_a_provider_that_is_away_is_asked_once(verifier, provider):
    """Requests that come together, or a moment later, wait for one try at most."""
    provider.away = True
    found = await asyncio.gather(*(verifier.verify(provider.token()) for _ in range(5)), return_exceptions=True)
    assert [problem.status for problem in found] == [503] * 5
    assert found[0].headers["Retry-After"] == "10"
    assert await status(verifier, provider.token()) == 503
    assert provider.calls == 1


async def test_unknown_keys_do_not_hunt_a_provider_that_is_away(verifier, provider, monkeypatch):
    await verifier.verify(provider.token())
    monkeypatch.setattr(identity, "_REFRESH_PAUSE", 0.0)
    provider.away = True
    assert await status(verifier, provider.token(key=ECKey.generate_key("P-256", auto_kid=True))) == 401
    monkeypatch.setattr(identity, "_REFRESH_PAUSE", 10.0)
    calls = provider.calls
    for _ in range(3):
        assert await status(verifier, provider.token(key=ECKey.generate_key("P-256", auto_kid=True))) == 401
    assert provider.calls == calls


async def test_a_provider_that_calls_itself_otherwise(verifier, provider):
    token = provider.token()
    provider.issuer = "https://ailleurs.example"
    assert await status(verifier, token) == 503


async def test_what_is_remembered_is_bounded(verifier, provider, monkeypatch):
    monkeypatch.setattr(identity, "_CACHED_TOKENS", 2)
    for n in range(5):
        await verifier.verify(provider.token(f"person.{n}"))
    assert len(verifier._verified) == 2
