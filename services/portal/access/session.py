"""Who is signed in: the session lies in Redis, the browser holds nothing but its random name."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from shared.events.vocabulary import Role

if TYPE_CHECKING:
    from redis.asyncio import Redis

COOKIE: Final = "cecoia_session"
#: Names the browser itself, signed in or not: what is typed while signed out belongs to it.
BROWSER_COOKIE: Final = "cecoia_navigateur"

IDLE: Final = 2 * 3600
ABSOLUTE: Final = 12 * 3600
#: How long a reader of one's own write waits for the projection at most; after it the position is of no use.
POSITION_AGE: Final = 60
#: Seconds that the renewal of tokens may take; longer than the identity provider is waited for.
REFRESHING: Final = 10
_LOOK_AGAIN: Final = 0.05

#: Where the secret behind the forms' tokens lies; it is lost with the sessions.
_FORM_KEY: Final = "portal:form-secret"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in person, with the tokens that speak for them. Instants are seconds since the epoch."""

    issuer: str
    sub: str
    name: str
    email: str | None
    roles: frozenset[Role]
    groups: frozenset[str]
    csrf: str
    access_token: str
    refresh_token: str | None
    id_token: str
    token_expires_at: float
    ends_at: float

    @property
    def owner(self) -> str:
        """A name for what belongs to this person in Redis, which tells nothing about them."""
        return person_owner(self.issuer, self.sub)

    @property
    def mark(self) -> str:
        """A name for what the browser keeps of this person; nothing on the server can be found by it."""
        return hashlib.sha256(f"mark\0{self.owner}".encode()).hexdigest()[:16]

    @property
    def is_agent(self) -> bool:
        """Whether the person answers incidents; supervisors do too."""
        return bool(self.roles & {Role.AGENT, Role.SUPERVISOR})

    @property
    def is_supervisor(self) -> bool:
        """Whether the person answers for all groups."""
        return Role.SUPERVISOR in self.roles

    @property
    def reads_reports(self) -> bool:
        """Whether figures are for this person."""
        return bool(self.roles & {Role.SUPERVISOR, Role.REPORTING})


def new_name() -> str:
    """A random name that cannot be guessed: 256 bits."""
    return secrets.token_urlsafe(32)


def person_owner(issuer: str, sub: str) -> str:
    """A name for what belongs to a person in Redis, which tells nothing about them."""
    return hashlib.sha256(f"person\0{issuer}\0{sub}".encode()).hexdigest()


def browser_owner(browser: str) -> str:
    """The same as `Session.owner`, for a browser in which nobody is signed in."""
    return hashlib.sha256(f"browser\0{browser}".encode()).hexdigest()


def _key(name: str) -> str:
    """Where a session lies: not under its own name, so that who reads Redis cannot take it over."""
    return f"portal:session:{hashlib.sha256(name.encode()).hexdigest()}"


def _lock(name: str) -> str:
    """Held by the one request that renews the tokens of a session."""
    return f"{_key(name)}:refreshing"


class Sessions:
    """The sessions in Redis.

    Args:
        redis: where they lie.
        clock: seconds since the epoch; given so that tests own the time.
    """

    def __init__(self, redis: Redis, clock: Callable[[], float]) -> None:
        self._redis = redis
        self._clock = clock

    async def open(self, session: Session) -> str:
        """Keep a new session and return its name, for the cookie. A name is never used twice."""
        name = new_name()
        await self._redis.set(_key(name), msgspec.json.encode(session), ex=self._left(session))
        return name

    async def form_token(self, owner: str, browser: str) -> str:
        """What the forms of this person in this browser carry.

        It stays the same when they sign in again, so that a form in another tab can still be sent.
        """
        await self._redis.set(_FORM_KEY, new_name(), nx=True)
        secret = str(await self._redis.get(_FORM_KEY))
        return hmac.new(secret.encode(), f"{owner}\0{browser}".encode(), hashlib.sha256).hexdigest()

    async def load(self, name: str) -> Session | None:
        """The session of that name, used again now; None where it has ended."""
        packed = await self._redis.get(_key(name))
        if packed is None:
            return None
        session = msgspec.json.decode(packed, type=Session)
        if session.ends_at <= self._clock():
            await self.close(name)
            return None
        await self._redis.expire(_key(name), self._left(session))
        return session

    async def renew(self, name: str, session: Session) -> None:
        """Replace the session under its name (new tokens), unless it was closed meanwhile."""
        await self._redis.set(_key(name), msgspec.json.encode(session), ex=self._left(session), xx=True)

    async def close(self, name: str) -> None:
        """End the session now."""
        await self._redis.delete(_key(name), f"{_key(name)}:position")

    async def refreshing(self, name: str) -> bool:
        """Whether this request is the one that renews the tokens; the others wait for what it brings."""
        return bool(await self._redis.set(_lock(name), b"", ex=REFRESHING, nx=True))

    async def refreshed(self, name: str) -> None:
        """The request that renews the tokens is done, whatever came of it."""
        await self._redis.delete(_lock(name))

    async def await_refreshed(self, name: str) -> Session | None:
        """The session as the request that renews its tokens has left it; None where it has ended."""
        while await self._redis.exists(_lock(name)):  # noqa: ASYNC110 - the other request may be of another process
            await asyncio.sleep(_LOOK_AGAIN)
        return await self.load(name)

    async def wrote(self, name: str, position: str) -> None:
        """Remember the journal position of one's own last write, so that the next page shows it."""
        await self._redis.set(f"{_key(name)}:position", position, ex=POSITION_AGE)

    async def position(self, name: str) -> str | None:
        """Where one's own last write stands; None when there was none lately."""
        position = await self._redis.get(f"{_key(name)}:position")
        return str(position) if position else None

    def _left(self, session: Session) -> int:
        return max(1, min(IDLE, int(session.ends_at - self._clock())))
