"""An identity provider for tests: a key of its own, tokens of any kind, discovery and keys on a free port."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

#: Name, roles and groups of the people that tests speak as.
PEOPLE = {
    "claire.martin": ("Claire Martin", ["requester"], []),
    "hugo.petit": ("Hugo Petit", ["requester"], []),
    "nadia.benali": ("Nadia Benali", ["requester", "agent"], ["messagerie", "accueil"]),
    "lucas.morel": ("Lucas Morel", ["requester", "agent"], ["reseau"]),
    "sophie.durand": ("Sophie Durand", ["requester", "supervisor", "reporting"], []),
}


class IdentityProvider:
    """Signs tokens and publishes the keys to check them with.

    Attributes:
        issuer: its address.
        asked: how often the keys were read.
        calls: how often it was called at all, answered or not.
        keys: what it publishes; tests may add and remove.
    """

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.asked = 0
        self.calls = 0
        self.keys = [ECKey.generate_key("P-256", auto_kid=True)]
        self.away = False

    def token(
        self,
        sub: str = "claire.martin",
        *,
        key: ECKey | None = None,
        typ: str = "at+jwt",
        lasts: int = 600,
        algorithm: str = "ES256",
        **claims: object,
    ) -> str:
        """An access token; `claims` replace the usual ones, None leaves one out."""
        key = key or self.keys[-1]
        name, roles, groups = PEOPLE.get(sub, (sub, ["requester"], []))
        now = int(time.time())
        usual = {
            "iss": self.issuer,
            "aud": "cecoia",
            "sub": sub,
            "name": name,
            "email": f"{sub}@academie.example",
            "roles": roles,
            "groups": groups,
            "iat": now,
            "exp": now + lasts,
        }
        wanted = {claim: value for claim, value in {**usual, **claims}.items() if value is not None}
        header = {"alg": algorithm, "typ": typ, "kid": key.kid}
        return jwt.encode(header, wanted, key, algorithms=[algorithm])

    def bearer(self, sub: str = "claire.martin", **claims: object) -> dict[str, str]:
        """The header that makes a request theirs."""
        return {"Authorization": f"Bearer {self.token(sub, **claims)}"}

    def answer(self, path: str) -> dict[str, object] | None:
        """What stands at this address."""
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        if path == "/jwks":
            self.asked += 1
            return dict(KeySet(self.keys).as_dict(private=False))
        return None


@contextmanager
def serving() -> Iterator[IdentityProvider]:
    """An identity provider on a free port of the loopback, for as long as the context lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.calls += 1
            body = None if provider.away else provider.answer(self.path)
            text = json.dumps(body).encode()
            self.send_response(503 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = IdentityProvider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
