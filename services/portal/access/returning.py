"""Where to go back to after signing in: an address of this site, and nothing else."""

from typing import Final
from urllib.parse import urlsplit

HOME: Final = "/"
#: Going back there would sign in or out again, or show a fragment alone.
_NOT_PAGES: Final = ("/connexion", "/deconnexion", "/flux", "/brouillon", "/static")


def safe_return(address: str | None) -> str:
    r"""The address itself if it leads to a page of this site, home otherwise.

    A browser reads `\` as `/`, drops tabs and line ends inside an address, and takes `//host` for another site; all
    of these are refused rather than repaired.
    """
    if not address or not address.startswith("/") or address.startswith("//"):
        return HOME
    if "\\" in address or any(not char.isprintable() or char.isspace() for char in address):
        return HOME
    try:
        parts = urlsplit(address)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or any(_is_under(parts.path, path) for path in _NOT_PAGES):
        return HOME
    return address


def _is_under(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}/")
