"""Every mail is a folder of templates; what they make is kept beside this test.

After a change that is meant: `UPDATE_SNAPSHOTS=1 python -m pytest tests/unit/notifier/test_letters.py`, and read the difference.
"""

from __future__ import annotations

import email
import email.policy
import os
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from msgspec.structs import replace

from services.notifier.mail import letters
from services.notifier.mail.letters import BadAddress, Letters, message_id
from services.notifier.mail.notices import Notice, notice_for
from services.notifier.mail.progress import progress_of
from services.notifier.work.planning import BENEFICIARY, REMINDER, REQUESTER
from shared.events.base import Event, Person
from shared.events.incident import (
    DuplicatesAdded,
    IncidentCancelled,
    IncidentClosed,
    IncidentPutOnHold,
    IncidentReopened,
    IncidentResolved,
    IncidentsMerged,
    IncidentTaken,
    IncidentUpdated,
    ReplySent,
    ResolutionRefused,
    Tie,
)
from shared.events.vocabulary import ClosedBy, HoldReason, Message, Urgency
from tests.unit.notifier.stories import CLAIRE, HUGO, NADIA, STREAM, created, document, story

SENDER = "CeCoIA <assistance@cecoia.example>"
SNAPSHOTS = Path(__file__).with_name("snapshots")
CAUSE = STREAM
SENT_AT = datetime(2018, 11, 6, 9, 50, 0, tzinfo=UTC)
LETTERS = Letters(SENDER, "https://cecoia.example/", "0820 36 36 36")

TAKEN = IncidentTaken(by=NADIA, group="messagerie")
RESOLVED = IncidentResolved(by=NADIA, text="Le compte est débloqué.")
REFUSED = ResolutionRefused(by=CLAIRE, reason="Toujours l’erreur 535.", responsible=NADIA.id)
CONFIRMED = IncidentClosed(by=CLAIRE, closed_by=ClosedBy.REQUESTER)
OTHER = Tie(number="1181106_0231", stream=UUID(int=8))
MERGED = IncidentsMerged(by=NADIA, into=OTHER)
REOPENED = IncidentReopened(by=NADIA, reason="L’erreur 535 est revenue.", responsible=NADIA.id)

STORIES: dict[str, tuple[str, tuple[Event | tuple[Event, ...], ...]]] = {
    "creation": (REQUESTER, ((created(), document()),)),
    "creation-by-agent": (REQUESTER, (created(recorded_by=NADIA),)),
    "creation-beneficiary": (BENEFICIARY, (created(beneficiary=HUGO),)),
    "creation-follow-up": (REQUESTER, (created(follows="1181001_0007"),)),
    "update": (REQUESTER, (created(), IncidentUpdated(by=NADIA, text="Précision.", urgency=Urgency.HIGH))),
    "update-documents": (REQUESTER, (created(), document(NADIA, "guide.pdf"))),
    "taken": (REQUESTER, (created(), IncidentTaken(by=NADIA, group="messagerie"))),
    "reply": (REQUESTER, (created(), ReplySent(by=NADIA, text="Essayez <ceci> & dites-moi."))),
    "hold": (REQUESTER, (created(), IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER, text="Quel poste ?"))),
    "hold-silent": (REQUESTER, (created(), IncidentPutOnHold(by=NADIA, reason=HoldReason.REQUESTER))),
    "resolution": (REQUESTER, (created(), IncidentResolved(by=NADIA, text="Le mot de passe est changé."))),
    "reminder": (REMINDER, (created(), IncidentResolved(by=NADIA, text="Le mot de passe est changé."))),
    "closure": (REQUESTER, (created(), IncidentClosed(by=NADIA, closed_by=ClosedBy.AGENT, reason="Réglé."))),
    "closure-silence": (REQUESTER, (created(), IncidentClosed(closed_by=ClosedBy.SILENCE))),
    "refusal": (REQUESTER, (created(), RESOLVED, ResolutionRefused(by=NADIA, reason="Toujours l’erreur 535."))),
    "refusal-beneficiary": (BENEFICIARY, (created(beneficiary=HUGO), TAKEN, RESOLVED, REFUSED)),
    "closure-confirmed": (BENEFICIARY, (created(beneficiary=HUGO), TAKEN, RESOLVED, CONFIRMED)),
    "reopening": (REQUESTER, (created(), TAKEN, RESOLVED, CONFIRMED, REOPENED)),
    "merger": (REQUESTER, (created(), MERGED)),
    "duplicate": (REQUESTER, (created(), DuplicatesAdded(by=NADIA, duplicates=(OTHER,)))),
    "cancellation": (REQUESTER, (created(), IncidentCancelled(by=NADIA, reason="Saisi deux fois."))),
}


#: What happened to the incident of Hugo, in which that of Claire goes on.
PROGRESS: dict[str, Event] = {
    "progress-taken": TAKEN,
    "progress-reply": ReplySent(by=NADIA, text="Bonjour Hugo,\n\nLe serveur redémarre."),
    "progress-resolution": RESOLVED,
    "progress-refusal": ResolutionRefused(by=HUGO, reason="Toujours l’erreur 535.", responsible=NADIA.id),
    "progress-closure": IncidentClosed(by=HUGO, closed_by=ClosedBy.REQUESTER),
    "progress-cancellation": IncidentCancelled(by=HUGO, reason="Saisi deux fois."),
}


