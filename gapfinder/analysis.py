"""One analysis from a snapshot to a stored run: demand, needs, supply, unmet searches, kinds, evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain, islice
from time import monotonic
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa

from gapfinder.calibration import keep_calibration, kept_calibration, kept_labels
from gapfinder.demand import Demand
from gapfinder.gaps import Measured, build_gaps
from gapfinder.interval import Z90
from gapfinder.labels import Labels
from gapfinder.market.measure import MarketDesk
from gapfinder.market.mention_rows import MENTIONS, mention_batches
from gapfinder.market.mentions import gathering
from gapfinder.market.writing import Sections, market_sections
from gapfinder.meaning.finding import Meaning, prepare
from gapfinder.measuring import Calibrations, Step, exact_keywords, learn_models, measure, silent
from gapfinder.results import Gap
from gapfinder.runs import ANALYSIS, SECTION, check_name
from gapfinder.settings import Settings
from gapfinder.unmet import Unmet
from indexer.dictionary import shipped_synonyms
from indexer.errors import DataError
from indexer.importer import check_stamp, store_dictionary
from indexer.segment import Segmenter, segmenter_of
from indexer.stores.contract import RUN_ROWS, RunInfo, Snapshot, Store

SEED: Final = 0  # an analysis draws nothing at random; what learning draws has fixed seeds of its own
_ROWS: Final = 5_000  # written together
_VERSIONED: Final = ("gapfinder", "rjieba", "opencc", "duckdb", "numpy", "numba", "scipy", "pyarrow")


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


def analyze(store: Store, settings: Settings, *, name: str = "", step: Step = silent, warn: Step = silent) -> Analyzed:
    """Analyze the newest snapshot of a store and keep the run.

    Args:
        store: Where the records are and the run is kept.
        settings: What to analyze and how.
        name: The user's own name for the run.
        step: Told what is being done, for progress.
        warn: Told in a sentence what could not be had, where the analysis goes on without it.

    Raises:
        UsageError: The name can't be one, or the settings name an embedder that can't be one.
        NotFoundError: Nothing was imported yet.
        DataError: There are no searches to analyze in the window.
    """
    begun = monotonic()
    check_name(name)
    with store.snapshot() as snapshot, gathering() as gathered:
        check_stamp(snapshot.manifest)
        segmenter = segmenter_of(store_dictionary(snapshot))
        if snapshot.count("search") == 0:
            raise DataError("the store holds no searches", hint="import a query log: gapfinder import searches.csv")
        with prepare(store, snapshot, settings, step, warn) as meaning:
            kept = Calibrations(
                kept_calibration(store, snapshot, warn=warn),
                kept_calibration(store, snapshot, meaning.name, warn) if meaning.used else None,
                kept_labels(store),
            )
            models = _whole_models(snapshot, settings, segmenter, step, kept, meaning) if settings.narrowed else kept
            desk = None
            if settings.keywords is None:
                desk = MarketDesk(snapshot, settings, segmenter, shipped_synonyms(), gathered)
            also = desk.read_log if desk is not None else None
            measured = measure(snapshot, settings, segmenter, step, models, meaning, also)
        for calibration in (*models.beyond(kept), *measured.learned):
            keep_calibration(store, calibration)
        sections: Sections = iter(())
        if desk is not None:
            step("整理卖点、人群和市场")
            market = desk.measured(measured.demand, measured.duplicates)
            sections = market_sections(market, measured, snapshot, settings)
        step("整理证据，写出结果")
        manifest = _manifest(snapshot, settings, measured)
        if desk is not None:
            manifest |= {"market": market.totals(), MENTIONS: gathered.totals()}
        meaning.tell(manifest)
        run = ANALYSIS + hashlib.sha256(_canonical([manifest, name])).hexdigest()[:12]
        info = RunInfo(run, name or run, datetime.now(UTC), manifest)
        gaps = (SECTION, _keyword_of, build_gaps(measured, snapshot, settings))
        rows = (batch for section in chain([gaps], sections) for batch in _rows(*section))
        store.save_run(info, chain(rows, mention_batches(gathered, measured.demand)))
    return Analyzed(info, monotonic() - begun)


def calibrate_anew(
    store: Store,
    settings: Settings,
    *,
    labels: Labels | None = None,
    step: Step = silent,
    warn: Step = silent,
) -> Calibrations:
    """Learn the content models from the newest snapshot of a store, and keep them for the analyses to come.

    Args:
        store: Where the records are and the models are kept.
        settings: The window, what counts as a keyword, and the embedder if one is used.
        labels: What people said of keywords; None: what the newest model was told.
        step: Told what is being done, for progress.
        warn: Told in a sentence what could not be had.

    Raises:
        UsageError: The settings name an embedder that can't be one.
        NotFoundError: Nothing was imported yet.
        DataError: There are no searches to learn from in the window.
    """
    with store.snapshot() as snapshot:
        check_stamp(snapshot.manifest)
        segmenter = segmenter_of(store_dictionary(snapshot))
        with prepare(store, snapshot, settings, step, warn) as meaning:
            told = Calibrations(labels=kept_labels(store) if labels is None else labels)
            models = learn_models(snapshot, settings, segmenter, step, told, meaning)
    for calibration in models.beyond(Calibrations()):
        keep_calibration(store, calibration)
    return models


def _whole_models(
    snapshot: Snapshot, settings: Settings, segmenter: Segmenter, step: Step, kept: Calibrations, meaning: Meaning
) -> Calibrations:
    """The models of a store where only some keywords are looked at: learned from the whole log all the same."""
    if kept.words is not None and (kept.meaning is not None or not meaning.used):
        return kept
    try:
        return learn_models(snapshot, settings, segmenter, step, kept, meaning)
    except DataError:
        return kept  # too thin a log to have keywords of its own; what the named ones ask is all there is


def _manifest(snapshot: Snapshot, settings: Settings, measured: Measured) -> dict[str, Any]:
    """Everything that decides the results, and the totals. Neither run id nor times of day stand in it."""
    demand, unmet, labels = measured.demand, measured.unmet, settings.whole("calibration_labels")
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
            **{f"stable_top_{top}": share for top, share in measured.ranks.stable.items()},
            "keywords": demand.keywords.num_rows,
            "notes": snapshot.count("note"),
            "duplicate_notes": len(measured.duplicates.copies),
        },
        "synonyms": measured.synonyms.as_json(),
        "model": {
            "calibrated": unmet.outcomes.calibrated or measured.calibration.labelled(labels),
            "content": measured.calibration.as_json(),
            "outcomes": asdict(unmet.outcomes),
            "keywords": asdict(unmet.model),
        },
    }


def _unmet_totals(demand: Demand, unmet: Unmet) -> dict[str, float]:
    """Unmet searches a week of all exact keywords; head terms are left out, so that each search counts once.

    Keywords err independently of each other, so their variances add up; the model's own error is one for all.
    """
    exact = exact_keywords(demand)
    total = float(unmet.per_week[exact].sum())
    reach = Z90 * float(np.hypot(np.sqrt((unmet.spread[exact] ** 2).sum()), unmet.model.tau * total))
    return {
        "unmet_per_week": round(total, 2),
        "unmet_low": round(max(0.0, total - reach), 2),
        "unmet_high": round(total + reach, 2),
    }


def _canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _keyword_of(gap: Gap) -> str:
    return gap["keyword"]


def _rows(section: str, key: Callable[[Any], str], rows: Iterator[Any]) -> Iterator[pa.RecordBatch]:
    """A section of a stored run, some thousand rows at a time: a run may be larger than memory.

    Args:
        section: Its name.
        key: What a row is about.
        rows: Its rows in order.
    """
    position = 0
    while page := list(islice(rows, _ROWS)):
        numbers = pa.array(range(position, position + len(page)), pa.int64())
        keys = pa.array([key(row) for row in page], pa.string())
        bodies = pa.array([_canonical(row).decode() for row in page], pa.string())
        yield pa.record_batch([pa.repeat(section, len(page)), numbers, keys, bodies], schema=RUN_ROWS)
        position += len(page)
