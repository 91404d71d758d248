"""The routes under ``/v1`` and the page: they look up what a run holds, and compute nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime
from importlib.metadata import version
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request, Response, Security
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBearer
from pydantic import BaseModel

from api import backtest_models, models
from api.answers import Ready, takes_packed
from api.keys import Gate
from api.library import Library, Opened
from api.middleware import SLASH
from api.paging import Place, decode, encode
from api.problems import (
    Failed,
    Forbidden,
    Invalid,
    Missing,
    ProblemError,
    TooLarge,
    TooManyFailures,
    Unauthenticated,
    Unavailable,
    WrongHost,
    documented,
)
from gapfinder.reporting.html import content_security_policy, render_notice
from gapfinder.reporting.privacy import public_info
from gapfinder.reporting.trust import is_calibrated
from gapfinder.reporting.view import SHANGHAI
from gapfinder.reporting.words import named_parts
from gapfinder.results import Gap
from indexer.stores.contract import RunInfo

ALWAYS: Final[tuple[type[ProblemError], ...]] = (Invalid, TooLarge, WrongHost, Failed)
KEYED: Final[tuple[type[ProblemError], ...]] = (Unauthenticated, Forbidden, TooManyFailures, Unavailable)
_SCHEMES: Final = (
    HTTPBearer(auto_error=False, description="An API key."),
    APIKeyHeader(name="X-API-Key", auto_error=False, description="An API key."),
    HTTPBasic(auto_error=False, description="Any name, and an API key as the password (for browsers)."),
)

Keyword = Annotated[
    str,
    Path(min_length=1, max_length=1000, description="A keyword or one of its variants, percent-encoded."),
]
RunPath = Annotated[str, Path(min_length=1, max_length=200, description="A run by id or name; `latest` is the newest.")]


async def _reader(
    request: Request,
    _bearer: Annotated[Any, Security(_SCHEMES[0])],
    _header: Annotated[Any, Security(_SCHEMES[1])],
    _basic: Annotated[Any, Security(_SCHEMES[2])],
) -> None:
    """Lets in who may read. The schemes stand here for the documentation; the gate reads the headers itself."""
    gate: Gate = request.app.state.gate
    request.state.key = gate.admit(request, "read")


async def _library(request: Request) -> Library:
    library: Library = request.app.state.library
    return library


Reader = Annotated[None, Depends(_reader)]
Books = Annotated[Library, Depends(_library)]
Nothing = Annotated[models.NothingAsked, Query()]
AnyRun = Annotated[models.RunAsked, Query()]

router = APIRouter(prefix="/v1")


@router.get("/health", tags=["service"], responses=documented(*ALWAYS))
def health(_: Nothing) -> models.Health:
    """Whether the server runs; asks nobody else."""
    return models.Health(status="ok", version=version("gapfinder"))


@router.get("/ready", tags=["service"], responses=documented(*ALWAYS, Unavailable))
def ready(_: Nothing, library: Books) -> models.Ready:
    """Whether the store answers and holds an analysis that can be read."""
    try:
        return models.Ready(status="ready", run=library.readable().run)
    except Missing as problem:
        raise Unavailable(problem.detail, hint=problem.hint) from problem


@router.get("/analyses", tags=["analyses"], responses=documented(*ALWAYS, *KEYED))
def analyses(asked: Annotated[models.AnalysesAsked, Query()], library: Books, _: Reader) -> models.AnalysisList:
    """All analyses, newest first."""
    infos = library.infos()
    question = ["analyses"]
    start = 0
    if asked.cursor is not None:
        # A newer run moves the others down; the cursor names the last run that was given.
        place = decode(asked.cursor, question)
        start = next((number for number, info in enumerate(infos, 1) if info.run == place.run), place.start)
    page = infos[start : start + asked.limit]
    more = start + len(page) < len(infos)
    return models.AnalysisList(
        items=[_analysis(info) for info in page],
        total=len(infos),
        next_cursor=encode(Place(page[-1].run, start + len(page)), question) if more and page else None,
    )


@router.get("/analyses/{run}", tags=["analyses"], responses=documented(*ALWAYS, *KEYED, Missing))
def analysis(run: RunPath, _nothing: Nothing, library: Books, _: Reader) -> models.Analysis:
    """One analysis with its manifest."""
    return _analysis(library.info(run.replace(SLASH, "/")))


@router.get("/gaps", tags=["gaps"], response_model=models.GapList, responses=documented(*ALWAYS, *KEYED, Missing))
async def gaps(request: Request, asked: Annotated[models.GapsAsked, Query()], library: Books, _: Reader) -> Response:
    """The gaps of a run, largest first, page by page."""
    kinds = sorted(set(asked.kind))
    question = ["gaps", asked.run, kinds, asked.match, asked.order_by, asked.q]
    place = decode(asked.cursor, question) if asked.cursor is not None else None
    opened = await opened_at(library, place.run if place else asked.run)
    start = place.start if place else 0

    def page() -> models.GapList:
        shown = opened.shown
        found = shown.chosen(asked.order_by, kinds, asked.match, asked.q)
        rows = found[start : start + asked.limit].tolist()
        run, end = shown.info.run, start + len(rows)
        return models.GapList(
            run=run,
            snapshot=snapshot_of(shown.info),
            total=len(found),
            items=[_summary(shown.at(row)) for row in rows],
            next_cursor=encode(Place(run, end), question) if end < len(found) else None,
            coverage=_coverage(opened),
        )

    key = (opened.shown.key, opened.backtest, orjson.dumps([question, asked.limit, start]))
    return await kept_answer(request, library, key, page, aside=True)  # many gaps are unpacked and written


@router.get(
    "/gaps/{keyword}", tags=["gaps"], response_model=models.GapDetail, responses=documented(*ALWAYS, *KEYED, Missing)
)
async def gap_detail(request: Request, keyword: Keyword, asked: AnyRun, library: Books, _: Reader) -> Response:
    """One gap in full, with its evidence."""

    def detail(info: RunInfo, gap: Gap) -> models.GapDetail:
        return models.GapDetail.model_validate({**gap, "run": info.run, "snapshot": snapshot_of(info)})

    return await _of_gap(request, library, asked, keyword, detail)


@router.get(
    "/gaps/{keyword}/evidence",
    tags=["gaps"],
    response_model=models.Evidence,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def evidence(request: Request, keyword: Keyword, asked: AnyRun, library: Books, _: Reader) -> Response:
    """The very queries and notes behind a gap."""

    def behind(info: RunInfo, gap: Gap) -> models.Evidence:
        names = ("keyword", "evidence_queries", "evidence_notes")
        return models.Evidence.model_validate({"run": info.run, **_some(gap, names)})

    return await _of_gap(request, library, asked, keyword, behind)


@router.get(
    "/gaps/{keyword}/decomposition",
    tags=["gaps"],
    response_model=models.Decomposition,
    responses=documented(*ALWAYS, *KEYED, Missing),
)
async def decomposition(request: Request, keyword: Keyword, asked: AnyRun, library: Books, _: Reader) -> Response:
    """Where the unmet searches come from; the parts add up to them."""

    def parted(info: RunInfo, gap: Gap) -> models.Decomposition:
        names = ("keyword", "unmet_per_week", "unmet_low", "unmet_high", "gap_kind", "kind_probabilities")
        parts = [
            {"part": part, "label": label, "per_week": value} for part, label, value in named_parts(gap["score_parts"])
        ]
        return models.Decomposition.model_validate({"run": info.run, "parts": parts, **_some(gap, names)})

    return await _of_gap(request, library, asked, keyword, parted)


@router.get("/backtests", tags=["backtests"], responses=documented(*ALWAYS, *KEYED))
def backtest_list(_nothing: Nothing, library: Books, _: Reader) -> backtest_models.BacktestList:
    """All backtests, newest first."""
    items = [_backtest_summary(info) for info in library.backtests()]
    return backtest_models.BacktestList(items=items, total=len(items))


@router.get("/backtests/{run}", tags=["backtests"], responses=documented(*ALWAYS, *KEYED, Missing))
def backtest(run: RunPath, _nothing: Nothing, library: Books, _: Reader) -> backtest_models.Backtest:
    """One backtest; it names no keyword."""
    found = library.backtest(run.replace(SLASH, "/"))
    return backtest_models.Backtest.model_validate({**_backtest_summary(found.info).model_dump(), **found.result})


pages = APIRouter(include_in_schema=False)


@pages.get("/")
def report(request: Request, library: Books, _: Reader) -> HTMLResponse:
    """The report page of the newest run; a browser also gets a page when there is none yet."""
    headers = {"Content-Security-Policy": content_security_policy() + "; frame-ancestors 'none'"}
    try:
        return HTMLResponse(library.page(), headers=headers)
    except (Missing, Unavailable) as problem:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        title = "还没有分析结果" if problem.status == Missing.status else "暂时读不到数据"
        return HTMLResponse(render_notice(title, problem.hint or ""), problem.status, headers)


def _analysis(info: RunInfo) -> models.Analysis:
    return models.Analysis(
        run=info.run,
        name=info.name,
        created_at=_moment(info.created_at),
        snapshot=snapshot_of(info),
        manifest=dict(public_info(info).manifest),
    )


def _backtest_summary(info: RunInfo) -> backtest_models.BacktestSummary:
    names = ("at", "until", "weeks", "verdict", "statement")
    return backtest_models.BacktestSummary(
        backtest=info.run,
        name=info.name,
        created_at=_moment(info.created_at),
        snapshot=snapshot_of(info),
        **{name: info.manifest[name] for name in names},
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(timespec="seconds")


def snapshot_of(info: RunInfo) -> str:
    """The snapshot a run read."""
    return str(info.manifest.get("snapshot", ""))


def _summary(gap: Gap) -> models.GapSummary:
    return models.GapSummary.model_validate(_some(gap, tuple(models.GapSummary.model_fields)))


def _some(gap: Gap, names: tuple[str, ...]) -> dict[str, Any]:
    values: dict[str, Any] = dict(gap)
    return {name: values[name] for name in names}


async def opened_at(library: Library, run: str) -> Opened:
    """A run, at once where it is at hand."""
    opened = library.at_hand(run)
    return opened if opened is not None else await run_in_threadpool(library.opened, run)


async def _of_gap(
    request: Request,
    library: Library,
    asked: models.RunAsked,
    keyword: str,
    made: Callable[[RunInfo, Gap], BaseModel],
) -> Response:
    """The answer about one gap, made where it is not kept."""
    shown = (await opened_at(library, asked.run)).shown
    place = shown.place_of(keyword.replace(SLASH, "/"))
    key = (shown.key, made.__name__, place)
    return await kept_answer(request, library, key, lambda: made(shown.info, shown.at(place)))


async def kept_answer(
    request: Request, library: Library, key: Hashable, made: Callable[[], BaseModel], *, aside: bool = False
) -> Response:
    """The answer kept under a key, made where there is none; ``aside``: in a thread, so that others need not wait."""
    ready = library.answers.get(key)
    if ready is None:
        packed = takes_packed(request)
        ready = await run_in_threadpool(written, made, packed=packed) if aside else Ready(made())
        library.answers.put(key, ready)
    return ready.response(request)


def written(page: Callable[[], BaseModel], *, packed: bool) -> Ready:
    """An answer as bytes, packed at once where that is asked for."""
    ready = Ready(page())
    if packed:
        _ = ready.packed
    return ready


def _coverage(opened: Opened) -> models.Coverage:
    shown = opened.shown
    totals = shown.info.manifest.get("totals") or {}
    return models.Coverage(
        searches=totals.get("searches"),
        notes=totals.get("notes"),
        privacy_floor=shown.floor,
        hidden_keywords=shown.hidden_keywords,
        hidden_queries=shown.hidden_queries,
        calibrated=is_calibrated(shown.info.manifest),
        backtest=opened.backtest,
    )
