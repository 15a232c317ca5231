"""What becomes of a mail. Pure: what has to be looked up is given, refusals are sentences for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from services.intake.incident import commands as c
from services.intake.incident.state import State
from services.intake.letters.letter import Enclosure, Letter, Nature
from services.intake.letters.trust import Proof, proof
from services.intake.post.guessing import guess
from shared.catalogue import Catalogue
from shared.events.base import Person
from shared.events.vocabulary import Origin, Status, Urgency
from shared.life import RUNNING

#: Characters that the text of an incident may have; a longer one comes along as a document.
LONGEST: Final = 20_000
_MORE: Final = "\n\n[…]\nLe message complet est joint\u00a0: message.txt."
_TEXT_FILE: Final = "message.txt"
#: No way through mail servers is longer than this, unless it goes round in a circle (RFC 5321, 6.3).
_HOPS: Final = 100


class House(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator says of this installation.

    Attributes:
        address: where mails to us go, in lower case.
        domains: whose people may write although nobody knows them yet.
        authserv: the server whose `Authentication-Results` are believed; empty where the relay before us has judged.
        portal: address of the pages.
        hotline: whom to call.
    """

    address: str
    domains: frozenset[str]
    authserv: str
    portal: str
    hotline: str


class Refused(Exception):
    """A mail that is not taken.

    Args:
        code: SMTP reply and enhanced status (RFC 3463), e.g. `550 5.7.1`.
        sentence: French, for whoever wrote it; their mail server passes it on.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes, and the telephone number that they gave last; empty where they never did."""

    person: Person
    phone: str


def check_origin(letter: Letter, house: House) -> str:
    """The address of who writes.

    Raises:
        Refused: nobody in particular writes, somebody else does, or the mail goes round in a circle.
    """
    if letter.nature is Nature.OURS or letter.hops > _HOPS or letter.sender == house.address:
        raise Refused("554 5.4.6", "Ce message tourne en rond\u00a0: il n’est pas pris.")
    if letter.sender is None:
        raise Refused(
            "550 5.1.7", "Ce message n’a pas d’expéditeur, ou en a plusieurs\u00a0: il ne peut pas être pris."
        )
    domain = letter.sender.rpartition("@")[2]
    if house.authserv and proof(letter.verdicts, house.authserv, domain) is not Proof.GOOD:
        raise Refused("550 5.7.1", f"Rien ne prouve que ce message vient de {domain}\u00a0: il n’est pas pris.")
    return letter.sender


def check_known(address: str, house: House, *, known: bool) -> None:
    """Make sure that somebody may write to us.

    Args:
        address: of who writes.
        house: whose domains count.
        known: whether an incident has named this address before.

    Raises:
        Refused: nobody knows them.
    """
    if not known and address.rpartition("@")[2] not in house.domains:
        sentence = (
            "Votre adresse n’est pas connue de l’assistance. "
            f"Écrivez depuis votre adresse professionnelle, ou appelez le {house.hotline}."
        )
        raise Refused("550 5.7.1", sentence)


def check_bounce(letter: Letter, house: House) -> None:
    """Make sure that a report of a failed delivery is not known to be forged.

    Raises:
        Refused: it is.
    """
    domain = (letter.sender or "").rpartition("@")[2]
    if house.authserv and proof(letter.verdicts, house.authserv, domain) is Proof.BAD:
        raise Refused("550 5.7.1", "Ce rapport ne vient pas de qui il dit\u00a0: il n’est pas pris.")


def parts(letter: Letter, text: str) -> tuple[str, list[Enclosure]]:
    """The text of an incident or of an update, and the files with it; a text that is too long is one of them."""
    enclosures = list(letter.enclosures)
    if len(text) > LONGEST:
        enclosures.append(Enclosure(_TEXT_FILE, text.encode()))
        text = text[: LONGEST - len(_MORE)] + _MORE
    return text, enclosures


def opening_text(letter: Letter) -> str:
    """What a new incident says: the mail's subject, and all that was written below.

    Raises:
        Refused: nothing.
    """
    text = "\n\n".join(filter(None, (letter.subject, letter.text)))
    if not text and not letter.enclosures:
        raise Refused("550 5.6.0", "Votre message est vide. Décrivez votre problème, puis renvoyez-le.")
    return text or "Message sans texte."


def check_says_something(text: str, enclosures: Sequence[Enclosure]) -> None:
    """Make sure that an answer adds something.

    Raises:
        Refused: it does not.
    """
    if not text and not enclosures:
        raise Refused("550 5.6.0", "Votre réponse n’ajoute rien. Complétez-la, puis renvoyez-la.")


def creation(letter: Letter, text: str, writer: Writer, catalogue: Catalogue) -> c.Create:
    """The incident that a mail makes. How urgent it is, and when somebody can be called, no mail says.

    Raises:
        LookupError: the catalogue is empty.
    """
    return c.Create(
        phone=writer.phone,
        subject=guess(catalogue, letter.subject, letter.text),
        availability="",
        urgency=Urgency.NORMAL,
        description=text,
        origin=Origin.EMAIL,
    )


def is_answer(state: State, person: Person) -> bool:
    """Whether somebody who refers to an incident speaks of their own, or of one that they answer for."""
    return person.id in state.people | {state.responsible}


def check_answer(state: State, person: Person, number: str, house: House) -> None:
    """Make sure that somebody may add to an incident by mail.

    Raises:
        Refused: they answer for it, which a mail does not prove well enough, or it has ended.
    """
    page = f"{house.portal}/incidents/{number}"
    if person.id not in state.people:
        raise Refused("550 5.7.1", f"Un agent répond aux incidents sur la page de l’assistance\u00a0: {page}")
    if state.status not in RUNNING:
        raise Refused("550 5.7.0", f"L’incident n°\u00a0{number} est {_ENDED[state.status]}. {_INSTEAD} {page}")


_ENDED: Final = {Status.CLOSED: "clôturé", Status.CANCELLED: "annulé", Status.MERGED: "regroupé avec un autre"}
_INSTEAD: Final = "Écrivez un nouveau message pour une autre demande\u202f; pour reprendre celle-ci\u00a0:"


def new_files(enclosures: Iterable[Enclosure], known: frozenset[str]) -> list[Enclosure]:
    """The files that an incident does not have yet: signatures bring the same images with each answer.

    Args:
        enclosures: what came.
        known: sha256 of what the incident has.
    """
    return list({one.sha256: one for one in enclosures if one.sha256 not in known}.values())
