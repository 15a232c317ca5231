"""Who calls: bearer tokens of the identity provider, checked against its published keys."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from typing import Any, Final

import httpx
import msgspec
from joserfc import errors, jwt
from joserfc.jwk import KeySet
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from shared.events.vocabulary import Role
from shared.http.problems import Problem, unavailable
from shared.logs import logger
from shared.settings import Settings
from shared.text import clean_name

_log = logger(__name__)

#: Values of a route's `access`: who may call it. `require` makes the third kind.
PUBLIC: Final = "public"
SIGNED_IN: Final = "signed_in"
Access = str | frozenset[Role]

_TYPES: Final = frozenset({"at+jwt", "application/at+jwt"})
_LEEWAY: Final = 30
_KEYS_LAST: Final = 600.0
_REFRESH_PAUSE: Final = 10.0
_CACHED_TOKENS: Final = 4096


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """The person or program behind a request, as the token says; `expires_at` in seconds since 1970."""

    sub: str
    name: str
    email: str | None
    roles: frozenset[Role]
    groups: frozenset[str]
    expires_at: float

    @property
    def is_agent(self) -> bool:
        """Whether the caller handles incidents; supervisors do too."""
        return bool(self.roles & AGENTS)

    @property
    def is_supervisor(self) -> bool:
        """Whether the caller answers for all groups."""
        return Role.SUPERVISOR in self.roles


def require(*roles: Role) -> frozenset[Role]:
    """Access for callers with at least one of these roles: `@get("/x", access=require(Role.AGENT))`."""
    return frozenset(roles)


#: Who may read and write incidents (their own, or those of their groups), who answers them, who counts
#: them, who decides about people.
INVOLVED: Final = require(Role.REQUESTER, Role.AGENT, Role.SUPERVISOR)
AGENTS: Final = require(Role.AGENT, Role.SUPERVISOR)
MANAGERS: Final = require(Role.REPORTING, Role.SUPERVISOR)
SUPERVISORS: Final = require(Role.SUPERVISOR)


class TokenVerifier:
    """Checks signed access tokens (RFC 9068) and says whom they name.

    Keys are read from the provider's discovery document, kept for ten minutes, and read again when a token names an
    unknown key. No more than one try begins in ten seconds, whether it succeeds or not, so that neither strange tokens
    nor a provider that is away make requests wait in line. A verified token is remembered until it expires.
    """

    def __init__(self, settings: Settings, client: httpx.AsyncClient | None = None) -> None:
        self._issuer = settings.oidc_issuer
        self._algorithms = [name for name in settings.token_algorithms if name.lower() != "none"]
        self._claims = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": settings.oidc_issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._client = client or httpx.AsyncClient(timeout=3.0, follow_redirects=False)
        self._keys: KeySet | None = None
        self._read_at = self._tried_at = -math.inf
        self._lock = asyncio.Lock()
        self._verified: OrderedDict[str, Caller] = OrderedDict()

    async def close(self) -> None:
        """Let the connections to the identity provider go."""
        await self._client.aclose()

    async def verify(self, token: str) -> Caller:
        """Whom this token names.

        Raises:
            Problem: 401 when the token is not good, 503 when the provider's keys cannot be read.
        """
        if known := self._verified.get(token):
            if known.expires_at + _LEEWAY > time.time():
                return known
            del self._verified[token]
        claims = await self._decode(token)
        caller = _caller(claims)
        self._verified[token] = caller
        if len(self._verified) > _CACHED_TOKENS:
            self._verified.popitem(last=False)
        return caller

    async def _decode(self, token: str) -> dict[str, Any]:
        keys = await self._current_keys()
        try:
            try:
                decoded = jwt.decode(token, keys, algorithms=self._algorithms)
            except errors.InvalidKeyIdError:
                decoded = jwt.decode(token, await self._newer_keys(), algorithms=self._algorithms)
            if str(decoded.header.get("typ", "")).lower() not in _TYPES:
                raise _refused("Ce jeton n’est pas un jeton d’accès.")
            self._claims.validate(decoded.claims)
        except errors.ExpiredTokenError as error:
            raise _refused("Votre connexion a expiré. Reconnectez-vous puis recommencez.") from error
        except (errors.JoseError, ValueError, TypeError, KeyError) as error:
            _log.info("token_refused", reason=type(error).__name__)
            raise _refused("Le jeton d’accès n’est pas valable.") from error
        return decoded.claims

    async def _current_keys(self) -> KeySet:
        if self._keys is None or time.monotonic() - self._read_at > _KEYS_LAST:
            await self._refresh()
        return self._known_keys()

    async def _newer_keys(self) -> KeySet:
        await self._refresh()
        return self._known_keys()

    def _known_keys(self) -> KeySet:
        if self._keys is None:
            raise unavailable(round(_REFRESH_PAUSE), "L’annuaire des connexions ne répond pas.")
        return self._keys

    async def _refresh(self) -> None:
        """Read the keys, unless that was tried a moment ago: who comes during a try waits for it, and no longer."""
        async with self._lock:
            if time.monotonic() - self._tried_at > _REFRESH_PAUSE:
                try:
                    await self._read_keys()
                finally:
                    self._tried_at = time.monotonic()

    async def _read_keys(self) -> None:
        """Read the provider's keys; when it is away, those already known go on serving."""
        try:
            self._keys = KeySet.import_key_set(await self._get_json(await self._keys_address()))
            self._read_at = time.monotonic()
        except (httpx.HTTPError, errors.JoseError, ValueError, KeyError, TypeError) as error:
            _log.warning("identity_keys_unreadable", reason=type(error).__name__)

    async def _keys_address(self) -> str:
        discovery = await self._get_json(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
        if discovery["issuer"] != self._issuer:
            raise ValueError("another issuer answered")
        return str(discovery["jwks_uri"])

    async def _get_json(self, url: str) -> Any:
        answer = await self._client.get(url)
        answer.raise_for_status()
        return answer.json()


def _refused(detail: str) -> Problem:
    return Problem(401, detail=detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'}, code="token")


def _caller(claims: dict[str, Any]) -> Caller:
    email = claims.get("email")
    return Caller(
        sub=claims["sub"],
        name=clean_name(str(claims.get("name") or claims["sub"])),
        email=email if isinstance(email, str) and email else None,
        roles=frozenset(Role) & frozenset(_texts(claims.get("roles"))),
        groups=frozenset(_texts(claims.get("groups"))),
        expires_at=float(claims["exp"]),
    )


def _texts(claim: object) -> list[str]:
    return [item for item in claim if isinstance(item, str)] if isinstance(claim, list) else []


async def check_bearer(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard: hold each route to its `access`, by the bearer token of the request.

    Raises:
        Problem: 401 without a good token, 403 without the role.
    """
    access = handler.opt.get("access")
    if access == PUBLIC or "OPTIONS" in getattr(handler, "http_methods", ()):
        return
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Problem(401, headers={"WWW-Authenticate": "Bearer"}, code="token")
    verifier: TokenVerifier = connection.app.state.verifier
    caller = await verifier.verify(token.strip())
    if access != SIGNED_IN and not (isinstance(access, frozenset) and caller.roles & access):
        raise Problem(403, code="role")
    connection.state.caller = caller


def caller_of(request: Request[Any, Any, Any]) -> Caller:
    """Who sends the request to a route that is not public; the Litestar dependency `caller` too."""
    caller: Caller = request.state.caller
    return caller
