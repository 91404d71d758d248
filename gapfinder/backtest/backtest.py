"""One backtest from a snapshot to a stored result: freeze, fill, match, test, look afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gapfinder.backtest.afterwards import afterwards, persistence_of, reliability_of
from gapfinder.backtest.effect import ENOUGH_SETS, Compared, effect_of, verdict_of
from gapfinder.backtest.filling import best_keyword, filled_by
from gapfinder.backtest.frozen import VARIABLES, Bools, Frozen, frozen_at
from gapfinder.backtest.history import Span, lack, lacking_days, span_of
from gapfinder.backtest.outcomes import LIKE_AGES, Outcomes, Readings, creator_levels, outcomes_of
from gapfinder.backtest.permutation import NoteResults
from gapfinder.backtest.results import Backtest, Effect, Keywords, Lack, LeftOut, MatchedSet
from gapfinder.backtest.stored import SECTION, Backtested, canonical, rows_of
from gapfinder.backtest.wording import statement_of, too_little
from gapfinder.measuring import Step
from gapfinder.past import PastSnapshot
from gapfinder.runs import BACKTEST, check_name
from gapfinder.settings import Settings
from indexer.errors import DataError
from indexer.importer import check_stamp, store_dictionary
from indexer.segment import Segmenter, segmenter_of
from indexer.stores.contract import RunInfo, Snapshot, Store

SEED: Final = 20260824
_VERSIONED: Final = ("gapfinder", "rjieba", "opencc", "duckdb", "numpy", "numba", "scipy", "pyarrow")
_MUCH: Final = 0.2  # share of the new notes by one author that is flagged


def _silent(_: str) -> None:
    """Progress nobody looks at."""


def backtest(
    store: Store, settings: Settings, *, at: date | None = None, name: str = "", step: Step = _silent
) -> Backtested:
    """Backtest the newest snapshot of a store and keep the result.

    Args:
        store: Where the records are and the result is kept.
        settings: Of the analyses it makes; ``backtest_weeks`` says how long to look.
        at: The day with whose past gaps are found; None: so many weeks before the end of the log.
        name: The user's own name for it.
        step: Told what is being done, for progress.

    Raises:
        UsageError: The name can't be one.
        NotFoundError: Nothing was imported yet.
        DataError: The store holds no searches.
    """
    check_name(name)
    with store.snapshot() as snapshot:
        check_stamp(snapshot.manifest)
        if snapshot.count("search") == 0:
            raise DataError("the store holds no searches", hint="import a query log: gapfinder import searches.csv")
        segmenter = segmenter_of(store_dictionary(snapshot))
        span = span_of(snapshot, settings, at)
        result, sets = _backtested(snapshot, span, settings, segmenter, step)
        manifest = _manifest(snapshot, span, settings, result)
    run = BACKTEST + hashlib.sha256(canonical([manifest, name])).hexdigest()[:12]
    info = RunInfo(run, name or run, datetime.now(UTC), manifest)
    store.save_run(info, rows_of(result, sets))
    return Backtested(info, result, sets)


def _backtested(
    snapshot: Snapshot, span: Span, settings: Settings, segmenter: Segmenter, step: Step
) -> tuple[Backtest, list[MatchedSet]]:
    result = _empty(span)
    missing = lacking_days(span)
    if missing:
        return _lacking(result, missing), []
    past = PastSnapshot(snapshot, span.at)
    days = PastSnapshot(snapshot, span.until, since=span.at)
    step(f"还原 {span.at} 当天能看到的数据")
    try:
        frozen = frozen_at(past, replace(settings, end=span.at), segmenter, step)
    except DataError:  # its hints are about the window of an analysis
        few = lack("keywords", 0, 1, f"{span.at} 之前没有一个关键词的搜索够多")
        return _lacking(result, [few]), []
    step("看之后几周哪些词有了新内容")
    filled = filled_by(past, days, frozen.needs, frozen.measured.calibration, settings)
    got = np.isin(np.arange(len(frozen.told)), filled.keyword)
    readings = Readings.of(snapshot, span.end)
    chosen = best_keyword(filled, frozen.special)
    note_ids, keyword = filled.note_id.take(pa.array(chosen)), filled.keyword[chosen]
    outcomes = outcomes_of(readings, note_ids, span.at, creator_levels(snapshot))
    step("看这些词后来怎么样")
    after = afterwards(snapshot, frozen, span, settings, segmenter, step)
    compared, assumed = _compared(frozen, keyword, outcomes, readings, span)
    keywords = _keywords(frozen, got, compared)
    result["keywords"] = keywords
    result["persistence"] = persistence_of(frozen, got, after)
    result["reliability"] = reliability_of(frozen, after)
    result["left_out"] = LeftOut(
        undated_notes=past.undated_notes,
        without_reads=outcomes.without_reads,
        without_level=outcomes.without_level,
        too_young=outcomes.too_young,
    )
    missing = _lacking_notes(len(chosen), days.count("note"), outcomes) or _lacking_keywords(keywords)
    if missing:
        return _lacking(result, missing), []
    step("配对比较与置换检验")
    effect, sets = effect_of(compared, outcomes.compared, SEED)
    result["effect"] = effect
    result["verdict"] = verdict_of(effect)
    result["statement"] = statement_of(result["verdict"], effect)
    result["flags"] = _flags(result, effect, compared, readings, assumed)
    return result, sets


def _compared(
    frozen: Frozen, keyword: npt.NDArray[np.int64], outcomes: Outcomes, readings: Readings, span: Span
) -> tuple[Compared, int]:
    """The keywords that can be compared, numbered anew, and for how many of them topic reads were assumed."""
    known = np.flatnonzero(~np.isnan(outcomes.outcome))
    eligible = frozen.is_gap | frozen.is_met
    known = known[eligible[keyword[known]]]
    kept, number = np.unique(keyword[known], return_inverse=True)
    variables, assumed = frozen.variables(readings, span)
    variables = variables[kept]
    names: tuple[str, ...] = VARIABLES
    if outcomes.compared == LIKE_AGES and kept.size:
        age = np.bincount(number, np.log(outcomes.age[known]), kept.size) / np.bincount(number, None, kept.size)
        variables, names = np.column_stack([variables, age]), (*VARIABLES, "age")
    compared = Compared(
        name=[frozen.told[one].keyword for one in kept.tolist()],
        filled=frozen.is_gap[kept],
        category=frozen.category[kept],
        variables=variables,
        names=names,
        unmet=frozen.unmet[kept],
        notes=NoteResults(number.astype(np.int64), outcomes.author[known], outcomes.outcome[known]),
    )
    return compared, assumed


def _keywords(frozen: Frozen, got: Bools, compared: Compared) -> Keywords:
    return Keywords(
        keywords=len(frozen.told),
        gaps=int(frozen.is_gap.sum()),
        filled=int((frozen.is_gap & got).sum()),
        filled_compared=int(compared.filled.sum()),
        controls=int((~compared.filled).sum()),
    )


def _lacking_notes(answers: int, new_notes: int, outcomes: Outcomes) -> list[Lack]:
    """What the notes lack for a comparison; of things that follow from each other the first is said."""
    if new_notes == 0:
        return [lack("new_notes", 0, 1, "这几周没有带发布时间的新笔记")]
    if answers == 0:
        return [lack("new_notes", 0, 1, f"这几周的 {new_notes} 篇新笔记没有一篇回答了任何关键词")]
    with_reads = answers - outcomes.without_reads
    if with_reads == 0:
        return [lack("reads", 0, 1, "回答了关键词的新笔记都没有阅读量（reads）")]
    if with_reads == outcomes.too_young:
        return [lack("reads", 0, 1, "新笔记的阅读量都是发布当天的，还看不出结果")]
    if np.isnan(outcomes.outcome).all():
        sentence = (
            "新笔记的作者都没有可参照的平常水平：需要 author_id，以及每位作者至少 2 篇更早的、带阅读量的笔记，"
            "或创作者的 median_reads"
        )
        return [lack("usual_reads", 0, 1, sentence)]
    return []


def _lacking_keywords(keywords: Keywords) -> list[Lack]:
    """Whether there is anything to compare, and to compare it with."""
    found = []
    if keywords["filled_compared"] == 0:
        found.append(
            lack(
                "filled_gaps",
                0,
                ENOUGH_SETS,
                f"{keywords['gaps']} 个缺口里没有一个在这几周被可比较的新笔记补上（至少要 {ENOUGH_SETS} 个）",
            )
        )
    if keywords["controls"] == 0:
        found.append(lack("controls", 0, ENOUGH_SETS, f"没有非缺口词得到新笔记可作对照（至少要 {ENOUGH_SETS} 个）"))
    return found


def _empty(span: Span) -> Backtest:
    return Backtest(
        at=span.at.isoformat(),
        until=span.until.isoformat(),
        weeks=span.weeks,
        log_from=span.first.isoformat(),
        log_to=span.end.isoformat(),
        verdict="too_little_history",
        statement="",
        missing=[],
        keywords=None,
        effect=None,
        persistence=None,
        reliability=None,
        left_out=None,
        flags=[],
    )


def _lacking(result: Backtest, missing: list[Lack]) -> Backtest:
    thin = all(one["what"] in {"filled_gaps", "controls"} for one in missing)
    result["verdict"] = "too_thin" if thin else "too_little_history"
    result["missing"] = missing
    result["statement"] = too_little(missing)
    return result


def _flags(result: Backtest, effect: Effect | None, compared: Compared, readings: Readings, assumed: int) -> list[str]:
    """What a reader must know, by name."""
    flags: set[str] = set()
    if effect is not None:
        flags.update({"unbalanced"} if not all(one["balanced"] for one in effect["balance"]) else ())
        flags.update({"same_authors"} if effect["unit"] == "author" else ())
        flags.update({"reads_below_28_days"} if effect["compared"] == LIKE_AGES else ())
    written = np.unique(compared.notes.author, return_counts=True)[1]
    flags.update({"few_authors"} if written.max(initial=0) > _MUCH * written.sum() else ())
    flags.update({"topic_reads_assumed"} if assumed else ())
    flags.update({"figures_undated"} if readings.undated else ())
    flags.update({"undated_notes"} if result["left_out"] and result["left_out"]["undated_notes"] else ())
    return sorted(flags)


def _manifest(snapshot: Snapshot, span: Span, settings: Settings, result: Backtest) -> dict[str, Any]:
    """Everything that decides the result, and its verdict, so that a list of backtests needs no rows."""
    return {
        "kind": SECTION,
        "snapshot": snapshot.manifest.name,
        "records": dict(sorted(snapshot.manifest.counts.items())),
        "schema_version": snapshot.manifest.schema_version,
        "segmenter": asdict(snapshot.manifest.segmenter) if snapshot.manifest.segmenter else None,
        "settings": settings.as_json(),
        "at": span.at.isoformat(),
        "until": span.until.isoformat(),
        "weeks": span.weeks,
        "seed": SEED,
        "versions": {package: version(package) for package in _VERSIONED},
        "verdict": result["verdict"],
        "statement": result["statement"],
    }
