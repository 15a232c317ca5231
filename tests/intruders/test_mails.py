"""Nothing that people type can add a header, a recipient or markup to a mail, whichever field it is typed into."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import pytest
from msgspec.structs import replace

from services.notifier.mail.letters import BadAddress, Letters, message_id
from services.notifier.mail.notices import Notice, notice_for
from services.notifier.work.planning import REQUESTER
from shared.events.incident import ReplySent
from tests.unit.notifier.stories import CLAIRE, NADIA, STREAM, created, document, story

SENDER: Final = "CeCoIA <assistance@cecoia.example>"
LETTERS: Final = Letters(SENDER, "https://cecoia.example", "0820 36 36 36")
#: Every way to end a line that some program believes in.
ENDS: Final = (
    "\r\n",
    "\n",
    "\r",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x85",
    "\u2028",
    "\u2029",
    "\0",
    "\r\n\r\n",
    "\n.\n",
)
SMUGGLED: Final = "Bcc: evil@evil.example"
HEADERS: Final = frozenset(
    {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Precedence",
        "X-Auto-Response-Suppress", "X-CeCoIA-Loop", "X-CeCoIA-Incident", "MIME-Version", "Content-Type",
        "Content-Language",
    }
)  # fmt: skip
MARKUP: Final = "\"><script>alert(1)</script><img src=x onerror=alert(1)>' onmouseover=alert(1) javascript:alert(1)"


def told() -> Notice:
    events = story((created(), document()), ReplySent(by=NADIA, text="Essayez."))
    found = notice_for(events, events[2].event_id, REQUESTER)
    assert isinstance(found, Notice)
    return found


#: Each field of what a mail shows, filled with something; the last is the label of the subject.
FIELDS: Final[dict[str, Callable[[Notice, str], Notice]]] = {
    "name": lambda notice, text: replace(notice, to=replace(CLAIRE, name=text)),
    "requester": lambda notice, text: replace(notice, requester=text),
    "beneficiary": lambda notice, text: replace(notice, beneficiary=text),
    "author": lambda notice, text: replace(notice, author=text),
    "text": lambda notice, text: replace(notice, text=text),
    "description": lambda notice, text: replace(notice, description=text),
    "availability": lambda notice, text: replace(notice, availability=text),
    "phone": lambda notice, text: replace(notice, phone=text),
    "documents": lambda notice, text: replace(notice, documents=(text,)),
    "subject": lambda notice, _: notice,
}


def sent(field: str, text: str) -> tuple[bytes, Any]:
    """The bytes of the mail, and what a reader makes of them."""
    label = text if field == "subject" else "Messagerie"
    notice = FIELDS[field](told(), text)
    mail = LETTERS.write(notice, message_id(uuid4(), REQUESTER, SENDER), label, datetime.now(UTC))
    return bytes(mail), email.message_from_bytes(bytes(mail), policy=email.policy.default)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_no_field_can_add_a_header_or_a_recipient(field: str, end: str) -> None:
    raw, mail = sent(field, f"Claire{end}{SMUGGLED}{end}{end}Corps")
    assert set(mail.keys()) == HEADERS
    assert len(mail.keys()) == len(HEADERS)
    assert [address.addr_spec for address in mail["To"].addresses] == [CLAIRE.email]
    head = raw.partition(b"\r\n\r\n")[0]
    assert b"\r\nBcc" not in head
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert mail["X-CeCoIA-Incident"] == "1181106_0230"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("end", ENDS, ids=ascii)
def test_no_address_can_name_another(end: str) -> None:
    for address in (f"claire@cecoia.example{end}{SMUGGLED}", f"claire{end}@cecoia.example", f"{end}a@b.example"):
        notice = replace(told(), to=replace(CLAIRE, email=address))
        with pytest.raises(BadAddress):
            LETTERS.write(notice, message_id(STREAM, REQUESTER, SENDER), "Messagerie", datetime.now(UTC))


@pytest.mark.parametrize("field", FIELDS)
def test_no_field_is_markup(field: str) -> None:
    _, mail = sent(field, MARKUP)
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "<img src=x" not in html
