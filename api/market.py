"""The routes about the market of a run: selling points, audiences, categories, brands and products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel

from api import market_asked as taken
from api import market_models as models
from api import product_models
from api.answers import takes_packed
from api.library import Library
from api.market_shown import ShownMarket, place_of
from api.middleware import SLASH
from api.packed import Packed
from api.paging import Place, decode, encode
from api.problems import Invalid, Missing, documented
from api.routes import ALWAYS, KEYED, AnyRun, Books, Keyword, Reader, kept_answer, opened_at, snapshot_of, written
from api.shown import Positions, ShownRun
from gapfinder.market.recommend import Recommendation
from gapfinder.market.results import SearchedTogether
from indexer.normalize import normalize

Chosen = Callable[[ShownMarket], tuple[Packed[Any], Positions, int]]

market = APIRouter(prefix="/v1")


@market.get(
    "/selling-points",
    tags=["market"],
    response_model=models.SellingPointList,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def selling_points(
    request: Request, asked: Annotated[taken.PointsAsked, Query()], library: Books, _: Reader
) -> Response:
    """What people want of a category, the underserved first, page by page."""
    kinds = sorted(set(asked.kind))

    def chosen(part: ShownMarket) -> tuple[Packed[Any], Positions, int]:
        places = part.chosen_points(asked.category, kinds, underserved=asked.underserved)
        return part.points, places, part.hidden_points

    question = ["selling-points", asked.run, asked.category, kinds, asked.underserved]
    return await _page(request, library, asked, question, chosen, models.SellingPointList)


@market.get(
    "/selling-points/gaps",
    tags=["market"],
    response_model=product_models.ProductGapList,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def product_gaps(
    request: Request, asked: Annotated[product_models.ProductGapsAsked, Query()], library: Books, _: Reader
) -> Response:
    """What the notes about each product leave unanswered, by selling point and keyword, page by page."""
    kinds = sorted(set(asked.kind))

    def chosen(part: ShownMarket) -> tuple[Packed[Any], Positions, int]:
        below = part.below(asked.category) if asked.category is not None else None
        places = part.product_gaps.chosen(below, asked.product, kinds)
        return part.product_gaps.rows, places, part.hidden_product_gaps

    question = ["product-gaps", asked.run, asked.category, asked.product, kinds]
    return await _page(request, library, asked, question, chosen, product_models.ProductGapList)


@market.get(
    "/audiences",
    tags=["market"],
    response_model=models.KeywordAudiences,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def audiences(
    request: Request, asked: Annotated[taken.AudiencesAsked, Query()], library: Books, _: Reader
) -> Response:
    """The groups of people that search for a keyword more than others do, the first to talk to first."""

    def told(shown: ShownRun, part: ShownMarket, place: int) -> models.KeywordAudiences:
        row = part.audience(place)
        if row is None:
            keyword = shown.at(place)["keyword"]
            raise Missing(f"the run {shown.info.run} does not tell who searches {keyword[:100]!r}")
        return models.KeywordAudiences.model_validate({**row, **_of_run(shown)})

    return await _of_keyword(request, library, asked.run, asked.keyword, told)


@market.get(
    "/market", tags=["market"], response_model=models.MarketList, responses=documented(*ALWAYS, *KEYED, Missing)
)
async def market_rows(
    request: Request, asked: Annotated[taken.MarketAsked, Query()], library: Books, _: Reader
) -> Response:
    """Categories, brands and products with their demand and supply, page by page."""

    def chosen(part: ShownMarket) -> tuple[Packed[Any], Positions, int]:
        places = part.chosen_rows(asked.level, asked.category, asked.name, asked.parent, asked.depth)
        return part.rows, places, part.hidden_rows

    question = ["market", asked.run, asked.level, asked.category, asked.name, asked.parent, asked.depth]
    return await _page(request, library, asked, question, chosen, models.MarketList)


@market.get(
    "/market/suggestions",
    tags=["market"],
    response_model=models.SuggestionList,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def suggestions(
    request: Request, asked: Annotated[taken.SuggestionsAsked, Query()], library: Books, _: Reader
) -> Response:
    """Names that may be brands or products and that the catalogue lacks, of each the sure ones first."""

    def chosen(part: ShownMarket) -> tuple[Packed[Any], Positions, int]:
        return part.suggestions, part.all_suggestions(), part.hidden_suggestions

    return await _page(request, library, asked, ["suggestions", asked.run], chosen, models.SuggestionList)


@market.get(
    "/keywords/{keyword}/together",
    tags=["keywords"],
    response_model=models.Together,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def together(request: Request, keyword: Keyword, asked: AnyRun, library: Books, _: Reader) -> Response:
    """What people searched right before and after a keyword, in the same session."""

    def around(shown: ShownRun, part: ShownMarket, place: int) -> models.Together:
        nobody = SearchedTogether(keyword=shown.at(place)["keyword"], before=[], after=[])
        return models.Together.model_validate({**(part.together(place) or nobody), **_of_run(shown)})

    return await _of_keyword(request, library, asked.run, keyword.replace(SLASH, "/"), around)


@market.get(
    "/keywords/{keyword}/parts",
    tags=["keywords"],
    response_model=models.Parts,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def parts(request: Request, keyword: Keyword, asked: AnyRun, library: Books, _: Reader) -> Response:
    """A keyword taken apart: intent, category, brand, needs, crowd, scene, price."""

    def apart(shown: ShownRun, part: ShownMarket, place: int) -> models.Parts:
        row = part.parts(place)
        if row is None:
            raise Missing(f"{shown.at(place)['keyword'][:100]!r} is no query of its own")
        return models.Parts.model_validate({**row, **_of_run(shown)})

    return await _of_keyword(request, library, asked.run, keyword.replace(SLASH, "/"), apart)


@market.get(
    "/keywords/recommend",
    tags=["keywords"],
    response_model=models.RecommendationList,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def recommend(
    request: Request, asked: Annotated[taken.RecommendAsked, Query()], library: Books, _: Reader
) -> Response:
    """Keywords for a launch: by a word, a category, a note, or what people search before and after a keyword."""
    ways = (asked.word, asked.category, asked.around)
    if sum(way is not None for way in (*ways, asked.note)) != 1:
        raise Invalid("name one of word, category, note and around", hint="for example ?word=红屁股")
    if asked.word is not None and not any(map(str.isalnum, normalize(asked.word))):
        raise Invalid("the word holds nothing to look for", hint="for example ?word=红屁股")
    shown, part = await opened_market(library, asked.run)
    if asked.note is not None:  # it may change while the run does not: nothing is kept
        text = await run_in_threadpool(library.note_text, asked.note)
        return await _for_text(request, library, (shown, part), text, asked.limit)
    around = place_of(shown, asked.around) if asked.around is not None else None

    def found() -> models.RecommendationList:
        return _recommended(shown, part.recommended(shown, asked.word, asked.category, around), asked.limit)

    key = (shown.key, orjson.dumps(["recommend", *ways, asked.limit]))
    return await kept_answer(request, library, key, found, aside=True)  # all gaps are gone through


@market.post(
    "/keywords/recommend",
    tags=["keywords"],
    response_model=models.RecommendationList,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def recommend_for_draft(
    request: Request,
    draft: taken.Draft,
    asked: Annotated[taken.DraftAsked, Query()],
    library: Books,
    _: Reader,
) -> Response:
    """Keywords for a note that is not in the store; what is sent is neither logged nor kept."""
    opened = await opened_market(library, asked.run)
    return await _for_text(request, library, opened, f"{draft.title} {draft.content}", asked.limit)


async def _for_text(
    request: Request, library: Library, opened: tuple[ShownRun, ShownMarket], text: str, limit: int
) -> Response:
    """The keywords that a note answers, made anew each time."""
    shown, part = opened

    def found() -> models.RecommendationList:
        cut = library.cutter()
        if not cut(text):
            raise Invalid("the note holds no word to look for", hint="send the title and the content of a note")
        return _recommended(shown, part.for_note(shown, text, cut), limit)

    ready = await run_in_threadpool(written, found, packed=takes_packed(request))
    return ready.response(request)


def _recommended(shown: ShownRun, rows: Sequence[Recommendation], limit: int) -> models.RecommendationList:
    return models.RecommendationList.model_validate({**_of_run(shown), "total": len(rows), "items": rows[:limit]})


async def opened_market(library: Library, run: str) -> tuple[ShownRun, ShownMarket]:
    """A run and its market, at once where both are at hand."""
    shown = (await opened_at(library, run)).shown
    part = library.market_at_hand(shown)
    return shown, part if part is not None else await run_in_threadpool(library.market, shown)


async def _page(
    request: Request,
    library: Library,
    asked: taken.PointsAsked | product_models.ProductGapsAsked | taken.MarketAsked | taken.SuggestionsAsked,
    question: Sequence[object],
    chosen: Chosen,
    model: type[models.MarketPage],
) -> Response:
    """A page of what was chosen, made where it is not kept."""
    place = decode(asked.cursor, question) if asked.cursor is not None else None
    shown, part = await opened_market(library, place.run if place else asked.run)
    start = place.start if place else 0

    def page() -> BaseModel:
        rows, places, hidden = chosen(part)
        items = [rows[row] for row in places[start : start + asked.limit].tolist()]
        end = start + len(items)
        return model.model_validate(
            {
                **_of_run(shown),
                "total": len(places),
                "items": items,
                "next_cursor": encode(Place(shown.info.run, end), question) if end < len(places) else None,
                "privacy_floor": shown.floor,
                "hidden": hidden,
            }
        )

    key = (shown.key, orjson.dumps([question, asked.limit, start]))
    return await kept_answer(request, library, key, page, aside=True)  # many rows are unpacked and written


async def _of_keyword(
    request: Request,
    library: Library,
    run: str,
    keyword: str,
    told: Callable[[ShownRun, ShownMarket, int], BaseModel],
) -> Response:
    """The answer about one keyword, made where it is not kept."""
    shown, part = await opened_market(library, run)
    place = place_of(shown, keyword)
    key = (shown.key, told.__name__, place)
    return await kept_answer(request, library, key, lambda: told(shown, part, place))


def _of_run(shown: ShownRun) -> dict[str, str]:
    return {"run": shown.info.run, "snapshot": snapshot_of(shown.info)}
