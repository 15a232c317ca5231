"""Whatever comes in that should not: a problem document that names every bad field, and nothing recorded."""

import asyncio
import base64
import json
import time
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import ECKey
from prometheus_client import REGISTRY

from tests.support.intake import FORM
from tests.support.waiting import until


def assert_problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert list(body) == ["type", "title", "status", "detail", "errors"]
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    return {error["field"]: error["message"] for error in body["errors"]}


BAD_FIELDS = {
    "unknown subject": ({"subject": "inconnu"}, "subject"),
    "retired subject": ({"subject": "ancien"}, "subject"),
    "no description": ({"description": ""}, "description"),
    "blank description": ({"description": " \n\t "}, "description"),
    "long description": ({"description": "a" * 20_001}, "description"),
    "impossible phone": ({"phone": "01 02"}, "phone"),
    "phone of letters": ({"phone": "appelez-moi"}, "phone"),
    "short phone": ({"phone": "1234"}, "phone"),
    "unknown urgency": ({"urgency": "tout de suite"}, "urgency"),
    "unknown origin": ({"origin": "pigeon"}, "origin"),
    "extra field": ({"status": "closed"}, "status"),
    "number for text": ({"description": 12}, "description"),
    "text for object": ({"beneficiary": "Hugo"}, "beneficiary"),
    "list for text": ({"phone": ["01 44 55 66 77"]}, "phone"),
    "null": ({"urgency": None}, "urgency"),
    "NUL": ({"description": "a\0b"}, "description"),
    "no availability": ({"availability": " "}, "availability"),
    "control character": ({"availability": "a\x1bb"}, "availability"),
    "control character in a name": ({"beneficiary": {"name": "Hu\x07go", "email": "h@a.example"}}, "beneficiary.name"),
    "line end in a name": ({"beneficiary": {"name": "Hugo\nPetit", "email": "h@a.example"}}, "beneficiary.name"),
    "override in a name": ({"beneficiary": {"name": "Hugo\u202etiteP", "email": "h@a.example"}}, "beneficiary.name"),
    "address of nobody": ({"beneficiary": {"name": "Hugo", "email": "hugo"}}, "beneficiary.email"),
    "header in an address": ({"beneficiary": {"name": "H", "email": "h@a.fr\nBcc: x@y.z"}}, "beneficiary.email"),
    "extra field inside": ({"beneficiary": {"name": "H", "email": "h@a.example", "sub": "h"}}, "beneficiary.sub"),
    "requester who is nobody": ({"requester": {"name": "Hugo"}}, "requester"),
    "upload without form": ({"uploads": ["x"]}, "uploads"),
    "unknown upload": ({"uploads": ["00000000-0000-0000-0000-000000000000"]}, "uploads"),
}


@pytest.fixture(autouse=True)
async def nothing_recorded(incidents, app):
    yield
    assert await incidents() == 0
    store = app.state.desk.store
    assert [path async for path, _ in store.names("uploads/")] == []
    assert [path async for path, _ in store.names("incoming/")] == []


async def test_each_bad_field_is_named(client, subtests):
    for case, (change, field) in BAD_FIELDS.items():
        with subtests.test(case):
            answer = await client.post("/v1/incidents", json=FORM | change)
            if answer.status_code == 429:
                pytest.fail("the limit hides the case")
            assert list(assert_problem(answer, 422)) == [field]


async def test_all_bad_fields_at_once(client):
    bad = {"phone": "1", "subject": "inconnu", "urgency": 3, "description": "", "beneficiary": {"name": ""}, "plus": 1}
    fields = assert_problem(await client.post("/v1/incidents", json=bad), 422)
    assert set(fields) == {
        "phone", "subject", "availability", "urgency", "description", "beneficiary.name", "beneficiary.email", "plus"
    }  # fmt: skip
    assert all(message.endswith((".", "!")) for message in fields.values())


async def test_nothing_at_all(client):
    fields = assert_problem(await client.post("/v1/incidents", json={}), 422)
    assert set(fields) == {"phone", "subject", "availability", "urgency", "description"}


