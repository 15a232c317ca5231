"""Where everything answers: what the operator gave, and for the rest the embedded parts of the stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from deploy import postgres, redis
from deploy.demo.people import DOMAIN, PASSWORD
from deploy.home import Refused
from deploy.sockets import socket_folder
from services.notifier.work import transport

#: Ports above CECOIA_PORT, of the parts that listen on the loopback.
OFFSETS = {"portal": 0, "intake": 1, "query": 2, "identity": 3, "mail": 4, "post": 5}
_LAST_BASE = 65535 - 7


class Addresses(NamedTuple):
    """What the stack runs and how programs reach it.

    Attributes:
        variables: every `CECOIA_*` variable that the processes get and `run.env` shows.
        embedded: names of the parts that the stack runs itself, out of `postgres redis identity mail`.
        ports: name to port, of everything that will listen.
    """

    variables: dict[str, str]
    embedded: frozenset[str]
    ports: dict[str, int]


def plan(home: Path, environment: Mapping[str, str]) -> Addresses:
    """Decide all addresses.

    Args:
        home: folder of the stack's data.
        environment: the operator's variables; an address given there means that this part is not started.

    Raises:
        Refused: `CECOIA_PORT` is no port number that leaves room for the others, or `CECOIA_BROKER_OPTIONS` no JSON.
    """
    base = _base(environment.get("CECOIA_PORT") or "8000")
    ports = {name: base + offset for name, offset in OFFSETS.items()}
    given = {name: value for name, value in environment.items() if name.startswith("CECOIA_") and value}
    embedded = set()
    variables = {"CECOIA_HOME": str(home), "CECOIA_PORT": str(base), "CECOIA_LIMITS": given.get("CECOIA_LIMITS", "on")}
    if "CECOIA_DATABASE_URL" not in given:
        embedded.add("postgres")
        variables["CECOIA_DATABASE_URL"] = postgres.url(socket_folder(home, "postgres"), "cecoia")
    if not {"CECOIA_REDIS_URL", "CECOIA_BROKER_URL"} <= given.keys():
        embedded.add("redis")
        sockets = socket_folder(home, "redis")
        variables |= {"CECOIA_REDIS_URL": redis.url(sockets), "CECOIA_BROKER_URL": redis.broker_url(sockets)}
    if "CECOIA_SMTP_URL" not in given:
        embedded.add("mail")
        variables["CECOIA_SMTP_URL"] = f"smtp://127.0.0.1:{ports['mail']}"
    if "CECOIA_OIDC_ISSUER" not in given:
        embedded.add("identity")
        variables["CECOIA_OIDC_ISSUER"] = f"http://127.0.0.1:{ports['identity']}"
        variables |= {"CECOIA_MAIL_DOMAINS": DOMAIN, "CECOIA_SUPERVISORS_MAIL": f"sophie.durand@{DOMAIN}"}
        variables |= {"CECOIA_REPORTING_CLIENT": "entrepot", "CECOIA_REPORTING_SECRET": PASSWORD}
    variables["CECOIA_BROKER_OPTIONS"] = _options(given.pop("CECOIA_BROKER_OPTIONS", "{}"))
    variables["CECOIA_DOCUMENTS_URL"] = (home / "documents").as_uri()
    variables |= {
        f"CECOIA_{name.upper()}_URL": f"http://127.0.0.1:{ports[name]}" for name in ("portal", "intake", "query")
    }
    variables["CECOIA_POST_URL"] = f"smtp://127.0.0.1:{ports['post']}"
    served = {"portal", "intake", "query", "post"} | embedded
    ports = {name: port for name, port in ports.items() if name in served}
    return Addresses(variables | given | {"CECOIA_HOME": str(home)}, frozenset(embedded), ports)


def _base(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= _LAST_BASE):
        raise Refused(f"CECOIA_PORT={text} is no port between 1 and {_LAST_BASE}")
    return int(text)


def _options(text: str) -> str:
    """The broker's transport options as JSON: the operator's, and ours for the rest."""
    try:
        return json.dumps(transport.OPTIONS | json.loads(text))
    except (ValueError, TypeError):
        raise Refused(f"CECOIA_BROKER_OPTIONS={text} is no JSON object") from None
