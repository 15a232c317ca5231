"""Signing in at the identity provider and out again."""

from __future__ import annotations

import time
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery
from litestar.response import Redirect

from services.portal.access.oidc import Attempt, ProviderDown, SignInRefused, Tokens
from services.portal.access.returning import safe_return
from services.portal.access.session import ABSOLUTE, COOKIE, Session, browser_owner, person_owner
from services.portal.drafts.forms import read_form
from services.portal.visit import GUEST, Here, Visit
from shared.http.problems import Problem
from shared.logs import logger
from shared.text import clean_name

_log = logger(__name__)

#: Seconds that a sign-in may take.
_PATIENCE: Final = 900
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})

_FAILURES: Final = {
    "delai": "Elle a pris trop de temps, ou a commencé dans un autre navigateur. Recommencez.",
    "refus": "Le service d’identité ne vous a pas reconnu. Vérifiez votre identifiant puis recommencez.",
    "panne": "Le service d’identité ne répond pas. Réessayez dans quelques instants.",
}


def _attempt_key(state: str) -> str:
    return f"portal:signin:{state}"


@get("/connexion", access=GUEST, include_in_schema=False)
async def sign_in_page(
    visit: Here, retour: FromQuery[str] = "/", echec: FromQuery[str] = "", conserve: FromQuery[str] = ""
) -> Response[Any]:
    """The door: why one has to sign in, and the way to the identity provider."""
    return_to = safe_return(retour)
    if visit.session is not None and not echec:
        return visit.redirect(return_to)
    return visit.bare_page("signin.html", return_to=return_to, failure=_FAILURES.get(echec, ""), kept=conserve == "oui")


@get("/connexion/aller", access=GUEST, include_in_schema=False)
async def go(visit: Here, retour: FromQuery[str] = "/") -> Redirect:
    """Off to the identity provider, with what must come back."""
    return_to = safe_return(retour)
    if canonical := _canonical(visit):
        return visit.redirect(canonical)
    await visit.site.sign_ins.count(visit.neighbourhood)
    attempt = Attempt.start(browser_owner(visit.browser), return_to)
    try:
        address = await visit.site.provider.authorization(attempt)
    except ProviderDown:
        return _failed(visit, "panne", return_to)
    await visit.site.redis.set(_attempt_key(attempt.state), msgspec.json.encode(attempt), ex=_PATIENCE)
    return visit.redirect(address)


def _canonical(visit: Visit) -> str | None:
    """The same address under the portal's own name, when somebody came by another name of this machine.

    The provider sends people back to the portal's own name; a cookie set under `localhost` would not be there.
    """
    ours, theirs = visit.site.settings.portal_url.rstrip("/"), visit.request.headers.get("host", "")
    host, _, port = theirs.rpartition(":")
    our_host, _, our_port = ours.removeprefix("http://").rpartition(":")
    if host != our_host and port == our_port and {host, our_host} <= _LOOPBACK:
        return f"{ours}{visit.address}"
    return None


@get("/connexion/retour", access=GUEST, include_in_schema=False)
async def back(visit: Here) -> Redirect:
    """Back from the identity provider: check what it says, open a session, go where one wanted to."""
    code, state, error = (visit.request.query_params.get(name, "") for name in ("code", "state", "error"))
    packed = await visit.site.redis.getdel(_attempt_key(state)) if state else None
    attempt = msgspec.json.decode(packed, type=Attempt) if packed else None
    if attempt is None or attempt.browser != browser_owner(visit.browser):
        return visit.redirect("/") if visit.session else _failed(visit, "delai", "/")
    if error or not code:
        _log.info("sign_in_refused", reason="provider")
        return _failed(visit, "refus", attempt.return_to)
    try:
        tokens, claims = await visit.site.provider.exchange(code, attempt)
        session = await _session(visit, tokens, claims)
    except ProviderDown:
        return _failed(visit, "panne", attempt.return_to)
    except (SignInRefused, Problem) as refusal:
        _log.warning("sign_in_refused", reason=type(refusal).__name__)
        return _failed(visit, "refus", attempt.return_to)
    if visit.session is not None:
        await visit.site.sessions.close(visit.name)
    visit.set_cookie(COOKIE, await visit.site.sessions.open(session))
    _log.info("signed_in")
    return visit.redirect(attempt.return_to)


async def _session(visit: Visit, tokens: Tokens, claims: dict[str, Any]) -> Session:
    """The session of whom both tokens name: the id_token says who signed in, the access token what they may do."""
    caller = await visit.site.verifier.verify(tokens.access_token)
    if caller.sub != claims["sub"]:
        raise SignInRefused("two persons")
    issuer = visit.site.settings.oidc_issuer
    return Session(
        issuer=issuer,
        sub=caller.sub,
        name=clean_name(str(claims.get("name") or caller.name)),
        email=caller.email,
        roles=caller.roles,
        groups=caller.groups,
        csrf=await visit.site.sessions.form_token(person_owner(issuer, caller.sub), visit.browser),
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        id_token=tokens.id_token or "",
        token_expires_at=tokens.expires_at,
        ends_at=time.time() + ABSOLUTE,
    )


def _failed(visit: Visit, failure: str, return_to: str) -> Redirect:
    return visit.redirect(sign_in_address(return_to, echec=failure))


def sign_in_address(return_to: str, **more: str) -> str:
    """The address of the sign-in page that leads back to `return_to`."""
    return f"/connexion?{urlencode({'retour': return_to, **more})}"


@post("/deconnexion", access=GUEST, include_in_schema=False)
async def sign_out(visit: Here) -> Redirect:
    """End the session here, and at the identity provider where it can."""
    await read_form(visit)
    if visit.session is None:
        return visit.redirect("/connexion")
    await visit.site.sessions.close(visit.name)
    visit.forget_cookie(COOKIE)
    try:
        address = await visit.site.provider.sign_out(visit.session.id_token)
    except ProviderDown:
        address = None
    return visit.redirect(address or "/connexion", {"Clear-Site-Data": '"cache", "storage"'})
