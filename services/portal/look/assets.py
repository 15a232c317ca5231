"""Style sheet, scripts and icons: read once, served under an address that changes with their content."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from pathlib import Path
from typing import Any, Final

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from shared.http.identity import PUBLIC

FOLDER: Final = Path(__file__).parent.parent / "static"
_COMPRESSED: Final = {".css", ".js", ".svg"}
_YEAR: Final = "public, max-age=31536000, immutable"


class Assets:
    """The files of a folder, with one version for all: modules and style sheets name each other by relative address."""

    def __init__(self, folder: Path = FOLDER) -> None:
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        self._plain = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
        self._packed = {
            name: gzip.compress(content, mtime=0)
            for name, content in self._plain.items()
            if Path(name).suffix in _COMPRESSED
        }
        digest = hashlib.sha256()
        for name, content in self._plain.items():
            digest.update(name.encode() + b"\0" + hashlib.sha256(content).digest())
        self.version = digest.hexdigest()[:16]

    def address(self, name: str) -> str:
        """The address of a file, which may be kept for ever.

        Raises:
            KeyError: there is no such file.
        """
        if name not in self._plain:
            raise KeyError(name)
        return f"/static/{self.version}/{name}"

    def answer(self, version: str, name: str, *, packed: bool) -> Response[bytes]:
        """The file; one of another version is served too (a page of the release before may ask), but not kept."""
        if name not in self._plain:
            raise NotFoundException
        headers = {"Cache-Control": _YEAR if version == self.version else "no-cache", "Vary": "Accept-Encoding"}
        content = self._plain[name]
        if packed and name in self._packed:
            headers["Content-Encoding"] = "gzip"
            content = self._packed[name]
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(content, media_type=media_type, headers=headers)


@get("/static/{version:str}/{name:path}", include_in_schema=False, access=PUBLIC)
async def asset(request: Request[Any, Any, Any], version: FromPath[str], name: FromPath[Path]) -> Response[bytes]:
    """Serve one file of the look."""
    assets: Assets = request.app.state.site.assets
    packed = "gzip" in request.headers.get("accept-encoding", "")
    return assets.answer(version, name.as_posix().lstrip("/"), packed=packed)
