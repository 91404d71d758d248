"""One analysis from a snapshot to a stored run: demand, needs, supply, unmet searches, kinds, evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import islice
from time import monotonic
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from gapfinder.calibration import Calibration, LogQueries, calibrate, keep_calibration, kept_calibration
from gapfinder.candidates import find_candidates
from gapfinder.categories import catalogue_categories
from gapfinder.demand import Demand, categorised, measure_demand
from gapfinder.duplicates import find_duplicates
from gapfinder.gaps import Alternative, Measured, Subject, build_gaps
from gapfinder.keywords import EXACT
from gapfinder.needs import NeedRules, Needs, Terms, shared_terms
from gapfinder.prices import imported_volumes, observed_prices
from gapfinder.results import Gap
from gapfinder.runs import SECTION, check_name
from gapfinder.settings import Settings
from gapfinder.supply import measure_supply
from gapfinder.unmet import Z90, Members, Unmet, own_need, unmet_searches
from indexer.dictionary import function_words, shipped_synonyms
from indexer.errors import DataError
from indexer.importer import check_stamp, store_dictionary
from indexer.segment import Segmenter, segmenter_of
from indexer.stores.contract import RUN_ROWS, RunInfo, Snapshot, Store

SEED: Final = 0  # nothing is drawn at random so far; kept in the manifest for when something is
_ROWS: Final = 5_000  # written together
_LEARNING: Final = "用您的笔记和日志校准模型"
_VERSIONED: Final = ("gapfinder", "rjieba", "opencc", "duckdb", "numpy", "numba", "scipy", "pyarrow")

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Analyzed:
    """What ``analyze`` tells at its end."""

    info: RunInfo
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The answer of ``gapfinder analyze --json``."""
        manifest = self.info.manifest
        totals = manifest["totals"]
        return {
            "run": self.info.run,
            "name": self.info.name,
            "snapshot": manifest["snapshot"],
            "from": manifest["window"]["from"],
            "to": manifest["window"]["to"],
            "keywords": totals["keywords"],
            "notes": totals["notes"],
            "searches": totals["searches"],
            "seconds": round(self.seconds, 3),
        }


def _silent(_: str) -> None:
    """Progress nobody looks at."""


def analyze(store: Store, settings: Settings, *, name: str = "", step: Step = _silent) -> Analyzed:
    """Analyze the newest snapshot of a store and keep the run.

    Args:
        store: Where the records are and the run is kept.
        settings: What to analyze and how.
        name: The user's own name for the run.
        step: Told what is being done, for progress.

    Raises:
        UsageError: The name can't be one.
        NotFoundError: Nothing was imported yet.
        DataError: There are no searches to analyze in the window.
    """
    begun = monotonic()
    check_name(name)
    with store.snapshot() as snapshot:
        check_stamp(snapshot.manifest)
        segmenter = segmenter_of(store_dictionary(snapshot))
        if snapshot.count("search") == 0:
            raise DataError("the store holds no searches", hint="import a query log: gapfinder import searches.csv")
        kept = kept_calibration(store, snapshot)
        model = kept
        if kept is None and settings.narrowed:  # a model is one for the whole store
            model = learned(snapshot, settings, segmenter, step)
        measured = measure(snapshot, settings, segmenter, step, model)
        if kept is None:
            keep_calibration(store, measured.calibration)
        step("整理证据，写出结果")
        manifest = _manifest(snapshot, settings, measured)
        run = "run-" + hashlib.sha256(_canonical([manifest, name])).hexdigest()[:12]
        info = RunInfo(run, name or run, datetime.now(UTC), manifest)
        store.save_run(info, _rows(build_gaps(measured, snapshot, settings)))
    return Analyzed(info, monotonic() - begun)


def calibrate_anew(store: Store, settings: Settings, *, step: Step = _silent) -> Calibration:
    """Learn the content model from the newest snapshot of a store, and keep it for the analyses to come.

    Args:
        store: Where the records are and the model is kept.
        settings: The window, and what counts as a keyword.
        step: Told what is being done, for progress.

    Raises:
        NotFoundError: Nothing was imported yet.
        DataError: There are no searches to learn from in the window.
    """
    with store.snapshot() as snapshot:
        check_stamp(snapshot.manifest)
        model = learned(snapshot, settings, segmenter_of(store_dictionary(snapshot)), step)
    keep_calibration(store, model)
    return model


