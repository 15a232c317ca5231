"""What the operator decides, read once from the environment at start and passed down from there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from shared.environment import run_env


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses and limits. Sizes in bytes, times in seconds."""

    home: Path
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
    portal_url: str
    intake_url: str
    query_url: str
    audience: str = "cecoia"
    token_algorithms: tuple[str, ...] = ("RS256", "ES256")
    document_size: int = 25 * 1024 * 1024
    documents_per_incident: int = 20
    offer_every: int = 60
    mail_from: str = "CeCoIA <assistance@cecoia.example>"

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read `CECOIA_*` variables; what is missing comes from `$CECOIA_HOME/run.env` of the running stack.

        Raises:
            msgspec.ValidationError: a value does not fit; the message names it.
        """
        home = Path(environment.get("CECOIA_HOME", ".cecoia")).resolve()
        given = {**run_env(home), **environment}
        port = int(given.get("CECOIA_PORT", "8000"))
        values: dict[str, Any] = {
            name: given[f"CECOIA_{name.upper()}"] for name in cls.__struct_fields__ if f"CECOIA_{name.upper()}" in given
        }
        values |= {"home": home, "limits": given.get("CECOIA_LIMITS", "on") != "off"}
        values["broker_options"] = msgspec.json.decode(values.get("broker_options", "{}"))
        if "token_algorithms" in values:
            values["token_algorithms"] = tuple(values["token_algorithms"].split(","))
        values.setdefault("documents_url", (home / "documents").as_uri())
        for offset, name in enumerate(("portal_url", "intake_url", "query_url", "oidc_issuer")):
            values.setdefault(name, f"http://127.0.0.1:{port + offset}")
        return msgspec.convert(values, cls, strict=False)
