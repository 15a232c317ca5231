"""What other people attach does nothing in a reader's browser, whatever it is, whatever it is called."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Final
from urllib.parse import unquote

import httpx
import pytest

from tests.intruders.conftest import House
from tests.support.intake import FORM

HTML: Final = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG: Final = (
    b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
)
GIF_AND_SCRIPT: Final = b"GIF89a/*\x01\x00\x01\x00*/=1;alert(1)//"
#: What a browser would run if it were shown.
ACTIVE: Final = {
    "page.html": HTML,
    "page.xhtml": HTML.replace(b"<html>", b'<html xmlns="http://www.w3.org/1999/xhtml">'),
    "image.svg": SVG,
    "image.svgz": gzip.compress(SVG),
    "image.png": SVG,
    "photo.jpg": HTML,
    "style.css": b"body{background:url(javascript:alert(1))}",
    "data.xml": b'<?xml version="1.0"?><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "polyglot.gif": GIF_AND_SCRIPT,
    "utf16.txt": HTML.decode().encode("utf-16"),
    "feed.mht": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + HTML,
}
#: Types that browsers never run, not even when they show them.
DULL: Final = ("text/plain", "application/octet-stream", "application/x-gzip", "image/gif", "application/zip")
NAMES: Final = (
    'a".html',
    "a; filename=evil.html",
    "a%0d%0aX-Evil: 1.txt",
    "a\u2028X-Evil: 1.txt",
    "<script>alert(1)<!--.txt",
    "'\"><img src=x onerror=alert(1)>.txt",
    "javascript:alert(1).txt",
    "é\u0301à ç.txt",
)


async def kept(house: House, name: str, content: bytes) -> tuple[str, dict[str, object]]:
    """The address of a document that was attached, and what intake says of it."""
    number = await house.incident()
    files = {"file": (name, content, "text/html")}
    answer = await house.ask("intake", "POST", f"/v1/incidents/{number}/documents", house.bearer("own"), files=files)
    assert answer.status_code == 201, answer.text
    (document,) = answer.json()["documents"]
    return f"/v1/incidents/{number}/documents/{document['id']}", document


def is_harmless(answer: httpx.Response) -> bool:
    """Whether a browser saves it, believes its type, and would run nothing of it."""
    headers = answer.headers
    return (
        headers["content-disposition"].startswith("attachment;")
        and headers["x-content-type-options"] == "nosniff"
        and "sandbox" in headers["content-security-policy"]
        and "default-src 'none'" in headers["content-security-policy"]
        and headers["content-type"].partition(";")[0] in DULL
        and "content-encoding" not in headers
    )


@pytest.mark.parametrize("name", ACTIVE)
async def test_nothing_active_is_shown(house: House, name: str) -> None:
    address, _ = await kept(house, name, ACTIVE[name])
    for headers in ({}, {"Range": "bytes=0-3"}, {"Accept": "text/html"}):
        answer = await house.ask("query", "GET", address, house.bearer("agent") | headers)
        assert answer.status_code in {200, 206}
        assert is_harmless(answer), dict(answer.headers)
    assert (await house.ask("query", "GET", address, house.bearer("agent"))).content == ACTIVE[name]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
async def test_a_name_stays_a_name(house: House, name: str) -> None:
    address, document = await kept(house, name, b"contenu")
    answer = await house.ask("query", "GET", address, house.bearer("agent"))
    disposition = answer.headers["content-disposition"]
    assert "x-evil" not in answer.headers
    assert disposition.startswith('attachment; filename="')
    plain, _, encoded = disposition.removeprefix('attachment; filename="').partition("\"; filename*=UTF-8''")
    assert not set(plain) & set('"%\\\r\n')
    assert unquote(encoded) == document["filename"]
    assert disposition.isascii()


async def test_archives_are_kept_as_they_are(house: House) -> None:
    """Ten megabytes of nothing, packed, are kept packed: nothing here unpacks what people send."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"\0" * 10_000_000)
        archive.writestr("word/document.xml", b"\0" * 10_000_000)
    _, document = await kept(house, "bombe.docx", packed.getvalue())
    assert document["size"] == len(packed.getvalue()) < 100_000


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\t", "\u2028", "\u2029", "\x85", "\0"], ids=ascii)
async def test_what_is_one_line_stays_one_line(house: House, end: str) -> None:
    nasty = f"Paul{end}Bcc: evil@evil.example"
    for changes in (
        {"beneficiary": {"name": nasty, "email": "paul@cecoia.example"}},
        {"beneficiary": {"name": "Paul", "email": f"paul@cecoia.example{end}x"}},
        {"requester": {"name": nasty, "email": "paul@cecoia.example"}},
        {"requester": {"name": "Paul", "sub": f"paul{end}x"}},
        {"phone": f"01 44 55{end}66 77"},
        {"subject": f"messagerie{end}.acces"},
    ):
        answer = await house.ask("intake", "POST", "/v1/incidents", house.bearer("agent"), json=FORM | changes)
        assert answer.status_code == 422, changes
