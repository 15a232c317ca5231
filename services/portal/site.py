"""What the portal holds for its whole life: sessions, services, templates, the look."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar
from redis.asyncio import Redis

from services.portal.access.oidc import Provider
from services.portal.access.session import Sessions
from services.portal.agents.presence import Presence
from services.portal.drafts.store import Drafts
from services.portal.drafts.waiting import WaitingFiles
from services.portal.look.assets import Assets
from services.portal.look.typography import FILTERS
from services.portal.upstream.catalogue import Catalogue
from services.portal.upstream.http import Service
from shared.clock import now
from shared.events.vocabulary import RATINGS, Status, Urgency
from shared.http.identity import TokenVerifier
from shared.limits import Limit
from shared.settings import Settings

TEMPLATES: Final = Path(__file__).with_name("templates")
#: What one address may do in a minute; a whole school may stand behind one, and begin at the same hour.
SIGN_INS: Final = 300
GUEST_POSTS: Final = 300


@dataclass(frozen=True, kw_only=True)
class Site:
    """Everything a request may need that outlives it."""

    settings: Settings
    redis: Redis
    sessions: Sessions
    drafts: Drafts
    waiting: WaitingFiles
    presence: Presence
    provider: Provider
    verifier: TokenVerifier
    intake: Service
    query: Service
    catalogue: Catalogue
    assets: Assets
    templates: Environment
    sign_ins: Limit
    guest_posts: Limit
    now: Callable[[], datetime]

    @property
    def is_secure(self) -> bool:
        """Whether people reach the portal over https."""
        return self.settings.portal_url.startswith("https://")


def environment(assets: Assets, hotline: str) -> Environment:
    """The templates, with the words of the service and the French typography; an unknown name is an error."""
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(FILTERS)
    templates.globals.update(asset=assets.address, Status=Status, Urgency=Urgency, RATINGS=RATINGS, HOTLINE=hotline)
    return templates


def opened(
    settings: Settings,
    *,
    intake: Service | None = None,
    query: Service | None = None,
    provider: Provider | None = None,
    verifier: TokenVerifier | None = None,
) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    """A lifespan that puts a `Site` into `app.state.site`; what is given stands for the real service, in tests."""
    assets = Assets()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        redis, raw_redis = (
            Redis.from_url(
                settings.redis_url,
                decode_responses=decode,
                socket_timeout=5,
                socket_connect_timeout=2,
                health_check_interval=15,
            )
            for decode in (True, False)
        )
        counting = redis if settings.limits else None
        site = Site(
            settings=settings,
            redis=redis,
            sessions=Sessions(redis, time.time),
            drafts=Drafts(redis),
            waiting=WaitingFiles(raw_redis),
            presence=Presence(redis),
            provider=provider or Provider(settings),
            verifier=verifier or TokenVerifier(settings),
            intake=intake or Service("intake", settings.intake_url),
            query=query or Service("query", settings.query_url),
            catalogue=Catalogue(),
            assets=assets,
            sign_ins=Limit(counting, "sign-ins", most=SIGN_INS, seconds=60),
            guest_posts=Limit(counting, "guest-posts", most=GUEST_POSTS, seconds=60),
            templates=environment(assets, settings.hotline),
            now=now,
        )
        app.state.site = site
        try:
            yield
        finally:
            await site.intake.close()
            await site.query.close()
            await site.provider.close()
            await site.verifier.close()
            await redis.aclose()
            await raw_redis.aclose()

    return lifespan
