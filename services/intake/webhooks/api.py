"""The routes by which supervisors register webhooks, try them, switch them off and on, and remove them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from litestar import Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from services.intake.desk import GIVES, KEYED, AnyRequest, answer, begun
from services.intake.forms import Nothing
from services.intake.webhooks import forms
from services.intake.webhooks.deciding import COMMANDS
from services.intake.webhooks.forms import Register
from shared.events.webhook import WebhookRegistered
from shared.http.bodies import read_body
from shared.http.identity import SUPERVISORS
from shared.wire.webhooks import RegisteredWebhook, WebhookChanged


@post(
    "/v1/webhooks",
    access=SUPERVISORS,
    body=Register,
    problems={409, 429},
    takes=KEYED,
    gives=GIVES,
    operation_id="register_webhook",
)
async def register(request: AnyRequest) -> Response[RegisteredWebhook]:
    """Register a webhook; its secret is in this answer and in no other."""
    desk, actor = await begun(request)
    body = await read_body(request, Register)
    forms.judge(body, await desk.catalogue.current(), desk.settings.webhook_networks)
    attempt = await desk.attempt(request, actor, body.given)
    kept = await desk.registrar.register(body.done(), actor, attempt)
    event = kept.event
    if not isinstance(event, WebhookRegistered):
        raise TypeError(f"a registration recorded {type(event).__name__}")
    return answer(
        kept,
        RegisteredWebhook(
            id=event.webhook,
            url=event.url,
            group=event.group,
            types=event.types,
            secret=event.secret,
            recorded_at=kept.recorded_at,
        ),
    )


def _command_route(name: str) -> HTTPRouteHandler:
    async def command(request: AnyRequest, webhook: FromPath[UUID]) -> Response[WebhookChanged]:
        desk, actor = await begun(request)
        body = await read_body(request, Nothing)
        attempt = await desk.attempt(request, actor, body.given)
        body.done()
        kept = await desk.registrar.change(webhook, name, actor, attempt)
        return answer(kept, WebhookChanged(id=webhook, recorded_at=kept.recorded_at))

    return post(
        f"/v1/webhooks/{{webhook:uuid}}/{name}",
        access=SUPERVISORS,
        body=Nothing,
        problems={404, 409, 429},
        takes=KEYED,
        gives=GIVES,
        operation_id=f"{name}_webhook",
        summary=name,
    )(command)


ROUTES: Final = [register, *(_command_route(name) for name in COMMANDS)]
