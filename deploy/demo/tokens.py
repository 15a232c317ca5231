"""What the demo identity provider signs: access and identity tokens, and its own codes, so that it keeps no table."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from joserfc import errors, jwt
from joserfc.jwk import ECKey, KeySet

from deploy.demo.people import Subject

#: Lives in seconds.
ACCESS, REFRESH, CODE = 900, 12 * 3600, 60
_ALGORITHM = "ES256"


def load_key(file: Path) -> ECKey:
    """The provider's signing key; made at the first start, readable for its owner only."""
    if not file.exists():
        part = file.with_suffix(".part")
        part.unlink(missing_ok=True)
        key = ECKey.generate_key("P-256", auto_kid=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            json.dump(key.as_dict(private=True), out)
        part.replace(file)
    return ECKey.import_key(json.loads(file.read_text(encoding="ascii")))


class Issuer:
    """Signs and reads the tokens of one issuer.

    Args:
        url: the issuer's address, claim `iss`.
        key: what it signs with.
        audience: whom access tokens are for.
    """

    def __init__(self, url: str, key: ECKey, audience: str) -> None:
        self.url = url
        self._key = key
        self._audience = audience

    def keys(self) -> dict[str, Any]:
        """The public key set (RFC 7517)."""
        public = {**self._key.as_dict(private=False), "use": "sig", "alg": _ALGORITHM}
        return dict(KeySet([ECKey.import_key(public)]).as_dict(private=False))

    def access(self, subject: Subject, now: int) -> str:
        """An access token (RFC 9068)."""
        claims = {"roles": list(subject.roles), "groups": list(subject.groups), "client_id": subject.sub}
        return self._sign("at+jwt", self._who(subject) | claims | {"aud": self._audience}, now, ACCESS)

    def identity(self, subject: Subject, client: str, nonce: str | None, now: int) -> str:
        """An identity token (OpenID Connect Core, 2)."""
        claims = self._who(subject) | {"aud": client, "auth_time": now} | ({"nonce": nonce} if nonce else {})
        return self._sign("JWT", claims, now, ACCESS)

    def own(self, kind: str, claims: Mapping[str, Any], now: int, life: int) -> str:
        """A code or a refresh token: opaque to others, signed so that it survives a restart."""
        return self._sign(kind, {**claims, "aud": self.url}, now, life)

    def read_own(self, kind: str, token: str, now: int) -> dict[str, Any] | None:
        """What `own` put into a token; None when it is forged, too old or of another kind."""
        try:
            decoded = jwt.decode(token, self._key, algorithms=[_ALGORITHM])
        except (errors.JoseError, ValueError):
            return None
        fits = decoded.header.get("typ") == kind and decoded.claims.get("iss") == self.url
        return decoded.claims if fits and decoded.claims["exp"] > now else None

    def _who(self, subject: Subject) -> dict[str, Any]:
        mail = {"email": subject.email, "email_verified": True} if subject.email else {}
        return {"sub": subject.sub, "name": subject.name, **mail}

    def _sign(self, kind: str, claims: Mapping[str, Any], now: int, life: int) -> str:
        times = {"iss": self.url, "iat": now, "exp": now + life, "jti": os.urandom(12).hex()}
        header = {"alg": _ALGORITHM, "typ": kind, "kid": self._key.kid}
        return jwt.encode(header, {**claims, **times}, self._key, algorithms=[_ALGORITHM])
