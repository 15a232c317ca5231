"""Which failures pass and which stay, and how the address of a mail server reads."""

from __future__ import annotations

import aiosmtplib
import pytest

from services.notifier.mail.mailer import Blame, Server, blame, words

REFUSED = aiosmtplib.SMTPRecipientRefused(550, "no such user", "a@b.example")
BUSY = aiosmtplib.SMTPRecipientRefused(450, "greylisted", "a@b.example")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (aiosmtplib.SMTPRecipientsRefused([REFUSED]), Blame.MAIL),
        (aiosmtplib.SMTPRecipientsRefused([BUSY]), Blame.MOMENT),
        (aiosmtplib.SMTPSenderRefused(550, "not you", "a@b.example"), Blame.MAIL),
        (aiosmtplib.SMTPSenderRefused(451, "not now", "a@b.example"), Blame.MOMENT),
        (aiosmtplib.SMTPSenderRefused(530, "sign in first", "a@b.example"), Blame.SERVER),
        (aiosmtplib.SMTPDataError(554, "spam"), Blame.MAIL),
        (aiosmtplib.SMTPDataError(452, "disk full"), Blame.MOMENT),
        (aiosmtplib.SMTPDataError(421, "closing"), Blame.SERVER),
        (aiosmtplib.SMTPServerDisconnected("cut"), Blame.MOMENT),
        (aiosmtplib.SMTPReadTimeoutError("slow"), Blame.MOMENT),
        (TimeoutError(), Blame.MOMENT),
        (ConnectionResetError(), Blame.MOMENT),
        (aiosmtplib.SMTPNotSupported("SMTPUTF8"), Blame.MAIL),
        (ValueError("address"), Blame.MAIL),
    ],
)
def test_blame_in_a_session(error: Exception, expected: Blame) -> None:
    assert blame(error, connected=True) is expected


@pytest.mark.parametrize(
    "error",
    [
        aiosmtplib.SMTPConnectError("refused"),
        aiosmtplib.SMTPConnectResponseError(554, "go away"),
        aiosmtplib.SMTPHeloError(550, "who are you"),
        aiosmtplib.SMTPAuthenticationError(535, "wrong password"),
        aiosmtplib.SMTPConnectTimeoutError("slow"),
        TimeoutError(),
        OSError("no route to host"),
        aiosmtplib.SMTPNotSupported("STARTTLS"),
    ],
)
def test_before_a_session_stands_no_mail_is_to_blame(error: Exception) -> None:
    assert blame(error, connected=False) is Blame.SERVER


def test_words_are_one_printable_line() -> None:
    assert words(aiosmtplib.SMTPRecipientsRefused([REFUSED])) == "550 no such user"
    assert words(aiosmtplib.SMTPDataError(554, "a\nb\x00c\udcff" + "x" * 900)).startswith("554 a b c xxx")
    assert len(words(aiosmtplib.SMTPDataError(554, "x" * 900))) == 500


def test_addresses_of_servers() -> None:
    assert Server.parse("smtp://mail.example") == Server(host="mail.example", port=25)
    assert Server.parse("smtp://127.0.0.1:8004") == Server(host="127.0.0.1", port=8004)
    assert Server.parse("smtp://u%40x:p%3Aw@mail.example:587?starttls=on") == Server(
        host="mail.example", port=587, username="u@x", password="p:w", starttls=True
    )
    assert Server.parse("smtps://mail.example") == Server(host="mail.example", port=465, encrypted=True, starttls=False)
    assert Server.parse("smtp://mail.example?starttls=off").starttls is False


@pytest.mark.parametrize("url", ["", "mail.example:25", "http://mail.example", "smtp://"])
def test_what_is_no_address_of_a_server(url: str) -> None:
    with pytest.raises(ValueError, match="smtp"):
        Server.parse(url)
