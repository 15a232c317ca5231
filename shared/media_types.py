"""What a file is, told from its content; what may never come in.

Only types of a short list are believed. Text of any kind, markup and scripts included, is plain text, and what is not
recognised is a lump of bytes: neither can ever run in a reader's browser.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

import puremagic

HEAD: Final = 8192
TEXT: Final = "text/plain"
BYTES: Final = "application/octet-stream"

#: What the recognition is believed about.
_BELIEVED: Final = frozenset(
    {
        "image/png", "image/jpeg", "image/gif", "image/webp", "image/heif", "image/tiff", "image/x-ms-bmp",
        "application/pdf", "application/rtf", "application/x-7z-compressed", "application/x-gzip",
        "video/mp4", "video/quicktime", "video/webm", "audio/mpeg", "audio/ogg", "audio/x-wav",
    }
)  # fmt: skip
_OFFICE: Final = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
_OPEN_DOCUMENT: Final = re.compile(rb"mimetype(application/vnd\.oasis\.opendocument\.[a-z-]{4,40})")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_TYPES: Final = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "msg": "application/vnd.ms-outlook",
}
_ZIP: Final = b"PK\x03\x04"

#: How programs begin: ELF, Mach-O (four ways and the universal one, which is also Java's), Windows links, Android.
_PROGRAMS: Final = (
    b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe",
    b"L\x00\x00\x00\x01\x14\x02\x00", b"dex\n", b"#!", b"\xef\xbb\xbf#!", b"\x00asm",
)  # fmt: skip
_BATCH: Final = re.compile(rb"\A(\xef\xbb\xbf)?\s*(@echo\s+(off|on)\b|rem\s.*\r?\n\s*@echo\s)", re.IGNORECASE)
_JAVA_ARCHIVE: Final = (b"META-INF/MANIFEST.MF", b"AndroidManifest.xml")

#: Extensions that a double click runs.
_DANGEROUS: Final = frozenset(
    {
        "ade", "adp", "apk", "app", "appx", "appxbundle", "bat", "chm", "cmd", "com", "cpl", "dll", "dmg",
        "elf", "exe", "gadget", "hta", "ins", "iso", "isp", "jar", "jnlp", "js", "jse", "lib", "lnk", "mde",
        "msc", "msi", "msix", "msp", "mst", "nsh", "pif", "ps1", "ps1xml", "ps2", "psc1", "psm1", "py", "pyw",
        "reg", "run", "scf", "scr", "sct", "sh", "shb", "sys", "url", "vb", "vbe", "vbs", "vhd", "vxd", "wsc",
        "wsf", "wsh", "xll",
    }
)  # fmt: skip


class ProgramRefusedError(Exception):
    """The file is a program, or would run as one."""


class Recognition:
    """Looks at a file as it flows past, a chunk at a time."""

    def __init__(self) -> None:
        self._head = b""
        self._decoder: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes."""
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]
        if self._decoder is not None and not self._reads_as_text(chunk, final=False):
            self._decoder = None

    def media_type(self, filename: str) -> str:
        """What the file was, once all of it has been fed.

        Args:
            filename: its cleaned name; it can condemn a file, and tells apart what only it can.

        Raises:
            ProgramRefusedError: it is a program.
        """
        extension = filename.rpartition(".")[2].lower() if "." in filename else ""
        if extension in _DANGEROUS or self._is_program():
            raise ProgramRefusedError(filename)
        if self._decoder is not None and self._reads_as_text(b"", final=True):
            return TEXT
        if self._head.startswith(_ZIP):
            return self._archive_type()
        if self._head.startswith(_OLE):
            return _OLE_TYPES.get(extension, BYTES)
        return self._believed_type()

    def _reads_as_text(self, chunk: bytes, *, final: bool) -> bool:
        assert self._decoder is not None  # noqa: S101 - both callers look first
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            return False
        return b"\x00" not in chunk and not self._head.startswith((b"%PDF-", b"{\\rtf"))

    def _is_program(self) -> bool:
        head = self._head
        if head.startswith(b"MZ") and (self._decoder is None or b"PE\x00\x00" in head or b"DOS mode" in head):
            return True
        if head.startswith(_ZIP) and any(name in head for name in _JAVA_ARCHIVE):
            return True
        return head.startswith(_PROGRAMS) or _BATCH.match(head) is not None

    def _archive_type(self) -> str:
        if match := _OPEN_DOCUMENT.search(self._head[:200]):
            return match[1].decode()
        if b"[Content_Types].xml" in self._head:
            return next((kind for folder, kind in _OFFICE.items() if folder in self._head), "application/zip")
        return "application/zip"

    def _believed_type(self) -> str:
        try:
            candidates = puremagic.magic_string(self._head)
        except (puremagic.PureError, ValueError):
            return BYTES
        return next((found.mime_type for found in candidates if found.mime_type in _BELIEVED), BYTES)
