"""From the person in a token, or named in a body, to the person of the journal."""

from __future__ import annotations

from services.intake.forms import Beneficiary, Requester
from services.intake.incident.commands import Actor
from shared.events.base import Person
from shared.events.vocabulary import Origin
from shared.http.identity import Caller
from shared.journal.sealing import Vault


class Callers:
    """Knows people by their pseudonym.

    Args:
        vault: where pseudonyms are kept.
        issuer: address of the identity provider whose accounts are meant.
    """

    def __init__(self, vault: Vault, issuer: str) -> None:
        self._vault = vault
        self._issuer = issuer

    async def actor(self, caller: Caller) -> Actor:
        """Who sends a command. Who has no address is nobody to write to, hence a program."""
        return Actor(
            person=await self._person(caller.sub, caller.name, caller.email),
            is_agent=caller.is_agent,
            is_supervisor=caller.is_supervisor,
            groups=caller.groups,
            door=Origin.PORTAL if caller.email else Origin.API,
        )

    async def named(self, somebody: Beneficiary | Requester | None) -> Person | None:
        """Somebody whom a body names.

        An account is looked up by itself: only the identity provider may say which address belongs to it, a slip of
        the pen must not hand the incidents of one address to another account.
        """
        if somebody is None:
            return None
        if isinstance(somebody, Requester) and somebody.sub is not None:
            person = await self._vault.person(issuer=self._issuer, sub=somebody.sub, name=somebody.name, email=None)
            return Person(id=person, name=somebody.name, email=somebody.email)
        return await self._person(None, somebody.name, somebody.email)

    async def writer(self, name: str, email: str) -> Person:
        """Who writes from an address."""
        return await self._person(None, name, email)

    async def _person(self, sub: str | None, name: str, email: str | None) -> Person:
        person = await self._vault.person(issuer=self._issuer, sub=sub, name=name, email=email)
        return Person(id=person, name=name, email=email)
