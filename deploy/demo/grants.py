"""The token endpoint of the demo identity provider: four grants, each from a form to the tokens it gives."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from deploy.demo.people import PEOPLE, PROGRAMS, Subject, find
from deploy.demo.throttle import Brakes
from deploy.demo.tokens import ACCESS, REFRESH, Issuer

Form = Mapping[str, str]


class GrantRefused(Exception):
    """Why no token is given, in the words of RFC 6749, 5.2. `wait` in seconds, 0 when it would not help."""

    def __init__(self, error: str, status: int = 400, wait: int = 0) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.wait = wait


class Grants:
    """Gives tokens.

    Args:
        issuer: signs them.
        client: the one client that people sign in through.
        brakes: against guessing; None lets everybody try.
    """

    def __init__(self, issuer: Issuer, client: str, brakes: Brakes | None) -> None:
        self._issuer = issuer
        self._client = client
        self._brakes = brakes
        self._used: dict[str, int] = {}

    def tokens(self, form: Form, basic: str, now: int, address: str = "") -> dict[str, Any]:
        """The answer to a form.

        Args:
            form: what was posted.
            basic: the `Authorization` header.
            now: seconds since the epoch.
            address: where it comes from.

        Raises:
            GrantRefused: there is none.
        """
        match form.get("grant_type"):
            case "authorization_code":
                return self._from_code(form, now)
            case "refresh_token":
                return self._from_refresh(form, now)
            case "password":
                person = self.sign_in(form.get("username", ""), form.get("password", ""), now, address)
                return self._for_person(person, None, now)
            case "client_credentials":
                return self._for_program(form, basic, now, address)
            case None:
                raise GrantRefused("invalid_request")
            case _:
                raise GrantRefused("unsupported_grant_type")

    def sign_in(self, username: str, password: str, now: int, address: str = "") -> Subject:
        """The person with this name and password, who asks from an address.

        Raises:
            GrantRefused: `invalid_grant`; with status 429 and a wait after too many tries.
        """
        return self._check(PEOPLE, (username, password), now, address)

    def _check(self, subjects: dict[str, Subject], credentials: tuple[str, str], now: int, address: str) -> Subject:
        name, secret = credentials[0].strip().lower(), credentials[1]
        if self._brakes and (wait := self._brakes.wait(name, address, now)):
            raise GrantRefused("invalid_grant", 429, wait)
        subject = find(subjects, name, secret)
        if subject is None:
            if self._brakes:
                self._brakes.failed(name, address, now)
            raise GrantRefused("invalid_grant")
        if self._brakes:
            self._brakes.succeeded(name)
        return subject

    def _from_code(self, form: Form, now: int) -> dict[str, Any]:
        code = self._issuer.read_own("code", form.get("code", ""), now)
        if code is None or form.get("client_id") != self._client or not self._first_use(code, now):
            raise GrantRefused("invalid_grant")
        if (
            form.get("redirect_uri") != code["redirect_uri"]
            or challenge(form.get("code_verifier", "")) != code["challenge"]
        ):
            raise GrantRefused("invalid_grant")
        return self._for_person(PEOPLE[code["sub"]], code["nonce"], now)

    def _first_use(self, code: dict[str, Any], now: int) -> bool:
        self._used = {jti: end for jti, end in self._used.items() if end > now}
        if code["jti"] in self._used:
            return False
        self._used[code["jti"]] = code["exp"]
        return True

    def _from_refresh(self, form: Form, now: int) -> dict[str, Any]:
        refresh = self._issuer.read_own("refresh", form.get("refresh_token", ""), now)
        if refresh is None:
            raise GrantRefused("invalid_grant")
        return self._for_person(PEOPLE[refresh["sub"]], None, now)

    def _for_person(self, person: Subject, nonce: str | None, now: int) -> dict[str, Any]:
        return self._answer(person, now) | {
            "id_token": self._issuer.identity(person, self._client, nonce, now),
            "refresh_token": self._issuer.own("refresh", {"sub": person.sub}, now, REFRESH),
        }

    def _for_program(self, form: Form, basic: str, now: int, address: str) -> dict[str, Any]:
        credentials = _credentials(basic) or (form.get("client_id", ""), form.get("client_secret", ""))
        try:
            return self._answer(self._check(PROGRAMS, credentials, now, address), now)
        except GrantRefused as refused:
            if refused.status == HTTPStatus.TOO_MANY_REQUESTS:
                raise
            raise GrantRefused("invalid_client", 401) from refused

    def _answer(self, subject: Subject, now: int) -> dict[str, Any]:
        return {"access_token": self._issuer.access(subject, now), "token_type": "Bearer", "expires_in": ACCESS}


def challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _credentials(basic: str) -> tuple[str, str] | None:
    scheme, _, value = basic.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError):
        return None
    return name, secret