def learned(snapshot: Snapshot, settings: Settings, segmenter: Segmenter, step: Step = _silent) -> Calibration:
    """The content model of a snapshot, learned from the whole log in the window, whichever keywords are looked at."""
    whole = replace(settings, keywords=None, category=None)
    step("统计搜索需求")
    demand = _demand(snapshot, whole, segmenter)
    step("查找重复笔记")
    duplicates = find_duplicates(snapshot, whole["duplicate_similarity"])
    needs, _, member_need, _ = _needs(demand, whole)
    step(_LEARNING)
    return calibrate(snapshot, _log_queries(demand, needs, member_need), duplicates, demand.window, whole)


def measure(
    snapshot: Snapshot,
    settings: Settings,
    segmenter: Segmenter,
    step: Step = _silent,
    calibration: Calibration | None = None,
) -> Measured:
    """Everything an analysis measures, before gaps are written; without a calibration it is learned first."""
    step("统计搜索需求")
    demand = _demand(snapshot, settings, segmenter)
    if demand.keywords.num_rows == 0:
        raise DataError(
            f"no keyword has enough searches from {demand.window.first} to {demand.window.end}",
            hint="lower --min-searches and --min-searchers, widen --from and --to, or name keywords by --keywords FILE",
        )
    step("查找重复笔记")
    duplicates = find_duplicates(snapshot, settings["duplicate_similarity"])
    needs, subject, member_need, alternatives = _needs(demand, settings)
    if calibration is None:
        step(_LEARNING)
        log = _log_queries(demand, needs, member_need)
        calibration = calibrate(snapshot, log, duplicates, demand.window, settings)
    step("匹配内容供给")
    judged = find_candidates(snapshot, needs.terms, calibration.neighbours, duplicates, demand.window.end, settings)
    supply = measure_supply(judged, calibration.model)
    step("估计未满足的搜索")
    members = _members(demand, subject, member_need)
    others = {need: [other.need for other in found] for need, found in alternatives.items()}
    counted = demand.keywords.column("demand").to_numpy().astype(np.float64)
    unmet = unmet_searches(members, supply, others, counted, demand.window.weeks)
    prices = observed_prices(snapshot, demand.window.first, demand.window.end)
    volumes = imported_volumes(snapshot)
    return Measured(demand, supply, members, unmet, subject, duplicates, prices, volumes, calibration)


def _log_queries(demand: Demand, needs: Needs, member_need: dict[int, int]) -> LogQueries:
    """The queries of the log with their needs, for learning: one for each distinct need, outcomes added up."""
    queries = sorted(member_need)
    number = np.array([member_need[query] for query in queries], np.int64)
    distinct, place = np.unique(number, return_inverse=True)  # of some hundred thousand at the most

    def total(name: str) -> npt.NDArray[np.float64]:
        values = demand.queries.column(name).to_numpy().astype(np.float64)[queries]
        return np.bincount(place, values, distinct.size).astype(np.float64)

    norms: list[list[str]] = [[] for _ in distinct]
    at = dict(zip(queries, place.tolist(), strict=True))
    columns = (demand.variants.column(name).to_pylist() for name in ("query_id", "query"))
    for query, text in zip(*columns, strict=True):
        if query in at:
            norms[at[query]].append(text)
    satisfied, unsatisfied = total("satisfied"), total("unsatisfied")
    return LogQueries(
        [needs.terms[one] for one in distinct.tolist()], norms, total("demand"), unsatisfied, satisfied + unsatisfied
    )


def _demand(snapshot: Snapshot, settings: Settings, segmenter: Segmenter) -> Demand:
    """Demand with the categories of the user's catalogue, narrowed to one when the settings say so."""
    catalogue = catalogue_categories(snapshot, segmenter, shipped_synonyms())
    only = catalogue.known(settings.category) if settings.category is not None else None
    demand = measure_demand(snapshot, settings, segmenter)
    return categorised(demand, [catalogue.of(terms) for terms in demand.keywords["terms"].to_pylist()], only)


