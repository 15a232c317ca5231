"""« Webhooks »: where programs are told of incidents, as supervisors register them, try them and switch them off."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Response, get, post
from litestar.params import FromPath

from services.portal.access.session import new_name
from services.portal.agents.saying import groups_of
from services.portal.drafts.forms import Fields, read_form
from services.portal.failures import failure_page
from services.portal.upstream.http import KEY_USED, Refused
from services.portal.upstream.problems import FormField, shown, title_prefix
from services.portal.visit import Here, Visit
from shared.events.titles import BY_NAME
from shared.http.identity import SUPERVISORS
from shared.webhooks import ROUTED, TYPES
from shared.wire.webhooks import RegisteredWebhook

_UNPROCESSABLE: Final = 422
#: What each command did, by its name.
DONE: Final = {
    "test": "Le message d’essai part. Rechargez la page pour voir s’il est arrivé.",
    "disable": "Le webhook est désactivé\u00a0: plus rien ne lui est envoyé.",
    "enable": "Le webhook est réactivé\u00a0: ce qui arrive désormais lui est envoyé.",
    "remove": "Le webhook est supprimé.",
}
_FORM: Final = {
    "url": FormField(anchor="url", label="Adresse", missing="Indiquez l’adresse du programme."),
    "group": FormField(anchor="group", label="Équipe", missing=""),
    "types": FormField(anchor="types", label="Événements", missing=""),
}
#: A checkbox a type of event: its name in the form begins with this.
_TYPE: Final = "type:"
_CHOICES: Final = {name: title for name, title in BY_NAME.items() if name in TYPES}


@get("/webhooks", access=SUPERVISORS, include_in_schema=False)
async def webhooks(visit: Here) -> Response[str]:
    """Those there are, and the form for another one."""
    return await _page(visit, {_TYPE + ROUTED: "on"}, done=DONE.get(visit.request.query_params.get("avis", "")))


@post("/webhooks", access=SUPERVISORS, include_in_schema=False)
async def register(visit: Here) -> Response[Any]:
    """Register one, and show its secret; the same form sent again shows the same."""
    typed = (await read_form(visit)).fields
    try:
        made = await visit.intake.register_webhook(_body(typed), typed.get("key") or new_name())
    except Refused as refusal:
        if refusal.problem.type == KEY_USED:
            return visit.redirect("/webhooks")
        if refusal.status != _UNPROCESSABLE:
            raise
        problems = shown(refusal.problem.errors, _FORM, typed)
        return await _page(visit, typed, status_code=_UNPROCESSABLE, problems=problems, prefix=title_prefix(problems))
    return await _page(visit, {_TYPE + ROUTED: "on"}, made=made)


@post("/webhooks/{webhook:str}/{command:str}", access=SUPERVISORS, include_in_schema=False)
async def change(visit: Here, webhook: FromPath[str], command: FromPath[str]) -> Response[Any]:
    """Do something with one, and show what was done."""
    typed = (await read_form(visit)).fields
    if command not in DONE:
        return failure_page(visit, 404)
    await visit.intake.change_webhook(webhook, command, typed.get("key") or new_name())
    return visit.redirect(f"/webhooks?avis={command}")


def _body(typed: Fields) -> dict[str, Any]:
    """The body for intake."""
    types = [name.removeprefix(_TYPE) for name in typed if name.startswith(_TYPE)]
    group = {"group": typed["group"]} if typed.get("group") else {}
    return {"url": typed.get("url", "").strip(), "types": types, **group}


async def _page(visit: Visit, typed: Fields, *, status_code: int = 200, **values: Any) -> Response[str]:
    """The page; an answer that shows a secret is kept nowhere."""
    made: RegisteredWebhook | None = values.get("made")
    return await visit.page(
        "webhooks.html",
        status_code=status_code,
        headers={"Cache-Control": "no-store"} if made else None,
        **{"problems": [], "prefix": "", "done": None, "made": None} | values,
        webhooks=(await visit.query.webhooks()).items,
        groups=groups_of((await visit.query.subjects()).items),
        types=_CHOICES,
        type_prefix=_TYPE,
        typed={"url": "", "group": ""} | typed,
        host=host_of,
        new_key=new_name,
    )


def host_of(url: str) -> str:
    """What people call an address by."""
    return urlsplit(url).hostname or url
