"""One file on its way to intake, as browsers send it."""

from __future__ import annotations

from collections.abc import AsyncIterator


async def multipart(
    boundary: str, filename: str, media_type: str, chunks: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """One file as a multipart body, the name quoted as browsers do."""
    quoted = filename.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    yield (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        f"Content-Type: {media_type}\r\n\r\n"
    ).encode()
    async for chunk in chunks:
        yield chunk
    yield f"\r\n--{boundary}--\r\n".encode()
