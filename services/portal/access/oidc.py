"""The identity provider, as OpenID Connect describes it: authorization code flow with PKCE where it is offered."""

from __future__ import annotations

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import msgspec
from joserfc import errors, jwt
from joserfc.jwk import KeySet

from shared.logs import logger
from shared.settings import Settings

_log = logger(__name__)

#: What every provider knows, and what we like to ask of one that lists it (some refuse unknown scopes).
_SCOPES: Final = ("openid", "profile", "email")
_MORE_SCOPES: Final = ("roles", "groups", "offline_access")
_METADATA_LASTS: Final = 600.0
_LEEWAY: Final = 30
#: A token without a stated life is held to live this long, in seconds.
_DEFAULT_LIFE: Final = 300


class ProviderDown(Exception):
    """The identity provider does not answer, or not understandably."""


class SignInRefused(Exception):
    """The provider said no, or what it said does not hold."""


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider publishes about itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    scopes_supported: list[str] = []
    code_challenge_methods_supported: list[str] = []


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """What a code or a refresh token was exchanged for. `expires_at` in seconds since the epoch."""

    access_token: str
    refresh_token: str | None
    id_token: str | None
    expires_at: float


class _TokenAnswer(msgspec.Struct, frozen=True, kw_only=True):
    access_token: str
    refresh_token: str | None = None
    id_token: str | None = None
    expires_in: int = _DEFAULT_LIFE


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in on its way: what must come back with it, and where the person wants to go."""

    state: str
    nonce: str
    verifier: str
    browser: str
    return_to: str

    @classmethod
    def start(cls, browser: str, return_to: str) -> Attempt:
        """A new one; each secret has 43 characters, 256 bits."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        return cls(state=state, nonce=nonce, verifier=verifier, browser=browser, return_to=return_to)


class Provider:
    """The provider that settings name.

    Args:
        settings: issuer, client, algorithms.
        client: for tests; by default one of its own.
    """

    def __init__(self, settings: Settings, client: httpx.AsyncClient | None = None) -> None:
        self._settings = settings
        self._client = client or httpx.AsyncClient(timeout=5.0, follow_redirects=False, trust_env=False)
        self._callback = f"{settings.portal_url.rstrip('/')}/connexion/retour"
        self._metadata: Metadata | None = None
        self._read_at = 0.0

    async def close(self) -> None:
        """Let the connections go."""
        await self._client.aclose()

    async def authorization(self, attempt: Attempt) -> str:
        """The address at the provider where the person signs in."""
        metadata = await self.metadata()
        scopes = [*_SCOPES, *(scope for scope in _MORE_SCOPES if scope in metadata.scopes_supported)]
        asked = {
            "response_type": "code",
            "client_id": self._settings.oidc_client_id,
            "redirect_uri": self._callback,
            "scope": " ".join(scopes),
            "state": attempt.state,
            "nonce": attempt.nonce,
        }
        if "S256" in metadata.code_challenge_methods_supported:
            asked |= {"code_challenge": _challenge(attempt.verifier), "code_challenge_method": "S256"}
        joint = "&" if "?" in metadata.authorization_endpoint else "?"
        return f"{metadata.authorization_endpoint}{joint}{urlencode(asked)}"

    async def exchange(self, code: str, attempt: Attempt) -> tuple[Tokens, dict[str, Any]]:
        """Tokens for the code that came back, and the claims of the checked id_token.

        Raises:
            SignInRefused: the code, or what it gave, is not good.
            ProviderDown: no answer.
        """
        metadata = await self.metadata()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self._callback}
        if "S256" in metadata.code_challenge_methods_supported:
            form["code_verifier"] = attempt.verifier
        tokens = await self._token(metadata, form)
        if tokens.id_token is None:
            raise SignInRefused("no id_token")
        return tokens, await self._claims(metadata, tokens.id_token, attempt.nonce)

    async def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for an old session.

        Raises:
            SignInRefused: the provider does not renew it any more.
            ProviderDown: no answer.
        """
        metadata = await self.metadata()
        return await self._token(metadata, {"grant_type": "refresh_token", "refresh_token": refresh_token})

    async def sign_out(self, id_token: str) -> str | None:
        """The address where the provider's own session ends (RP-initiated logout); None where it has none."""
        metadata = await self.metadata()
        if metadata.end_session_endpoint is None:
            return None
        back = f"{self._settings.portal_url.rstrip('/')}/connexion"
        query = {
            "id_token_hint": id_token,
            "post_logout_redirect_uri": back,
            "client_id": self._settings.oidc_client_id,
        }
        return f"{metadata.end_session_endpoint}?{urlencode(query)}"

    async def metadata(self) -> Metadata:
        """What the provider publishes; read again every ten minutes, an older one serves while it is away."""
        if self._metadata is None or time.monotonic() - self._read_at > _METADATA_LASTS:
            address = f"{self._settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
            try:
                self._metadata = self._ours(msgspec.json.decode(await self._get(address), type=Metadata))
                self._read_at = time.monotonic()
            except (msgspec.DecodeError, ProviderDown) as error:
                _log.warning("identity_provider_unreadable", reason=type(error).__name__)
                if self._metadata is None:
                    raise ProviderDown("discovery") from error
        return self._metadata

    def _ours(self, metadata: Metadata) -> Metadata:
        if metadata.issuer != self._settings.oidc_issuer:
            raise ProviderDown("another issuer answered")
        return metadata

    async def _get(self, url: str) -> bytes:
        try:
            answer = await self._client.get(url)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ProviderDown(type(error).__name__) from error
        return answer.content

    async def _token(self, metadata: Metadata, form: dict[str, str]) -> Tokens:
        secret = self._settings.oidc_client_secret
        auth = httpx.BasicAuth(self._settings.oidc_client_id, secret) if secret else None
        try:
            answer = await self._client.post(
                metadata.token_endpoint,
                data=form if secret else {**form, "client_id": self._settings.oidc_client_id},
                auth=auth or httpx.USE_CLIENT_DEFAULT,
            )
        except httpx.HTTPError as error:
            raise ProviderDown(type(error).__name__) from error
        if answer.is_server_error:
            raise ProviderDown("token endpoint")
        if not answer.is_success:
            raise SignInRefused("token endpoint")
        try:
            given = msgspec.json.decode(answer.content, type=_TokenAnswer)
        except msgspec.DecodeError as error:
            raise ProviderDown("token answer") from error
        return Tokens(
            access_token=given.access_token,
            refresh_token=given.refresh_token,
            id_token=given.id_token,
            expires_at=time.time() + given.expires_in,
        )

    async def _claims(self, metadata: Metadata, id_token: str, nonce: str) -> dict[str, Any]:
        """The claims of an id_token that is signed by the provider, for us, for this attempt."""
        registry = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": metadata.issuer},
            aud={"essential": True, "value": self._settings.oidc_client_id},
            exp={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        algorithms = [name for name in self._settings.token_algorithms if name.lower() != "none"]
        try:
            keys = KeySet.import_key_set(msgspec.json.decode(await self._get(metadata.jwks_uri)))
            claims = jwt.decode(id_token, keys, algorithms=algorithms).claims
            registry.validate(claims)
        except (errors.JoseError, msgspec.DecodeError, ValueError, TypeError, KeyError) as error:
            _log.warning("id_token_refused", reason=type(error).__name__)
            raise SignInRefused("id_token") from error
        return claims


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