NO_JSON = [
    b"{",
    b"[]",
    b"null",
    b'"x"',
    b"[" * 10_000,
    b'{"description": "\xff\xfe"}',
    b'{"description": "\xc3"}',
    b'{"description": "\\ud800"}',
    b'{"description": "a\x00b"}',
    b"\xef\xbb\xbf{}",
    b"phone=01",
]


async def test_what_is_no_json(client, subtests):
    for body in NO_JSON:
        with subtests.test(repr(body[:30])):
            answer = await client.post("/v1/incidents", content=body, headers={"Content-Type": "application/json"})
            assert_problem(answer, 422)


async def test_another_media_type(client):
    assert_problem(await client.post("/v1/incidents", data={"phone": "1"}), 415)
    assert_problem(await client.post("/v1/uploads", json={}), 415)


async def test_a_body_of_two_megabytes(client):
    form = FORM | {"description": "a" * 2_000_000}
    assert_problem(await client.post("/v1/incidents", json=form), 413)


async def test_headers_that_cannot_be_used(client):
    for header in ({"Idempotency-Key": ""}, {"Idempotency-Key": "k" * 201}, {"Idempotency-Key": "é".encode()}):
        fields = assert_problem(await client.post("/v1/incidents", json=FORM, headers=header), 422)
        assert list(fields) == ["Idempotency-Key"]


async def test_headers_without_end(client):
    answer = await client.post("/v1/incidents", json=FORM, headers={"X-Long": "a" * 70_000})
    assert_problem(answer, 431)


async def test_other_methods_and_addresses(client):
    assert_problem(await client.get("/v1/incidents"), 405)
    assert_problem(await client.get("/v1/nothing"), 404)


# ── tokens ──────────────────────────────────────────────────────────────────


def unsigned(provider):
    """A token that says of itself that it needs no signature."""
    _, claims, _ = provider.token().split(".")
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "at+jwt"}).encode()).decode().rstrip("=")
    return f"{header}.{claims}."


BAD_TOKENS = {
    "expired": lambda provider: provider.token(lasts=-60),
    "another audience": lambda provider: provider.token(aud="arena"),
    "another issuer": lambda provider: provider.token(iss="https://ailleurs.example"),
    "no audience": lambda provider: provider.token(aud=None),
    "no end": lambda provider: provider.token(exp=None),
    "nobody": lambda provider: provider.token(sub=None),
    "alg none": unsigned,
    "an identity token": lambda provider: provider.token(typ="JWT"),
    "another key under the same name": lambda provider: provider.token(
        key=ECKey.import_key({**ECKey.generate_key("P-256").as_dict(private=True), "kid": provider.keys[-1].kid})
    ),
    "a key nobody knows": lambda provider: provider.token(key=ECKey.generate_key("P-256", auto_kid=True)),
    "not yet": lambda provider: provider.token(nbf=int(time.time()) + 3600),
    "changed": lambda provider: provider.token()[:-4] + "AAAA",
    "nonsense": lambda _: "nonsense",
    "bytes": lambda _: "\x80.\x80.\x80",
}


