"""Mails as programs write them, decent and broken ones: what is read from their bytes."""

from __future__ import annotations

import base64
import struct
import time
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.letters.letter import Letter, Nature
from services.intake.letters.reading import UnreadableError, read
from tests.support.post import CLAIRE, mail

HEAD = b"From: claire.martin@academie.example\r\nSubject: Panne\r\n"


def letter(message: EmailMessage | bytes, envelope: str = "claire.martin@academie.example") -> Letter:
    return read(message if isinstance(message, bytes) else bytes(message), envelope)


def body(content_type: str, content: bytes, encoding: str = "8bit") -> Letter:
    head = f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    return letter(HEAD + head + content)


def test_a_decent_mail() -> None:
    message = mail(Subject="Écran noir", Message_ID="<a@b>", In_Reply_To="<3@x>", References="<1@x> <2@x> <3@x>")
    found = letter(message)
    assert (found.sender, found.name) == ("claire.martin@academie.example", "Claire Martin")
    assert (found.subject, found.text) == ("Écran noir", "Bonjour,\n\nPlus rien ne marche.")
    assert (found.key, found.message_id, found.references) == ("<a@b>", "<a@b>", ("<3@x>", "<2@x>", "<1@x>"))
    assert found.nature is Nature.PERSON


@pytest.mark.parametrize(
    "sender",
    [
        "",
        "Claire",
        "a@academie.example, b@academie.example",
        "undisclosed:;",
        "claire@localhost",
        "claire@academie..example",
        '"claire martin"@academie.example',
        "claire\u202e@academie.example",
    ],
)
def test_who_is_nobody_in_particular(sender: str) -> None:
    assert letter(f"From: {sender}\r\n\r\nx".encode()).sender is None


def test_two_headers_say_nothing_sure() -> None:
    assert letter(b"From: a@academie.example\r\nFrom: b@academie.example\r\n\r\nx").sender is None


@pytest.mark.parametrize("message_id", ["", "a@b", "<a b@c>", "<>", f"<{'a' * 300}@b>"])
def test_an_id_that_nobody_can_refer_to_is_none(message_id: str) -> None:
    found = letter(f"Message-ID: {message_id}\r\n\r\nx".encode())
    assert found.message_id is None
    assert found.key.startswith("sha256:")


@pytest.mark.parametrize(
    ("charset", "content"),
    [
        ("utf-8", "Réseau à l’arrêt".encode()),
        ("iso-8859-15", "Réseau à l'arrêt".encode("iso-8859-15")),
        ("iso-8859-1", "Réseau à l’arrêt".encode("cp1252")),
        ("iso-8859-1", "Réseau à l’arrêt".encode()),
        ("us-ascii", "Réseau à l’arrêt".encode()),
        ("x-inconnu", "Réseau à l’arrêt".encode()),
        ("x-inconnu", "Réseau à l’arrêt".encode("cp1252")),
        ("base64", "Réseau à l’arrêt".encode()),
        ("utf-16", "Réseau à l’arrêt".encode("utf-16")),
        ("utf-8", "Réseau à l’arrêt".encode("cp1252")),
        ("", "Réseau à l’arrêt".encode()),
    ],
)
def test_odd_charsets(charset: str, content: bytes) -> None:
    found = body(f"text/plain; charset={charset}", base64.encodebytes(content), "base64").text
    assert found.replace("'", "’") == "Réseau à l’arrêt"


def test_subjects_of_any_kind() -> None:
    assert letter("Subject: R\u00e9seau\r\n\r\n".encode()).subject == "Réseau"
    assert letter(b"Subject: =?utf-8?B?UsOpc2VhdQ==?= =?x-none?Q?a=E9?=\r\n\r\n").subject.startswith("Réseau")
    assert letter(b"Subject: un\r\n deux\r\n\ttrois\r\n\r\n").subject == "un deux trois"


