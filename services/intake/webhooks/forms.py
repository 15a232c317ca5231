"""What is sent to register a webhook, and what is wrong with it beyond its form."""

from __future__ import annotations

from typing import Annotated

import msgspec

from services.intake.forms import chosen_group
from shared.catalogue import Catalogue
from shared.http.bodies import Body, Line
from shared.outgoing import Networks, check_url
from shared.webhooks import ROUTED, TYPES

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, extra={"one_line": True})]
Types = Annotated[list[Line], msgspec.Meta(min_length=1, max_length=len(TYPES))]


class Register(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /v1/webhooks`: `types` are names of events; without `group`, the incidents of all groups count."""

    url: Address
    group: Line | None = None
    types: Types = msgspec.field(default_factory=lambda: [ROUTED])


def judge(body: Body[Register], catalogue: Catalogue, networks: Networks) -> None:
    """Note what cannot be registered."""
    body.check("url", lambda url: check_url(url, networks))
    body.check("group", lambda group: chosen_group(catalogue, group))
    body.check("types", _known_types)


def _known_types(types: list[str]) -> list[str]:
    if unknown := sorted(set(types) - TYPES):
        raise ValueError(f"Ces événements ne peuvent pas être envoyés\u00a0: {', '.join(unknown)}.")
    return sorted(set(types))
