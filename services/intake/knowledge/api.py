"""What agents publish, over HTTP, and which known errors incidents may be linked to."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from services.intake.desk import GIVES as _GIVEN
from services.intake.desk import TAKES as _TAKEN
from services.intake.desk import AnyRequest, Desk, answer, begun
from services.intake.knowledge.errors import check_links, end, retire, state_after
from services.intake.knowledge.forms import Link, NewKnownError, Resolution, Retirement, check_subjects
from services.intake.receipts import Kept
from shared.events.knowledge import KnownErrorPublished, KnownErrorRetired
from shared.events.registry import decode
from shared.events.vocabulary import KnownErrorState
from shared.http.bodies import Body, read_body
from shared.http.identity import AGENTS
from shared.journal.numbers import normalise
from shared.journal.records import Series
from shared.wire.recorded import WrittenError

TAKES: Final = _TAKEN | {"If-Match": "La version que la publication doit avoir, entre guillemets."}
GIVES: Final = _GIVEN | {"ETag": "La version de la publication, entre guillemets."}


@post(
    "/v1/known-errors",
    access=AGENTS,
    body=NewKnownError,
    problems={412, 429},
    takes=TAKES,
    gives=GIVES | {"Location": "L’adresse de l’erreur connue."},
    operation_id="publish_known_error",
)
async def publish_known_error(request: AnyRequest) -> Response[WrittenError]:
    """Publish an error whose way round is known."""
    desk, actor = await begun(request)
    body = await read_body(request, NewKnownError)
    check_subjects(await desk.catalogue.current(), body)
    attempt = await desk.attempt(request, actor, body.given)
    if body.errors and (kept := await desk.publisher.published(KnownErrorPublished, actor.person, attempt)):
        return _published(kept)
    form = body.done()
    event = KnownErrorPublished(
        number="",
        by=actor.person,
        title=form.title,
        symptoms=form.symptoms,
        workaround=form.workaround,
        subjects=form.subjects,
    )
    return _published(await desk.publisher.publish(event, actor.person, attempt, Series.KNOWN_ERROR))


@post(
    "/v1/known-errors/{number:str}/retire",
    access=AGENTS,
    body=Retirement,
    problems={404, 409, 412, 429},
    takes=TAKES,
    gives=GIVES,
    operation_id="retire_known_error",
)
async def retire_known_error(request: AnyRequest, number: FromPath[str]) -> Response[WrittenError]:
    """Say that a known error is solved, which resolves the incidents linked to it; or that it was none."""
    desk, actor = await begun(request)
    body = await read_body(request, Retirement)
    attempt = await desk.attempt(request, actor, body.given)
    form = body.done()
    kept = await desk.publisher.change(
        await desk.publisher.find(number),
        KnownErrorRetired,
        lambda events: retire(events, actor.person, form.text, solved=form.solved),
        actor.person,
        attempt,
    )
    return answer(kept, _written(kept, end(solved=form.solved)))


async def judge_link(desk: Desk, body: Body[Link]) -> None:
    """Judge the known error that an incident is to be linked to."""
    await _judge(desk, body, resolves=False)


async def judge_resolution(desk: Desk, body: Body[Resolution]) -> None:
    """Judge the known error that is said to explain a resolution."""
    await _judge(desk, body, resolves=True)


async def _judge(desk: Desk, body: Body[Any], *, resolves: bool) -> None:
    if (number := body.values.get("known_error")) is None:
        return
    stored = await desk.publisher.read(await desk.publisher.find(number))
    state = state_after(decode(one.data) for one in stored)

    def judge(given: str) -> str:
        check_links(state, resolves=resolves)
        return normalise(given) or given

    body.check("known_error", judge)


def _published(kept: Kept) -> Response[WrittenError]:
    written = _written(kept, KnownErrorState.OPEN)
    return answer(kept, written, location=f"/v1/known-errors/{kept.number}")


def _written(kept: Kept, state: KnownErrorState) -> WrittenError:
    return WrittenError(
        id=kept.stream_id,
        number=kept.number,
        version=kept.version,
        state=state,
        state_label=state.label,
        recorded_at=kept.recorded_at,
    )


ROUTES: Final[list[ControllerRouterHandler]] = [publish_known_error, retire_known_error]
