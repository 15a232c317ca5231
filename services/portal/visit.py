"""One request and the person behind it: who they are, what they may see, the services in their name, their page."""

from __future__ import annotations

import hmac
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from services.portal.access.neighbourhood import client_address, neighbourhood
from services.portal.access.renewal import fresh_session
from services.portal.access.session import BROWSER_COOKIE, COOKIE, Session, browser_owner, new_name
from services.portal.context import NOTHING, Navigation, common, navigation
from services.portal.site import Site
from services.portal.upstream.intake import Intake
from services.portal.upstream.query import Query
from shared.events.vocabulary import Role
from shared.http.identity import PUBLIC, SIGNED_IN
from shared.logs import current_request

#: Access of pages that anybody may see, and of forms whose content is kept while nobody is signed in.
GUEST: Final = "guest"

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BROWSER_LASTS: Final = 30 * 86400


class SignInNeeded(Exception):
    """The page is for signed-in people.

    Args:
        return_to: where to go on afterwards.
        kept: whether something was typed, which is waiting there.
    """

    def __init__(self, return_to: str, *, kept: bool = False) -> None:
        super().__init__("sign in")
        self.return_to = return_to
        self.kept = kept


class Forbidden(Exception):
    """Not for this role, or not sent from one of our own pages."""


class Visit:
    """A request with its session, if there is one. `person` is who is signed in."""

    def __init__(self, request: Request[Any, Any, Any], site: Site, session: Session | None) -> None:
        self.request = request
        self.site = site
        self.session = session
        self.position: str | None = None
        #: Whether the session got other tokens while this request spoke with those that it began with.
        self.is_outrun = False
        #: Where to go on after signing in; a form that is posted leads back to its page.
        self.return_to = self.address if request.scope["method"] in _SAFE else "/"
        self._set_cookies: list[Cookie] = []
        self._query: Query | None = None

    @property
    def name(self) -> str:
        """The name of the session, from its cookie."""
        return self.request.cookies.get(COOKIE, "")

    @property
    def person(self) -> Session:
        """Who is signed in.

        Raises:
            SignInNeeded: nobody is.
        """
        if self.session is None:
            raise SignInNeeded(self.return_to)
        return self.session

    @property
    def address(self) -> str:
        """The path and query of this request."""
        query = self.request.scope["query_string"].decode("latin-1")
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    @property
    def browser(self) -> str:
        """The name of the browser; a new one is set as a cookie with the answer."""
        name = self.request.cookies.get(BROWSER_COOKIE)
        if not name:
            name = new_name()
            self.request.cookies[BROWSER_COOKIE] = name
            self.set_cookie(BROWSER_COOKIE, name, _BROWSER_LASTS)
        return name

    @property
    def known_browser(self) -> str | None:
        """The name the browser came with, if it has one."""
        return self.request.cookies.get(BROWSER_COOKIE)

    @property
    def neighbourhood(self) -> str:
        """A name for where the request comes from, by which those who are not signed in are counted."""
        return neighbourhood(client_address(self.request, self.site.settings.proxies))

    @property
    def owner(self) -> str:
        """Whose drafts these are: the person's, or the browser's while nobody is signed in."""
        return self.session.owner if self.session else browser_owner(self.browser)

    def _headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.person.access_token}"}
        if request_id := current_request():
            headers["X-Request-Id"] = request_id
        return headers

    @property
    def query(self) -> Query:
        """The read side in the person's name; it shows their own last write."""
        if self._query is None:
            self._query = Query(self.site.query, self._headers(), self.position)
        return self._query

    @property
    def intake(self) -> Intake:
        """The write side in the person's name."""

        async def wrote(position: str) -> None:
            self.position, self._query = position, None
            await self.site.sessions.wrote(self.name, position)

        return Intake(self.site.intake, self._headers(), wrote)

    def body(self) -> AsyncGenerator[bytes, None]:
        """The bytes of the request as they arrive."""
        return self.request.stream()

    def check_form(self, token: str) -> None:
        """Hold a form to its session: it must carry the session's own token.

        Raises:
            Forbidden: it does not.
        """
        if self.session is not None and not hmac.compare_digest(token.encode(), self.session.csrf.encode()):
            raise Forbidden("form token")

    def check_role(self, roles: frozenset[Role]) -> None:
        """Hold a form to those it is for, once what anybody else typed into it was kept.

        Raises:
            SignInNeeded, Forbidden: nobody is signed in, or somebody else.
        """
        if not self.person.roles & roles:
            raise Forbidden("role")

    def set_cookie(self, name: str, value: str, seconds: int | None = None) -> None:
        """Give the browser a cookie with the answer; without `seconds` it lasts as long as the browser is open."""
        self._set_cookies.append(
            Cookie(
                key=name,
                value=value,
                max_age=seconds,
                path="/",
                httponly=True,
                samesite="lax",
                secure=self.site.is_secure,
            )
        )

    def forget_cookie(self, name: str) -> None:
        """Make the browser drop a cookie."""
        self.set_cookie(name, "", 0)

    async def page(
        self, template: str, *, status_code: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response[str]:
        """A whole page: the template with its values, inside the shell with its menu."""
        shown = await navigation(self.query, agent=self.session.is_agent) if self.session else NOTHING
        return self._rendered(template, shown, status_code, headers, values)

    def bare_page(
        self, template: str, *, status_code: int = 200, headers: Mapping[str, str] | None = None, **values: Any
    ) -> Response[str]:
        """The same without asking anybody for the menu's counts: for pages that tell of failures."""
        return self._rendered(template, NOTHING, status_code, headers, values)

    def _rendered(
        self,
        template: str,
        shown: Navigation,
        status_code: int,
        headers: Mapping[str, str] | None,
        values: Mapping[str, Any],
    ) -> Response[str]:
        context = {**common(self.request, self.session, shown, self.site.now()), **values}
        html = self.site.templates.get_template(template).render(context)
        return Response(
            html,
            status_code=status_code,
            media_type=MediaType.HTML,
            headers={"Cache-Control": "private, no-cache", **(headers or {})},
            cookies=self._set_cookies,
        )

    def redirect(self, address: str, headers: Mapping[str, str] | None = None) -> Redirect:
        """See another page, by GET."""
        return Redirect(address, status_code=303, cookies=self._set_cookies, headers=dict(headers or {}))


#: How a route says that it wants its visit.
Here = NamedDependency[Visit]


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Litestar guard: load the session, refuse forms of other sites, hold each route to its `access`.

    Raises:
        SignInNeeded, Forbidden: the visitor may not.
        Problem: 429, too many forms from where nobody is signed in.
    """
    access = handler.opt.get("access")
    if access == PUBLIC:
        return
    request = cast("Request[Any, Any, Any]", connection)
    if request.method not in _SAFE:
        check_same_site(connection)
    visit = await _visit(request)
    connection.state.visit = visit
    if visit.session is None and request.method not in _SAFE:
        await visit.site.guest_posts.count(visit.neighbourhood)
    if access != GUEST:
        roles = visit.person.roles
        if access != SIGNED_IN and not (isinstance(access, frozenset) and roles & access):
            raise Forbidden("role")


def check_same_site(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Refuse what another site makes a browser send; a client that says nothing of its origin has no cookies to abuse.

    Raises:
        Forbidden: the browser says that the request came from elsewhere.
    """
    if connection.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("site")
    origin = connection.headers.get("origin")
    if origin is None:
        return
    site: Site = connection.app.state.site
    if urlsplit(origin).netloc not in {connection.headers.get("host"), urlsplit(site.settings.portal_url).netloc}:
        raise Forbidden("origin")


async def _visit(connection: Request[Any, Any, Any]) -> Visit:
    site: Site = connection.app.state.site
    name = connection.cookies.get(COOKIE)
    session = await fresh_session(site.sessions, site.provider, name) if name else None
    visit = Visit(connection, site, session)
    if name and session:
        visit.position = await site.sessions.position(name)
    return visit


async def provide_visit(request: Request[Any, Any, Any]) -> Visit:
    """Litestar dependency `visit` of every route that is not public."""
    visit: Visit = request.state.visit
    return visit