def told(name: str) -> Notice:
    if name in PROGRESS:
        leading = story(created(requester=HUGO, recorded_by=HUGO), PROGRESS[name], stream=UUID(int=8))
        news = progress_of(story(created(), MERGED), leading, leading[-1].event_id, REQUESTER)
        assert isinstance(news, Notice)
        return news
    recipient, appends = STORIES[name]
    events = story(*appends)
    index = 0 if name.startswith("creation") else -1
    found = notice_for(events, events[index].event_id, recipient)
    assert isinstance(found, Notice)
    return found


def written(notice: Notice) -> EmailMessage:
    mail = LETTERS.write(notice, message_id(CAUSE, REQUESTER, SENDER), "Messagerie : connexion impossible", SENT_AT)
    parsed = email.message_from_bytes(bytes(mail), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("name", [*STORIES, *PROGRESS])
def test_mails_read_as_they_did(name: str) -> None:
    mail = written(told(name))
    made = {
        SNAPSHOTS / f"{name}.txt": f"{mail['Subject']}\n\n{body(mail, 'plain')}",
        SNAPSHOTS / f"{name}.html": body(mail, "html"),
    }
    for path, text in made.items():
        if os.environ.get("UPDATE_SNAPSHOTS"):
            path.write_text(text, encoding="utf-8")
        assert text == path.read_text(encoding="utf-8")


def test_every_message_has_a_folder_and_a_snapshot() -> None:
    folders = {path.name for path in (Path(letters.__file__).parent / "messages").iterdir() if path.is_dir()}
    assert folders == {message.value for message in Message}
    assert {told(name).message for name in (*STORIES, *PROGRESS)} == set(Message)


def test_whom_to_call_is_the_operators_choice() -> None:
    letters = Letters(SENDER, "https://cecoia.example", "01 99 00 99 00")
    mail = letters.write(told("creation"), message_id(CAUSE, REQUESTER, SENDER), "Messagerie", SENT_AT)
    text, page = (part.get_content() for part in mail.iter_parts())
    assert "Appelez le 01 99 00 99 00" in text
    assert 'href="tel:0199009900"' in page


@pytest.mark.parametrize("name", STORIES)
def test_french_typography(name: str) -> None:
    """No straight apostrophe, and no breakable space before double punctuation, in what we say ourselves."""
    mail = written(replace(told(name), description="", text="", availability=""))
    for text in (body(mail, "plain"), re.sub(r"<(style|!--)[^$]*?</style>|<[^>]*>", " ", body(mail, "html"))):
        assert "'" not in text
        assert re.findall(r"\w [:;!?»]|«[ \w]", text) == []


def test_headers_keep_machines_from_answering() -> None:
    mail = written(told("creation"))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["X-CeCoIA-Loop"] == "cecoia"
    assert mail["Content-Language"] == "fr"


def test_headers_tell_which_incident() -> None:
    creation, reply = written(told("creation")), written(told("reply"))
    assert creation["Subject"] == "[Incident n° 1181106_0230] Création – Messagerie\u00a0: connexion impossible"
    assert reply["Subject"] == "[Incident n° 1181106_0230] Réponse – Messagerie\u00a0: connexion impossible"
    assert (
        creation["References"]
        == reply["References"]
        == creation["In-Reply-To"]
        == f"<incident-{STREAM}@cecoia.example>"
    )
    assert creation["Date"].datetime == SENT_AT


def test_the_message_id_depends_on_event_and_recipient_only() -> None:
    first = message_id(CAUSE, REQUESTER, SENDER)
    assert first == message_id(CAUSE, REQUESTER, SENDER)
    assert first != message_id(CAUSE, BENEFICIARY, SENDER)
    assert re.fullmatch(r"<[0-9a-f-]{36}@cecoia\.example>", first)


@pytest.mark.parametrize(
    "name", ["Claire\r\nBcc: tous@cecoia.example", "Claire\nX: y", "Cla\x00ire", 'Cl"ai\\re', "Clé, élé <a@b.c>"]
)
def test_a_name_cannot_break_out_of_its_header(name: str) -> None:
    mail = written(replace(told("creation"), to=replace(CLAIRE, name=name)))
    assert mail["Bcc"] is None
    assert mail["X"] is None
    assert [address.addr_spec for address in mail["To"].addresses] == ["claire.martin@cecoia.example"]


@pytest.mark.parametrize(
    "address",
    [
        "claire",
        "",
        "@",
        "claire@",
        "@cecoia.example",
        "claire@cecoia",
        "claire@cecoia.example\r\nBcc: tous@cecoia.example",
        "claire@cecoia.example, hugo@cecoia.example",
        "claire martin@cecoia.example",
        "<claire@cecoia.example>",
        "claire@cecoia.example>",
    ],
)
def test_what_is_no_address_never_reaches_the_server(address: str) -> None:
    with pytest.raises(BadAddress):
        written(replace(told("creation"), to=replace(CLAIRE, email=address)))


def test_nothing_typed_is_markup() -> None:
    html = body(written(replace(told("reply"), to=Person(id=CLAIRE.id, name="<b>", email=CLAIRE.email))), "html")
    assert "Essayez &lt;ceci&gt; &amp; dites-moi." in html
    assert "Bonjour &lt;b&gt;," in html
