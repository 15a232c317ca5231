"""The write side alone, as the stack runs it: one intake process on durable servers; nobody follows the journal.

What is measured here is not disturbed by the routing and mailing of what was measured before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from deploy.database import bring_up_to_date
from deploy.run import CATALOGUE
from tests.bench.ground import await_listening, ground
from tests.support.identity import IdentityProvider
from tests.support.stack import free_ports

#: What a requester sends; some 600 bytes, as forms are.
FORM: Final = {
    "phone": "01 99 00 12 34",
    "subject": "messagerie.envoi",
    "availability": "Lundi et mardi de 8 h à 17 h, le mercredi matin",
    "urgency": "high",
    "description": "Les courriels aux familles de la classe de 3e B reviennent depuis ce matin avec le code 535. "
    "Les autres messages partent. Nous avons redémarré le poste et essayé depuis un autre ordinateur du secrétariat, "
    "sans résultat. La réunion de rentrée est demain à 18 h, les convocations doivent partir aujourd’hui.",
}


class WriteSide(NamedTuple):
    """What runs: address of the database as its owner, ports of intake and of the bare service, who signs tokens."""

    database_url: str
    intake: int
    bare: int
    identity: IdentityProvider

    def head(self) -> str:
        """First line and headers of a new incident in claire.martin's name."""
        return new_incident(self.identity.token("claire.martin"))


def new_incident(token: str) -> str:
    """First line and headers of a new incident in somebody's name."""
    return f"POST /v1/incidents HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"


@asynccontextmanager
async def write_side(*, quick: bool) -> AsyncIterator[WriteSide]:
    """Start it, with the bare service beside it, and stop it in the end."""
    with ground() as standing:
        port = free_ports()
        variables = standing.variables("cecoia", port)
        await bring_up_to_date(variables, CATALOGUE.read_text(encoding="utf-8"))
        standing.start(variables, "services.intake")
        standing.start(variables, "tests.bench.bare", str(port + 2))
        for each in (port + 1, port + 2):
            await_listening(each)
        yield WriteSide(variables["CECOIA_DATABASE_URL"], port + 1, port + 2, standing.identity)
