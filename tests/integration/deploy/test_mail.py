"""The demo mail server keeps what it said 250 to."""

import mailbox
import socket
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from deploy.demo.mail import Maildir, serve


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    server = await serve(Maildir(tmp_path / "mail"), number)
    yield int(number)
    server.close()
    await server.wait_closed()


async def test_a_mail_lies_in_the_maildir_when_it_was_taken(port: int, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@cecoia.example", "é@cecoia.example", "Création"
    message.set_content("Un message vous confirme la création.\n.\n")
    await aiosmtplib.send(message, hostname="127.0.0.1", port=port, recipients=["b@cecoia.example", "c@cecoia.example"])
    [kept] = mailbox.Maildir(tmp_path / "mail", create=False)
    assert kept["X-Envelope-To"] == "b@cecoia.example, c@cecoia.example"
    assert "Un message vous confirme" in kept.get_payload(decode=True).decode()  # type: ignore[union-attr]


async def test_a_full_disk_asks_to_try_again(port: int, tmp_path: Path) -> None:
    (tmp_path / "mail" / "tmp").rmdir()
    message = EmailMessage()
    message["From"], message["To"] = "a@cecoia.example", "b@cecoia.example"
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await aiosmtplib.send(message, hostname="127.0.0.1", port=port)
    assert refused.value.code == 452
