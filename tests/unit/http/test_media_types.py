"""What files are, from their content."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.media_types import BYTES, TEXT, ProgramRefusedError, Recognition


def archive(*names):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in names:
            file.writestr(name, content)
    return out.getvalue()


def recognise(content, filename="x", step=7):
    recognition = Recognition()
    for start in range(0, len(content), step):
        recognition.feed(content[start : start + step])
    return recognition.media_type(filename)


OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(
    ("content", "filename", "expected"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 50, "x.exe.png", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 50, "x", "image/jpeg"),
        (b"GIF89a" + b"\0" * 20, "x", "image/gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 " + b"\0" * 20, "x", "image/webp"),
        (b"%PDF-1.7\nabc", "x", "application/pdf"),
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3", "x", "application/pdf"),
        (b"bonjour", "x.png", TEXT),
        ("é".encode() * 10, "x", TEXT),
        (b"<script>alert(1)</script>", "x.html", TEXT),
        (b"<svg onload='alert(1)'/>", "x.svg", TEXT),
        (b"\xe9t\xe9", "x.txt", BYTES),
        (b"a\0b", "x.txt", BYTES),
        (b"bonjour \xc3", "x.txt", BYTES),
        (archive(("[Content_Types].xml", "x"), ("word/document.xml", "x")), "x", OFFICE),
        (
            archive(("mimetype", "application/vnd.oasis.opendocument.text")),
            "x",
            "application/vnd.oasis.opendocument.text",
        ),
        (archive(("a.txt", "x")), "x.docx", "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "x.doc", "application/msword"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "x.abc", BYTES),
        (bytes(range(256)), "x.png", BYTES),
        (b"MZ est mon groupe", "x.txt", TEXT),
    ],
)
def test_what_is_told_from_content(content, filename, expected):
    assert recognise(content, filename) == expected


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"MZ\x90\0" + b"\0\xff" * 50, "capture.png"),
        (b"MZ" + b" " * 80 + b"This program cannot be run in DOS mode", "x.txt"),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 20, "x"),
        (b"\xcf\xfa\xed\xfe\x07\0\0\x01", "x"),
        (b"\xca\xfe\xba\xbe\0\0\0\x34", "x"),
        (b"L\0\0\0\x01\x14\x02\0" + b"\0" * 20, "x"),
        (b"#!/usr/bin/env python3\n", "x.txt"),
        (b"\xef\xbb\xbf#!/bin/sh\n", "x.txt"),
        (b"  @ECHO OFF\r\ndel *.*", "x.txt"),
        (archive(("META-INF/MANIFEST.MF", "x")), "x.zip"),
        *(
            (b"bonjour", f"x.{extension}")
            for extension in ("exe", "BAT", "cmd", "js", "vbs", "scr", "msi", "ps1", "jar", "lnk")
        ),
        (b"bonjour", "facture.pdf.exe"),
    ],
)
def test_programs_are_refused(content, filename):
    with pytest.raises(ProgramRefusedError):
        recognise(content, filename)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_the_way_it_is_cut_changes_nothing(content, step):
    def outcome(step):
        try:
            return recognise(content, "x", step)
        except ProgramRefusedError:
            return "program"

    assert outcome(step) == outcome(1000)
