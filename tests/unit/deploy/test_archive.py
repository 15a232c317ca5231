"""Which mails a backup has."""

from __future__ import annotations

from pathlib import Path

from deploy.archive import copy_mails
from shared.documents import DocumentStore

WAITING, KEPT = "mails/waiting/one/mail", "mails/kept/one/mail"


class Busy(DocumentStore):
    """A store in which a mail is settled at the moment when it is to be copied."""

    async def read(self, path: str) -> bytes:
        """What lies there, had nobody moved it."""
        if path == WAITING:
            await self.move(WAITING, KEPT)
        return await super().read(path)


async def test_a_mail_that_is_moved_meanwhile_is_copied_from_where_it_went(tmp_path: Path) -> None:
    source, target = Busy((tmp_path / "source").as_uri()), DocumentStore((tmp_path / "target").as_uri())
    await source.write(WAITING, b"sealed")
    await copy_mails(source, target)
    assert await target.read(KEPT) == b"sealed"
