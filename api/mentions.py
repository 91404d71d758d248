"""The route of mentions: every note and query that speaks of something, page by page."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from api import mention_models as models
from api.market import opened_market
from api.mentions_shown import Wanted
from api.paging import Place, decode, encode
from api.problems import Missing, documented
from api.routes import ALWAYS, KEYED, Books, Reader, kept_answer, snapshot_of

mentions = APIRouter(prefix="/v1")


@mentions.get(
    "/mentions", tags=["market"], response_model=models.MentionList, responses=documented(*ALWAYS, *KEYED, Missing)
)
async def mentions_of(
    request: Request, asked: Annotated[models.MentionsAsked, Query()], library: Books, _: Reader
) -> Response:
    """Every note or query that speaks of something, with the exact place of the words."""
    question = ["mentions", asked.run, asked.name, asked.level, asked.category, asked.side]
    place = decode(asked.cursor, question) if asked.cursor is not None else None
    shown, part = await opened_market(library, place.run if place else asked.run)
    start = place.start if place else 0

    def page() -> BaseModel:
        wanted = Wanted(asked.name, asked.level, asked.category, asked.side, start, asked.limit)
        total, items = library.mentions(shown, part, wanted)
        end = min(start + asked.limit, total)
        return models.MentionList.model_validate(
            {
                "run": shown.info.run,
                "snapshot": snapshot_of(shown.info),
                "total": total,
                "items": items,
                "next_cursor": encode(Place(shown.info.run, end), question) if end < total else None,
                "privacy_floor": shown.floor,
            }
        )

    key = (shown.key, orjson.dumps([question, asked.limit, start]))
    return await kept_answer(request, library, key, page, aside=True)