def test_html_alone_is_read_as_it_is_seen() -> None:
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body><p>Bonjour&nbsp;!</p><div>Un<br>deux</div>"
        "<table><tr><td>a</td><td>b</td></tr></table><script>alert(1)</script></body></html>"
    )
    assert body("text/html; charset=utf-8", html.encode()).text == "Bonjour !\n\nUn\ndeux\n\na\nb"


def test_what_programs_mark_as_quoted_is_no_part_of_an_answer() -> None:
    html = (
        '<div>Toujours en panne.</div><div class="gmail_quote"><div class="gmail_attr">Le 6 nov., CeCoIA a écrit :</div>'
        "<blockquote>Redémarrez.</blockquote></div>"
    )
    found = body("text/html; charset=utf-8", html.encode())
    assert found.answer == "Toujours en panne."
    assert "Redémarrez." in found.text
    outlook = (
        '<div>Non.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>De :</b> CeCoIA</div><p>Vieux.</p>'
    )
    assert body("text/html; charset=utf-8", outlook.encode()).answer == "Non."


def test_of_two_ways_to_say_it_the_plain_one_counts_unless_it_is_empty() -> None:
    for plain, expected in (("Texte", "Texte"), (" \n", "Balisé")):
        message = EmailMessage(policy=SMTP)
        message.set_content(plain)
        message.add_alternative("<p>Balisé</p>", subtype="html")
        assert letter(message).text == expected


def test_texts_around_a_file_belong_together() -> None:
    message = EmailMessage()
    message.set_content("Avant")
    message.add_attachment(b"\x89PNG\r\n", maintype="image", subtype="png", filename="../é.png")
    message.add_attachment("Après", disposition="inline")
    found = letter(message)
    assert found.text == "Avant\n\nAprès"
    assert [(one.filename, one.content) for one in found.enclosures] == [("é.png", b"\x89PNG\r\n")]


def test_a_mail_in_a_mail_is_a_file() -> None:
    message = mail("Voici ce que j’ai reçu.")
    message.add_attachment(mail("Cliquez ici", sender="voleur@ailleurs.example", Message_ID="<x@y>"))
    [enclosed] = letter(message).enclosures
    assert enclosed.filename == "message.eml"
    assert b"<x@y>" in enclosed.content
    assert "Cliquez" not in letter(message).text


