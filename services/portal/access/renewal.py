"""A session whose tokens still hold: they are renewed shortly before they expire, by one request for all."""

from __future__ import annotations

import time
from typing import Final

from msgspec import structs

from services.portal.access.oidc import Provider, ProviderDown, SignInRefused
from services.portal.access.session import Session, Sessions
from shared.logs import logger

_log = logger(__name__)

#: Tokens are renewed this long before they expire, in seconds.
_EARLY: Final = 30


async def fresh_session(sessions: Sessions, provider: Provider, name: str) -> Session | None:
    """The session of that name with tokens that hold; None where it has ended or cannot go on."""
    session = await sessions.load(name)
    if session and session.token_expires_at - _EARLY <= time.time():
        return await _renewed(sessions, provider, name, session)
    return session


async def _renewed(sessions: Sessions, provider: Provider, name: str, session: Session) -> Session | None:
    """The session with new tokens; None, and the session closed, when it cannot go on."""
    expired = session.token_expires_at <= time.time()
    if session.refresh_token is None:
        if expired:
            await sessions.close(name)
        return None if expired else session
    if not await sessions.refreshing(name):
        left = await sessions.await_refreshed(name) if expired else session
        return left if left and left.token_expires_at > time.time() else None
    try:
        return await _with_new_tokens(sessions, provider, name, session)
    except ProviderDown:
        return None if expired else session
    except SignInRefused:
        await sessions.close(name)
        return None
    finally:
        await sessions.refreshed(name)


async def _with_new_tokens(sessions: Sessions, provider: Provider, name: str, read: Session) -> Session | None:
    """The session with new tokens, from the provider or from a request that was here since `read` was read.

    Raises:
        ProviderDown: it does not answer.
        SignInRefused: it gives none.
    """
    session = await sessions.load(name)
    if session is None or session.refresh_token is None or session.access_token != read.access_token:
        return session
    tokens = await provider.refresh(session.refresh_token)
    renewed = structs.replace(
        session,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token or session.refresh_token,
        token_expires_at=tokens.expires_at,
    )
    await sessions.renew(name, renewed)
    _log.info("session_renewed")
    return renewed
