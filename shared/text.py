"""Text that people typed: what is refused, what is cleaned away, how long it may be."""

import re
import unicodedata
from typing import Final

#: Control characters except tab, line feed and carriage return; lone surrogates; non-characters.
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
#: Characters that turn the direction of what follows (UAX 9), or are invisible: they make names lie.
_DECEPTIVE: Final = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")
#: Every way to end a line that is not a control character; word processors write the last two.
_LINE_END: Final = re.compile("\r\n|\r|\u2028|\u2029")
_BLANKS: Final = re.compile(r"\s+")
_NAME_LENGTH: Final = 200
_NAME_BYTES: Final = 255
#: What no common file system takes in a name.
_UNSAFE: Final = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f]')
_DEVICES: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def has_control(text: str) -> bool:
    """Whether the text holds characters that are neither written nor blank, NUL among them."""
    return _CONTROL.search(text) is not None


def has_deceptive(text: str) -> bool:
    """Whether the text holds invisible or direction-turning characters."""
    return _DECEPTIVE.search(text) is not None


def printable(text: str) -> str:
    """The text without characters that are neither written nor blank."""
    return _CONTROL.sub("", text)


def clean_name(text: str) -> str:
    """A person's name on one line of at most 200 characters, without control or direction-turning characters."""
    text = _DECEPTIVE.sub("", printable(unicodedata.normalize("NFC", text)))
    return _BLANKS.sub(" ", text).strip()[:_NAME_LENGTH]


def clean_text(text: str) -> str:
    """Long text, composed, with plain line ends and without blanks around it."""
    return unicodedata.normalize("NFC", _LINE_END.sub("\n", text)).strip()


def filename_fault(text: str) -> str | None:
    """What makes a file name unacceptable, as a French sentence; None for a decent one."""
    if not text.strip():
        return "Ce fichier n’a pas de nom."
    if has_control(text) or has_deceptive(text):
        return "Le nom de ce fichier contient des caractères invisibles ou de contrôle. Renommez-le."
    if "/" in text or "\\" in text:
        return "Le nom de ce fichier ne doit pas contenir de chemin. Renommez-le."
    if len(unicodedata.normalize("NFC", text).encode()) > _NAME_BYTES:
        return "Le nom de ce fichier est trop long. Renommez-le."
    return None


def clean_filename(text: str) -> str:
    """A base name that is safe on every system, at most 255 bytes of UTF-8, the extension kept.

    Folders are cut off, whatever their separator; what is unsafe becomes an underscore; a name of which nothing
    remains is called `document`.
    """
    base = unicodedata.normalize("NFC", text).replace("\\", "/").rsplit("/", 1)[-1]
    base = _BLANKS.sub(" ", _DECEPTIVE.sub("", _CONTROL.sub("", base)))
    base = _UNSAFE.sub("_", base).strip(" .")
    if not base.strip("_"):
        return "document"
    if _DEVICES.match(base):
        base = f"_{base}"
    return _shorten(base)


def _shorten(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 16:  # noqa: PLR2004 - longer is no extension
        stem, dot, extension = name, "", ""
    room = _NAME_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + dot + extension
