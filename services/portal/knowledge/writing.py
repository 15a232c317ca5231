"""The form of what is to be published: its draft, and the subjects that it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from litestar import Response

from services.portal.drafts.store import Draft
from services.portal.upstream.catalogue import by_group
from services.portal.upstream.problems import Shown, title_prefix
from services.portal.visit import Visit

#: A publication concerns one subject, or up to three.
CHOSEN: Final = ("subject", "subject2", "subject3")


def subjects_of(fields: Mapping[str, str]) -> list[str]:
    """The subjects that were chosen, in order."""
    return [fields[name] for name in CHOSEN if fields.get(name)]


async def form_page(
    visit: Visit,
    template: str,
    draft: Draft,
    names: frozenset[str],
    problems: list[Shown] | None = None,
    *,
    status_code: int = 200,
) -> Response[str]:
    """The page of a form, as far as it was filled.

    Args:
        visit: the request.
        template: of the page.
        draft: what was typed.
        names: of the fields.
        problems: with what was typed.
        status_code: of the answer.
    """
    return await visit.page(
        template,
        status_code=status_code,
        draft=draft,
        typed={**dict.fromkeys(names, ""), **draft.fields},
        problems=problems or [],
        prefix=title_prefix(problems or []),
        groups=by_group(await visit.site.catalogue.subjects(visit.query)),
        chosen=CHOSEN,
    )
