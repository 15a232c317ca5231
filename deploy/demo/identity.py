"""The demo identity provider: OpenID Connect on the loopback, for the demo's people and programs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import uvicorn
from jinja2 import Environment, FileSystemLoader
from litestar import Litestar, Request, Response, get, post
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.response import Redirect
from litestar.static_files import create_static_files_router

from deploy.demo.grants import GrantRefused, Grants
from deploy.demo.guard import LOOPBACK, demo_only
from deploy.demo.people import PEOPLE
from deploy.demo.throttle import Brakes
from deploy.demo.tokens import CODE, Issuer, load_key
from shared.logs import configure
from shared.settings import Settings

#: The portal's look is the provider's too.
_STATIC = Path(__file__).parents[2] / "services" / "portal" / "static"
_ASKED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
_LONGEST = 2000
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}

AnyRequest = Request[Any, Any, Any]


class Pages:
    """The sign-in page.

    Args:
        settings: whose portal people come from and go back to.
    """

    def __init__(self, settings: Settings) -> None:
        self.portal = settings.portal_url.rstrip("/")
        self.client = settings.oidc_client_id
        self.callback = f"{self.portal}/connexion/retour"
        loader = FileSystemLoader(Path(__file__).parent)
        self._template = Environment(loader=loader, autoescape=True).get_template("signin.html")

    def render(
        self, asked: dict[str, str], *, username: str = "", problem: str = "", status: int = 200
    ) -> Response[str]:
        """The page; without a form when `asked` is empty."""
        text = self._template.render(
            asked=list(asked.items()), username=username, problem=problem, people=PEOPLE.values(), portal=self.portal
        )
        policy = f"default-src 'self'; form-action 'self' {self.portal}; frame-ancestors 'none'; base-uri 'none'"
        headers = {"Content-Security-Policy": policy, "Referrer-Policy": "no-referrer", **_NO_STORE}
        return Response(text, status_code=status, media_type="text/html", headers=headers)

    def refuse(self, asked: dict[str, str]) -> Response[Any] | None:
        """The answer to an authorization request that cannot be followed; None when it can.

        Where the client or its address is wrong, nobody is sent anywhere (RFC 6749, 4.1.2.1).
        """
        if asked.get("client_id") != self.client or asked.get("redirect_uri") != self.callback:
            return self.render({}, problem="Cette demande de connexion ne vient pas du portail.", status=400)
        if asked.get("response_type") != "code":
            return self.back(asked, error="unsupported_response_type")
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            return self.back(asked, error="invalid_request", error_description="PKCE with S256 is required")
        if "openid" not in asked.get("scope", "").split():
            return self.back(asked, error="invalid_scope")
        return None

    def back(self, asked: dict[str, str], **answer: str) -> Response[Any]:
        """Send the person back to the portal with an answer."""
        if asked.get("state"):
            answer["state"] = asked["state"]
        return Redirect(f"{self.callback}?{urlencode(answer)}", status_code=303, headers=_NO_STORE)


def build(settings: Settings) -> Litestar:
    """The application; keys lie in `home/identity`."""
    folder = settings.home / "identity"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    issuer = Issuer(settings.oidc_issuer, load_key(folder / "key.json"), settings.audience)
    grants = Grants(issuer, settings.oidc_client_id, Brakes() if settings.limits else None)
    pages = Pages(settings)
    return Litestar(
        [*_published(issuer), *_sign_in(issuer, grants, pages), _token(grants), _statics()],
        allowed_hosts=AllowedHostsConfig([urlsplit(settings.oidc_issuer).netloc]),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=64 * 1024,
    )


def _statics() -> Any:
    return create_static_files_router("/static", directories=[_STATIC])


def _published(issuer: Issuer) -> list[Any]:
    @get("/.well-known/openid-configuration", sync_to_thread=False)
    def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer.url,
            **{f"{name}_endpoint": f"{issuer.url}/{path}" for name, path in _ENDPOINTS},
            "jwks_uri": f"{issuer.url}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", "password", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "subject_types_supported": ["public"],
            "scopes_supported": ["openid", "profile", "email", "roles", "groups", "offline_access"],
            "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
            "claims_supported": ["sub", "name", "email", "roles", "groups"],
        }

    @get("/jwks", sync_to_thread=False)
    def jwks() -> dict[str, Any]:
        return issuer.keys()

    @get(["/health/live", "/health/ready"], sync_to_thread=False)
    def healthy() -> dict[str, str]:
        return {"status": "ok"}

    return [discovery, jwks, healthy]


_ENDPOINTS = (("authorization", "authorize"), ("token", "token"), ("end_session", "logout"))


def _sign_in(issuer: Issuer, grants: Grants, pages: Pages) -> list[Any]:
    @get("/authorize", sync_to_thread=False)
    def ask(request: AnyRequest) -> Response[Any]:
        asked = {name: request.query_params[name][:_LONGEST] for name in _ASKED if name in request.query_params}
        return pages.refuse(asked) or pages.render(asked)

    @post("/authorize")
    async def enter(request: AnyRequest) -> Response[Any]:
        form = await _fields(request)
        asked = {name: form[name][:_LONGEST] for name in _ASKED if name in form}
        if refused := pages.refuse(asked):
            return refused
        now = int(time.time())
        try:
            person = grants.sign_in(form.get("username", ""), form.get("password", ""), now, _address(request))
        except GrantRefused as why:
            problem = (
                f"Trop d’essais. Recommencez dans {why.wait // 60 + 1} minutes."
                if why.wait
                else "Identifiant ou mot de passe incorrect."
            )
            return pages.render(
                asked, username=form.get("username", ""), problem=problem, status=429 if why.wait else 401
            )
        kept = {
            "redirect_uri": asked["redirect_uri"],
            "challenge": asked["code_challenge"],
            "nonce": asked.get("nonce"),
        }
        code = issuer.own("code", {"sub": person.sub, **kept}, now, CODE)
        return pages.back(asked, code=code, iss=issuer.url)

    @get("/logout", sync_to_thread=False)
    def leave(request: AnyRequest) -> Response[Any]:
        wanted = request.query_params.get("post_logout_redirect_uri", pages.portal)
        safe = wanted if _origin(wanted) == _origin(pages.portal) else pages.portal
        return Redirect(safe, status_code=303, headers=_NO_STORE)

    return [ask, enter, leave]


def _token(grants: Grants) -> Any:
    @post("/token", status_code=200)
    async def token(request: AnyRequest) -> Response[dict[str, Any]]:
        try:
            form = await _fields(request)
            answer = grants.tokens(form, request.headers.get("authorization", ""), int(time.time()), _address(request))
        except GrantRefused as refused:
            headers = _NO_STORE | ({"Retry-After": str(refused.wait)} if refused.wait else {})
            return Response({"error": refused.error}, status_code=refused.status, headers=headers)
        return Response(answer, headers=_NO_STORE)

    return token


async def _fields(request: AnyRequest) -> dict[str, str]:
    """The text fields of a form; anything else counts as not sent."""
    return {name: value for name, value in (await request.form()).items() if isinstance(value, str)}


def _address(request: AnyRequest) -> str:
    return request.client.host if request.client else ""


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc


def main() -> None:
    """Serve the issuer's address until told to stop."""
    configure("identity")
    settings = Settings.read_or_exit()
    demo_only("the demo identity provider", settings.oidc_issuer)
    port = urlsplit(settings.oidc_issuer).port
    uvicorn.run(
        build(settings),
        host=LOOPBACK,
        port=port or 80,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # no caller says its own address
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
