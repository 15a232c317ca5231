"""What the operator decides, read once from the environment at start and passed down from there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from shared.clock import read_age
from shared.environment import stack_variables
from shared.outgoing import Networks

T = TypeVar("T")

Days = Annotated[int, msgspec.Meta(ge=0, le=36_500)]

#: Five more ports follow that of the portal.
_LAST_PORT: Final = 65535 - 5


class SettingsError(Exception):
    """A variable is missing or does not fit; the text names it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses and limits. Sizes in bytes, times in seconds unless their type says otherwise."""

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str
    broker_url: str
    broker_options: dict[str, Any] = {}
    redis_url: str
    smtp_url: str
    documents_url: str
    oidc_issuer: str
    oidc_client_id: str = "cecoia-portal"
    oidc_client_secret: str | None = None
    limits: bool = True
    proxies: int = 0
    portal_url: str
    intake_url: str
    query_url: str
    post_url: str = "smtp://127.0.0.1:8005"
    audience: str = "cecoia"
    token_algorithms: tuple[str, ...] = ("RS256", "ES256")
    document_size: int = 25 * 1024 * 1024
    documents_per_incident: int = 20
    offer_every: int = 60
    reopen_days: Days = 30
    silence_days: Days = 5
    silence_warning: Days = 2
    hotline: str = "0820 36 36 36"
    retention: timedelta | None = None
    webhook_networks: Networks = ()
    webhook_days: Annotated[int, msgspec.Meta(ge=1, le=30)] = 3
    mail_from: str = "CeCoIA <assistance@cecoia.example>"
    supervisors_mail: str = ""
    reporting_client: str = ""
    reporting_secret: str | None = None
    mail_domains: tuple[str, ...] = ()
    mail_authserv: str = ""

    @property
    def reopening(self) -> timedelta:
        """For how long an incident that was closed may be opened again."""
        return timedelta(days=self.reopen_days)

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read `CECOIA_*` variables; what is missing comes from `$CECOIA_HOME/run.env` of the running stack.

        Raises:
            SettingsError: a variable is missing or does not fit.
        """
        given = stack_variables(environment)
        home = Path(given["CECOIA_HOME"])
        port = _fitting("CECOIA_PORT", given.get("CECOIA_PORT", "8000"), _port)
        values: dict[str, Any] = {"home": home, "port": port, "documents_url": (home / "documents").as_uri()}
        for offset, name in enumerate(("portal_url", "intake_url", "query_url", "oidc_issuer")):
            values[name] = f"http://127.0.0.1:{port + offset}"
        values["post_url"] = f"smtp://127.0.0.1:{port + 5}"
        for field in msgspec.structs.fields(cls):
            variable = f"CECOIA_{field.name.upper()}"
            if variable in given and field.name not in {"home", "port"}:
                values[field.name] = _fitting(variable, given[variable], _READERS.get(field.name, _plain(field.type)))
            elif field.required and field.name not in values:
                raise SettingsError(f"{variable} is not set, and no stack that runs in {home} says it")
        return cls(**values)

    @classmethod
    def read_or_exit(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of a process that begins; where they do not fit, it ends with one line that names which."""
        try:
            return cls.read(environment)
        except SettingsError as error:
            raise SystemExit(str(error)) from None


def _fitting(variable: str, text: str, reader: Callable[[str], T]) -> T:
    """What a variable says; its value is not repeated to anybody, as it may hold a password."""
    try:
        return reader(text)
    except (ValueError, msgspec.MsgspecError) as error:
        raise SettingsError(f"{variable} does not fit: {error}") from None


def _plain(kind: Any) -> Callable[[str], Any]:
    return lambda text: msgspec.convert(text, kind, strict=False)


def _port(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= _LAST_PORT):
        raise ValueError(f"it must be a number from 1 to {_LAST_PORT}")
    return int(text)


def _address(*schemes: str, host: bool = False) -> Callable[[str], str]:
    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
            found, _ = parts.hostname, parts.port
        except ValueError:  # in words that may repeat a password
            raise ValueError("it is no address") from None
        if parts.scheme not in schemes:
            raise ValueError(f"it must begin with {' or '.join(f'{scheme}:' for scheme in schemes)}")
        if host and not found:
            raise ValueError(f"it must look like {schemes[0]}://host")
        return text

    return read


_WEB: Final = _address("http", "https", host=True)
#: How the fields are read that are not just text or a number.
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "database_url": _address("postgresql", "postgres"),
    "broker_options": lambda text: msgspec.json.decode(text, type=dict[str, Any]),
    "redis_url": _address("redis", "rediss", "unix"),
    "smtp_url": _address("smtp", "smtps", host=True),
    "documents_url": _address("file", "s3"),
    "oidc_issuer": _WEB,
    "portal_url": _WEB,
    "intake_url": _WEB,
    "query_url": _WEB,
    "post_url": _address("smtp", host=True),
    "retention": lambda text: None if text == "off" else read_age(text),
    "webhook_networks": lambda text: tuple(map(ip_network, text.split(","))),
    "limits": lambda text: text != "off",
    "token_algorithms": lambda text: tuple(text.split(",")),
    "mail_domains": lambda text: tuple(domain.strip().lower() for domain in text.split(",") if domain.strip()),
}