def test_signatures_and_empty_files_are_no_documents() -> None:
    message = mail()
    message.add_attachment(b"x", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    message.add_attachment(b"", maintype="application", subtype="pdf", filename="vide.pdf")
    assert letter(message).enclosures == ()


def tnef(*attributes: tuple[int, int, int, bytes]) -> bytes:
    """A winmail.dat: level, name, type and data of each attribute."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    for level, name, kind, data in attributes:
        out += struct.pack("<BHHI", level, name, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
    return out


def test_a_winmail_dat_is_opened() -> None:
    raw = tnef(
        (1, 0x800C, 2, b"Bonjour, voici le fichier.\0"),
        (2, 0x9002, 6, b"\0" * 14),
        (2, 0x8010, 1, b"note.txt\0"),
        (2, 0x800F, 6, b"contenu"),
    )
    message = EmailMessage()
    message.add_attachment(raw, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = letter(message)
    assert found.text == "Bonjour, voici le fichier."
    assert [(one.filename, one.content) for one in found.enclosures] == [("note.txt", b"contenu")]


@pytest.mark.parametrize("raw", [b"x", b"\x78\x9f\x3e\x22", tnef((2, 0x800F, 6, b"x"))[:-3]])
def test_a_winmail_dat_that_cannot_be_opened_is_a_file(raw: bytes) -> None:
    message = mail()
    message.add_attachment(raw, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    found = letter(message)
    assert found.text == "Bonjour,\n\nPlus rien ne marche."
    assert [one.content for one in found.enclosures] in ([raw], [])


def test_control_characters_are_left_out() -> None:
    assert body("text/plain; charset=utf-8", b"a\x00b\x07c\r\nd").text == "abc\nd"


@pytest.mark.parametrize(
    ("headers", "nature"),
    [
        ({}, Nature.PERSON),
        ({"Auto_Submitted": "no"}, Nature.PERSON),
        ({"Auto_Submitted": "auto-replied"}, Nature.MACHINE),
        ({"Auto_Submitted": "auto-generated; x"}, Nature.MACHINE),
        ({"Precedence": "bulk"}, Nature.MACHINE),
        ({"X_Auto_Response_Suppress": "All"}, Nature.MACHINE),
        ({"X_Autoreply": "yes"}, Nature.MACHINE),
        ({"List_Id": "<nouvelles.academie.example>"}, Nature.MACHINE),
        ({"Subject": "Réponse automatique : [Incident n° 1181106_0230]"}, Nature.MACHINE),
        ({"Subject": "Absence du bureau"}, Nature.MACHINE),
        ({"Subject": "Réponse à votre question"}, Nature.PERSON),
        ({"X_CeCoIA_Loop": "cecoia"}, Nature.OURS),
    ],
)
def test_who_wrote_it(headers: dict[str, str], nature: Nature) -> None:
    assert letter(mail(**headers)).nature is nature


@pytest.mark.parametrize("envelope", ["", "<>"])
def test_what_nobody_sent_is_no_persons(envelope: str) -> None:
    assert letter(mail(), envelope).nature is Nature.MACHINE
    assert letter(mail(sender="MAILER-DAEMON@relais.example"), envelope).nature is Nature.BOUNCE


def test_a_file_is_called_as_programs_say() -> None:
    for said in (
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''%C3%A9t%C3%A9.pdf",
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename==?utf-8?B?w6l0w6kucGRm?=",
        'Content-Type: application/pdf; name="=?iso-8859-1?Q?=E9t=E9.pdf?="',
    ):
        [one] = letter(HEAD + said.encode() + b"\r\n\r\n%PDF").enclosures
        assert one.filename == "été.pdf"


@pytest.mark.parametrize(
    "header",
    [
        b"From: " + b"a@b.c," * 200_000,
        b"From: " + b"(" * 1_000_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 80_000,
        b"Subject: =?punycode?q?" + b"a" * 1_000_000 + b"?=",
        b"Content-Type: text/plain" + b"; a=b" * 200_000,
        b"Content-Type: text/plain" + b"; a*0*=b" * 100_000,
        b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a" * 1_000_000,
        b"Content-Disposition: attachment; filename*=punycode''" + b"a" * 1_000_000,
        b"References: " + b"<a@b> " * 200_000,
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Disposition: a; b=c\r\n\r\nx\r\n" * 20_000,
        b"Content-Type: text/html\r\n\r\n" + b"<div><br>" * 100_000,
    ],
    ids=lambda header: header[:40].decode(),
)
def test_no_mail_takes_long_to_read(header: bytes) -> None:
    began = time.process_time()
    with suppress(UnreadableError):
        letter(header + b"\r\n\r\nx")
    assert time.process_time() - began < 5


def test_a_mail_too_deep_to_read_is_refused() -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    with pytest.raises(UnreadableError):
        letter(HEAD + deep)


@given(st.binary(max_size=2000))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_a_mail_or_unreadable(raw: bytes) -> None:
    assert letter(raw).sender is None or "@" in raw.decode("latin-1")


SAMPLE = mail(f"Bonjour\n\n{'é' * 200}", Subject="Écran", References="<a@b> <c@d>", sender=CLAIRE)
SAMPLE.add_alternative("<p>Bonjour</p>", subtype="html")
SAMPLE.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="écran.png")


@given(st.lists(st.tuples(st.integers(0, len(bytes(SAMPLE)) - 1), st.integers(0, 255)), max_size=40))
@settings(max_examples=300, deadline=None)
def test_damaged_mails_are_read_or_unreadable(damage: list[tuple[int, int]]) -> None:
    raw = bytearray(bytes(SAMPLE))
    for at, byte in damage:
        raw[at] = byte
    found = letter(bytes(raw))
    found.text.encode()
    found.answer.encode()
    assert found.sender is None or found.sender == found.sender.lower()
