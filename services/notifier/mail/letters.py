"""From a notice to the mail that says it: subject, text, HTML and headers. Each message is a folder in `messages`."""

from __future__ import annotations

import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.notifier.mail.notices import Notice
from services.notifier.mail.threads import THREADED
from shared import phone
from shared.clock import PARIS
from shared.mail import ABOVE, LOOP, incident_id
from shared.typography import french

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class BadAddress(ValueError):
    """What should be an address cannot stand in a mail."""


def message_id(cause: UUID, recipient: str, sender: str) -> str:
    """The Message-ID that a mail has each time it is sent: made of what it tells, to whom, and our domain."""
    return f"<{uuid5(cause, f'mail:{recipient}')}@{sender_address(sender).domain}>"


class Letters:
    """Writes the mails of one installation."""

    def __init__(self, sender: str, portal_url: str, hotline: str) -> None:
        """Load the templates.

        Args:
            sender: what stands in From, as `Name <address>`.
            portal_url: address of the portal.
            hotline: the telephone that answers when the internet does not.
        """
        self._sender = sender
        self._portal_url = portal_url.rstrip("/")
        self._hotline = hotline
        self._templates = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "messages"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self._templates.filters["quoted"] = _quoted

    def write(self, notice: Notice, message_id: str, subject_label: str, sent_at: datetime) -> EmailMessage:
        """Write the mail that tells a notice.

        Args:
            notice: what to say, and to whom.
            message_id: made by the function of this name.
            subject_label: the words for the incident's subject.
            sent_at: instant that stands in Date.

        Raises:
            BadAddress: the recipient's address cannot stand in a mail.
        """
        words = self._words(notice, french(subject_label))
        folder = notice.message.value
        mail = EmailMessage(policy=THREADED)
        mail["From"] = sender_address(self._sender)
        mail["To"] = recipient_address(notice.to.name, notice.to.email or "")
        mail["Subject"] = _one_line(self._render("subject.txt", words))
        mail["Date"] = format_datetime(sent_at.astimezone(PARIS))
        mail["Message-ID"] = message_id
        self._thread(mail, notice)
        mail.set_content(self._render(f"{folder}/body.txt", words), cte="quoted-printable")
        mail.add_alternative(self._render(f"{folder}/body.html", words), subtype="html", cte="quoted-printable")
        mail["Content-Language"] = "fr"
        return mail

    def _thread(self, mail: EmailMessage, notice: Notice) -> None:
        """Say which incident it belongs to, and what it answers."""
        incident = incident_id(notice.stream_id, sender_address(self._sender).domain)
        mail["In-Reply-To"] = notice.thread.answered(incident)
        mail["References"] = " ".join(notice.thread.references(incident))
        mark_automatic(mail)
        mail["X-CeCoIA-Incident"] = notice.number

    def _words(self, notice: Notice, subject: str) -> dict[str, object]:
        words: dict[str, object] = {
            "notice": notice,
            "subject": subject,
            "link": f"{self._portal_url}/incidents/{notice.number}",
            "hotline": self._hotline,
            "above": ABOVE,
        }
        lead = self._render(f"{notice.message.value}/lead.txt", words).strip()
        return words | {"lead": lead, "facts": _facts(notice, subject)}

    def _render(self, template: str, words: dict[str, object]) -> str:
        return self._templates.get_template(template).render(words)


def _facts(notice: Notice, subject: str) -> list[tuple[str, str]]:
    """The recap: what is known of the incident now, what just changed marked."""
    facts = {
        "Statut": notice.status.label,
        "Objet": subject,
        "Urgence": notice.urgency.label,
        "Téléphone": phone.show(notice.phone),
        "Disponibilité": notice.availability,
        "Demandeur": notice.requester,
        "Bénéficiaire": notice.beneficiary or "",
        "Enregistré le": f"{notice.recorded_at.astimezone(PARIS):%d/%m/%Y %H:%M:%S}",
        "Fait suite à": f"Incident n°\u00a0{notice.follows}" if notice.follows else "",
        "Documents": ", ".join(notice.documents),
    }
    changed = {label: f"{value} (modifié)" for label, value in facts.items() if label in notice.changed}
    return [(label, value) for label, value in (facts | changed).items() if value]


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def mark_automatic(mail: EmailMessage) -> None:
    """Say that a machine wrote it, and that no machine should answer."""
    mail["Auto-Submitted"] = "auto-generated"
    mail["Precedence"] = "bulk"
    mail["X-Auto-Response-Suppress"] = "All"
    mail[LOOP] = "cecoia"


def sender_address(sender: str) -> Address:
    """What stands in From, from `Name <address>`."""
    name, address = parseaddr(sender)
    return Address(display_name=name, addr_spec=address)


def recipient_address(name: str, email: str) -> Address:
    """A recipient, with a name that cannot break out of its header.

    Raises:
        BadAddress: the address cannot stand in a mail.
    """
    try:
        address = Address(display_name=_one_line(name), addr_spec=email)
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddress("l’adresse ne peut pas figurer dans un message") from error
    if not address.username or ("." not in address.domain and address.domain != "localhost"):
        raise BadAddress("l’adresse n’a pas de domaine")
    return address