def _needs(demand: Demand, settings: Settings) -> tuple[Needs, Subject, dict[int, int], dict[int, list[Alternative]]]:
    """Needs of all keywords and their members.

    Returns:
        The needs; what is known of each keyword; the need of each member query; the other wordings of each need.
    """
    query_terms: list[Terms] = [tuple(terms) for terms in demand.queries.column("terms").to_pylist()]
    shared = shared_terms(query_terms, settings.whole("min_queries"))
    rules = NeedRules(function_words(), shipped_synonyms(), shared)
    needs = Needs()
    alternatives: dict[int, list[Alternative]] = {}

    def need_of(terms: Terms) -> int:
        number = needs.number(terms)
        if number not in alternatives:
            alternatives[number] = [Alternative(needs.number(t), words) for t, words in rules.alternatives(terms)]
        return number

    terms: list[Terms] = [tuple(t) for t in demand.keywords.column("terms").to_pylist()]
    counts = np.array([needs.number(t) for t in terms], np.int64)
    own = np.array([need_of(rules.of_keyword(t)) for t in terms], np.int64)
    subject = Subject(terms, counts, own, [alternatives[int(number)] for number in own])
    exact = set(demand.exact_queries())
    member_need = {
        query: need_of((rules.of_keyword if query in exact else rules.of_dust)(query_terms[query]))
        for query in sorted(set(demand.members.column("query_id").to_pylist()))
    }
    return needs, subject, member_need, alternatives


def _members(demand: Demand, subject: Subject, member_need: dict[int, int]) -> Members:
    """Members with their needs and outcomes as arrays, by keyword."""
    keyword = demand.members.column("keyword_id").to_numpy()
    query = demand.members.column("query_id").to_numpy()
    columns = {
        name: demand.queries.column(name).to_numpy().astype(np.float64)[query]
        for name in ("demand", "satisfied", "unsatisfied")
    }
    own = np.isin(query, demand.exact_queries())
    return Members(
        keyword=keyword,
        query=query,
        need=np.array([member_need[number] for number in query.tolist()], np.int64),
        head=subject.need[keyword],
        own=np.where(own, 1.0, own_need(columns["demand"])),
        demand=columns["demand"],
        unsatisfied=columns["unsatisfied"],
        known=columns["satisfied"] + columns["unsatisfied"],
    )


def _manifest(snapshot: Snapshot, settings: Settings, measured: Measured) -> dict[str, Any]:
    """Everything that decides the results, and the totals. Neither run id nor times of day stand in it."""
    demand, unmet = measured.demand, measured.unmet
    return {
        "snapshot": snapshot.manifest.name,
        "records": dict(sorted(snapshot.manifest.counts.items())),
        "schema_version": snapshot.manifest.schema_version,
        "segmenter": asdict(snapshot.manifest.segmenter) if snapshot.manifest.segmenter else None,
        "settings": settings.as_json(),
        "window": {
            "from": demand.window.first.isoformat(),
            "to": demand.window.end.isoformat(),
            "days": demand.window.days,
        },
        "seed": SEED,
        "versions": {package: version(package) for package in _VERSIONED},
        "totals": {
            **demand.totals(),
            **_unmet_totals(demand, unmet),
            "keywords": demand.keywords.num_rows,
            "notes": snapshot.count("note"),
            "duplicate_notes": len(measured.duplicates.copies),
        },
        "model": {
            "calibrated": False,
            "content": measured.calibration.as_json(),
            "outcomes": asdict(unmet.outcomes),
        },
    }


def _unmet_totals(demand: Demand, unmet: Unmet) -> dict[str, float]:
    """Unmet searches a week of all exact keywords; head terms are left out, so that each search counts once.

    Keywords err independently of each other here, so their variances add up.
    """
    exact = np.array([match == EXACT for match in demand.keywords.column("match").to_pylist()], bool)
    total = float(unmet.per_week[exact].sum())
    reach = Z90 * float(np.sqrt((unmet.spread[exact] ** 2).sum()))
    return {
        "unmet_per_week": round(total, 2),
        "unmet_low": round(max(0.0, total - reach), 2),
        "unmet_high": round(total + reach, 2),
    }


def _canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _rows(gaps: Iterator[Gap]) -> Iterator[pa.RecordBatch]:
    """The gaps as rows of a stored run, some thousands at a time: a run may be larger than memory."""
    position = 0
    while page := list(islice(gaps, _ROWS)):
        numbers = pa.array(range(position, position + len(page)), pa.int64())
        keys = pa.array([gap["keyword"] for gap in page], pa.string())
        bodies = pa.array([_canonical(gap).decode() for gap in page], pa.string())
        yield pa.record_batch([pa.repeat(SECTION, len(page)), numbers, keys, bodies], schema=RUN_ROWS)
        position += len(page)