async def test_tokens_that_are_not_good(client, provider, subtests):
    for case, make in BAD_TOKENS.items():
        with subtests.test(case):
            header = {"Authorization": b"Bearer " + make(provider).encode("latin-1")}
            answer = await client.post("/v1/incidents", json=FORM, headers=header)
            assert_problem(answer, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_no_token(client):
    for header in ("", "Bearer", "Basic Y2xhaXJlOmRlbW8="):
        assert_problem(await client.post("/v1/incidents", json=FORM, headers={"Authorization": header}), 401)


# ── files ───────────────────────────────────────────────────────────────────

PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\0" * 50 + b"This program cannot be run in DOS mode" + b"\0" * 50

BAD_FILES = {
    "empty": ("vide.txt", b"", 422),
    "a program": ("capture.png", PROGRAM, 415),
    "a script": ("notes.txt", b"#!/bin/sh\nrm -rf /", 415),
    "a name that runs": ("capture.png.exe", b"bonjour", 415),
    "a name of 300 characters": ("a" * 296 + ".png", b"x", 422),
    "a path": ("../../etc/passwd", b"x", 422),
    "a Windows path": ("..\\..\\boot.ini", b"x", 422),
    "an override in the name": ("photo\u202egnp.exe", b"x", 422),
    "a control character in the name": ("photo\x07.png", b"x", 422),
    "no name": ("", b"x", 422),
    "larger than allowed": ("gros.bin", b"\1" * 200_001, 413),
}


async def test_files_that_cannot_be_kept(client, subtests):
    for case, (name, content, status) in BAD_FILES.items():
        with subtests.test(case):
            body = multipart(("file", name, content))
            fields = assert_problem(await client.post("/v1/uploads", content=body, headers=MULTIPART), status)
            assert status == 413 or list(fields) == ["file"]


async def test_every_bad_file_is_told(client):
    files = [("file", ("vide.txt", b"")), ("file", ("bien.txt", b"x")), ("autre", ("x.txt", b"x"))]
    answer = await client.post("/v1/uploads", files=files)
    assert set(assert_problem(answer, 422)) == {"file", "autre"}


async def test_too_many_files(client):
    files = [("file", (f"{n}.txt", b"x")) for n in range(4)]
    assert_problem(await client.post("/v1/uploads", files=files), 413)


async def test_no_file(client):
    body = f"--{BOUNDARY}--\r\n".encode()
    assert list(assert_problem(await client.post("/v1/uploads", content=body, headers=MULTIPART), 422)) == ["file"]


async def test_a_field_that_is_no_file(client):
    body = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--{BOUNDARY}--\r\n'.encode()
    assert list(assert_problem(await client.post("/v1/uploads", content=body, headers=MULTIPART), 422)) == ["file"]


async def test_a_multipart_body_that_ends_too_early(client, subtests):
    whole = multipart(("file", "a.txt", b"x" * 100))
    for cut in (0, 10, 60, 120, -3):
        with subtests.test(str(cut)):
            answer = await client.post("/v1/uploads", content=whole[:cut], headers=MULTIPART)
            assert_problem(answer, 422)


async def chunked(*parts):
    """A body without a Content-Length."""
    for part in parts:
        for start in range(0, len(part), 50_000):
            yield part[start : start + 50_000]


async def test_a_body_of_unknown_length_has_an_end(client, subtests):
    whole = multipart(("file", "a.txt", b"x" * 100))
    most = 3 * 200_000 + 64 * 1024
    around = b" " * (most - len(whole) - 1)
    for case, parts, status in [
        ("too much after the last boundary", (whole, around, b"  "), 413),
        ("too much before the first boundary", (around, b"\r\n", whole), 413),
        ("no last boundary", (whole[:-20],), 422),
    ]:
        with subtests.test(case):
            answer = await client.post("/v1/uploads", content=chunked(*parts), headers=MULTIPART)
            assert_problem(answer, status)


async def test_a_name_in_broken_utf8(client):
    body = multipart(("file", "?.txt", b"x")).replace(b"?", b"\xff")
    assert_problem(await client.post("/v1/uploads", content=body, headers=MULTIPART), 422)


@pytest.mark.parametrize("path", ["/v1/incidents", "/v1/uploads"])
async def test_a_body_cut_in_the_middle(address, app, provider, path):
    def answered():
        labels = {"method": "POST", "route": path, "status": "400"}
        return REGISTRY.get_sample_value("cecoia_http_requests_total", labels) or 0

    before = answered()
    body = json.dumps(FORM).encode() if path == "/v1/incidents" else multipart(("file", "a.bin", b"\1" * 150_000))
    media_type = "application/json" if path == "/v1/incidents" else MULTIPART["Content-Type"]
    server = urlsplit(address)
    _, writer = await asyncio.open_connection(server.hostname, server.port)
    head = [
        f"POST {path} HTTP/1.1",
        f"Host: {server.netloc}",
        f"Authorization: {provider.bearer()['Authorization']}",
        f"Content-Type: {media_type}",
        f"Content-Length: {len(body)}",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + body[: len(body) // 2])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    await until(lambda: answered() > before)
    assert [path async for path, _ in app.state.desk.store.names("incoming/")] == []


BOUNDARY = "limite"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


def multipart(*parts):
    body = b""
    for field, name, content in parts:
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()
