"""What query is asked, in one person's name: one method a call of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, TypeVar
from uuid import UUID

import httpx

from services.portal.upstream.address import segment
from services.portal.upstream.http import Params, Service, ServiceDown
from shared.wire.agents import Beside, CallerCard, CannedTexts, KnownPeople, RawEvents
from shared.wire.catalogue import CatalogueHistory, CatalogueState, DryRun
from shared.wire.dashboard import Dashboard
from shared.wire.exports import Dictionary, Exports
from shared.wire.feed import Feed
from shared.wire.incidents import IncidentDetail, IncidentPage
from shared.wire.knowledge import KnownErrorItem, KnownErrorItems, KnownErrorPage, NewsItem, NewsPage
from shared.wire.past import Journey
from shared.wire.queues import QueuePage, Queues, SavedView, SavedViews
from shared.wire.reports import Detail, Report, Reports
from shared.wire.saved import SavedReport, SavedReports
from shared.wire.subjects import Subjects
from shared.wire.webhooks import Webhooks

T = TypeVar("T")

#: Silence after which a stream of changes is held dead, in seconds; query sends a heartbeat more often.
STREAM_SILENCE: Final = 60.0
DOCUMENT_SILENCE: Final = 30.0


class Query:
    """The read side, as one person sees it.

    Args:
        service: where it answers.
        headers: who asks (token, request id).
        position: journal position of the person's own last write; answers wait for it.
    """

    def __init__(self, service: Service, headers: Mapping[str, str], position: str | None = None) -> None:
        self._service = service
        self._headers = dict(headers)
        self._fresh = {**headers, "Min-Event-Position": position} if position else None

    async def _ask(self, path: str, kind: type[T], params: Params | None = None) -> T:
        """Ask for what includes one's own last write; when the projection is late, for what there is."""
        if self._fresh is None:
            return await self._service.ask(path, self._headers, kind, params=params)
        try:
            return await self._service.ask(path, self._fresh, kind, params=params, patient=False)
        except ServiceDown:
            self._fresh = None
            return await self._service.ask(path, self._headers, kind, params=params)

    async def incidents(
        self,
        *,
        status: str = "",
        subject: str = "",
        q: str = "",
        sort: str = "",
        limit: int = 20,
        cursor: str = "",
        scope: str = "",
    ) -> IncidentPage:
        """The person's tracking view (an agent's may be everybody's); empty filters do not count."""
        given = {"status": status, "subject": subject, "q": q, "sort": sort, "cursor": cursor, "scope": scope}
        return await self._ask(
            "/v1/incidents",
            IncidentPage,
            {"limit": limit, **{name: value for name, value in given.items() if value}},
        )

    async def incident(self, number: str) -> IncidentDetail:
        """Everything about one incident."""
        return await self._ask(f"/v1/incidents/{segment(number)}", IncidentDetail)

    async def journey(self, number: str) -> Journey:
        """The life of one incident, step by step."""
        return await self._ask(f"/v1/incidents/{segment(number)}/journey", Journey)

    async def queues(self) -> Queues:
        """The queues of the person's groups."""
        return await self._ask("/v1/queues", Queues)

    async def queue(self, group: str, given: Params, *, limit: int, cursor: str = "") -> QueuePage:
        """What waits for a group, or for all groups of the person where `group` is empty; `given` are the filters."""
        path = f"/v1/queues/{segment(group)}" if group else "/v1/waiting"
        return await self._ask(path, QueuePage, {**given, "limit": limit, **({"cursor": cursor} if cursor else {})})

    async def views(self) -> list[SavedView]:
        """The views of queues that the person saved."""
        return (await self._service.ask("/v1/me/views", self._headers, SavedViews)).items

    async def save_view(
        self, name: str, group: str | None, filters: Mapping[str, str], *, is_default: bool
    ) -> SavedView:
        """Keep a view under a name, in the place of the one of the same name."""
        body = {"name": name, "group": group, "filters": dict(filters), "is_default": is_default}
        answer = await self._service.call("POST", "/v1/me/views", self._headers, body=body)
        return self._service.decode(answer, SavedView)

    async def remove_view(self, view: UUID) -> None:
        """Forget a view."""
        await self._service.call("DELETE", f"/v1/me/views/{view}", self._headers)

    async def subjects(self) -> Subjects:
        """The catalogue."""
        return await self._ask("/v1/subjects", Subjects)

    async def catalogue(self) -> CatalogueState:
        """The whole catalogue, with its version."""
        return await self._ask("/v1/catalogue", CatalogueState)

    async def catalogue_history(self, *, before: str = "", limit: int = 20) -> CatalogueHistory:
        """Changes of the catalogue, newest first; `before` is the version before which they were made."""
        given: Params = {"limit": limit, **({"before": before} if before else {})}
        return await self._ask("/v1/catalogue/history", CatalogueHistory, given)

    def catalogue_file(self) -> AbstractAsyncContextManager[httpx.Response]:
        """The catalogue as a file, as it comes."""
        return self._service.stream("/v1/catalogue.toml", self._headers, read_timeout=DOCUMENT_SILENCE)

    async def dry_run(self, routes: Mapping[str, str]) -> DryRun:
        """Where the last incidents would go if these subjects (code) were answered by these groups."""
        answer = await self._service.call("POST", "/v1/catalogue/dry-run", self._headers, body={"routes": routes})
        return self._service.decode(answer, DryRun)

    async def news(self, *, state: str = "", limit: int = 20, cursor: str = "") -> NewsPage:
        """What many should know of; without state, what holds."""
        given = {"state": state, "cursor": cursor}
        wanted = {"limit": str(limit), **{name: value for name, value in given.items() if value}}
        return await self._ask("/v1/news", NewsPage, wanted)

    async def one_news(self, news: str) -> NewsItem:
        """One of them."""
        return await self._ask(f"/v1/news/{segment(news)}", NewsItem)

    async def known_errors(
        self, *, state: str = "", subject: str = "", q: str = "", limit: int = 20, cursor: str = ""
    ) -> KnownErrorPage:
        """Errors whose way round is known; without state, those that still hold."""
        given = {"state": state, "subject": subject, "q": q, "cursor": cursor}
        wanted = {"limit": str(limit), **{name: value for name, value in given.items() if value}}
        return await self._ask("/v1/known-errors", KnownErrorPage, wanted)

    async def known_error(self, number: str) -> KnownErrorItem:
        """One of them."""
        return await self._ask(f"/v1/known-errors/{segment(number)}", KnownErrorItem)

    async def suggested_errors(self, text: str, subject: str) -> KnownErrorItems:
        """Known errors that may explain what the person writes."""
        body = {"text": text} | ({"subject": subject} if subject else {})
        answer = await self._service.call("POST", "/v1/known-errors/suggestions", self._headers, body=body)
        return self._service.decode(answer, KnownErrorItems)

    async def canned_texts(self) -> CannedTexts:
        """The texts that agents can begin with; these and what follows are for agents alone."""
        return await self._ask("/v1/canned-texts", CannedTexts)

    async def beside(self, number: str) -> Beside:
        """What stands around an incident."""
        return await self._ask(f"/v1/incidents/{segment(number)}/beside", Beside)

    async def raw_events(self, number: str) -> RawEvents:
        """The events of an incident as the journal holds them."""
        return await self._ask(f"/v1/incidents/{segment(number)}/events", RawEvents)

    async def people(self, words: str) -> KnownPeople:
        """Known people whose name or address begins so."""
        return await self._ask("/v1/people", KnownPeople, {"q": words})

    async def caller(self, person: str) -> CallerCard:
        """Somebody who calls."""
        return await self._ask(f"/v1/people/{segment(person)}", CallerCard)

    async def reports(self) -> Reports:
        """The reports there are."""
        return await self._ask("/v1/reports", Reports)

    async def report(self, name: str, params: Mapping[str, str]) -> Report:
        """A report; `params` are its own: `from`, `to`, `by`, `at`, and what it is narrowed to."""
        return await self._ask(f"/v1/reports/{segment(name)}", Report, dict(params))

    async def report_detail(self, name: str, params: Mapping[str, str]) -> Detail:
        """What makes a figure of a report; `params` are the report's, `column`, the figure's cells, `cursor`."""
        return await self._ask(f"/v1/reports/{segment(name)}/detail", Detail, dict(params))

    def report_csv(self, name: str, params: Mapping[str, str]) -> AbstractAsyncContextManager[httpx.Response]:
        """The same report as CSV, as it comes."""
        address = str(httpx.URL(f"/v1/reports/{segment(name)}", params=dict(params)))
        return self._service.stream(address, {**self._headers, "Accept": "text/csv"}, read_timeout=DOCUMENT_SILENCE)

    async def events(self, given: Mapping[str, str], *, limit: int = 50) -> Feed:
        """A page of the event history; `given`: `after` (a cursor), `type`, `from`, `to`; empty ones do not count."""
        return await self._ask("/v1/events", Feed, {"limit": limit, **{name: v for name, v in given.items() if v}})

    async def dashboard(self) -> Dashboard:
        """What waits, what is late, what comes in faster than usual."""
        return await self._ask("/v1/dashboard", Dashboard)

    async def saved_reports(self) -> list[SavedReport]:
        """The reports that the person saved."""
        return (await self._service.ask("/v1/me/reports", self._headers, SavedReports)).items

    async def save_report(self, name: str, report: str, params: Mapping[str, str]) -> None:
        """Keep a report under a name, in the place of the one of the same name."""
        body = {"name": name, "report": report, "params": dict(params)}
        await self._service.call("POST", "/v1/me/reports", self._headers, body=body)

    async def rename_report(self, report: UUID, name: str) -> None:
        """Give a saved report another name."""
        await self._service.call("PATCH", f"/v1/me/reports/{report}", self._headers, body={"name": name})

    async def remove_report(self, report: UUID) -> None:
        """Forget a saved report."""
        await self._service.call("DELETE", f"/v1/me/reports/{report}", self._headers)

    async def webhooks(self) -> Webhooks:
        """The webhooks there are."""
        return await self._ask("/v1/webhooks", Webhooks)

    def document(
        self, number: str, document: str, wanted: Mapping[str, str]
    ) -> AbstractAsyncContextManager[httpx.Response]:
        """The bytes of a document, as they come; `wanted` are the request's range headers."""
        path = f"/v1/incidents/{segment(number)}/documents/{segment(document)}"
        return self._service.stream(path, {**self._headers, **wanted}, read_timeout=DOCUMENT_SILENCE)

    def export(self) -> AbstractAsyncContextManager[httpx.Response]:
        """Everything that is held about the person, as it comes."""
        return self._service.stream("/v1/me/export", self._headers, read_timeout=DOCUMENT_SILENCE)

    async def exports(self) -> Exports:
        """The tables that can be taken away."""
        return await self._ask("/v1/exports", Exports)

    async def data_dictionary(self) -> Dictionary:
        """What their columns mean."""
        return await self._ask("/v1/exports/dictionary", Dictionary)

    def exported(self, name: str, wanted: Mapping[str, str]) -> AbstractAsyncContextManager[httpx.Response]:
        """A table, as it comes; `wanted` are form, month, and what to resume after."""
        path = str(httpx.URL(f"/v1/exports/{segment(name)}", params=wanted))
        return self._service.stream(path, self._headers, read_timeout=DOCUMENT_SILENCE)

    def changes(self, last_id: str | None) -> AbstractAsyncContextManager[httpx.Response]:
        """What changes for the person, as server-sent events."""
        headers = {**self._headers, "Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
        return self._service.stream("/v1/stream", headers, read_timeout=STREAM_SILENCE)
