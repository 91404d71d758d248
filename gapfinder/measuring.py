"""Everything an analysis measures, from a snapshot to unmet searches; nothing is stored or shown here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from gapfinder.answers.model import AnswerModel
from gapfinder.asked import Asked, asked_of, log_queries
from gapfinder.calibration import Calibration, calibrate
from gapfinder.candidates import Judging, weigh_candidates
from gapfinder.categories import catalogue_categories
from gapfinder.censoring import supply_at_least
from gapfinder.demand import Demand, categorised, measure_demand
from gapfinder.duplicates import Duplicates, find_duplicates
from gapfinder.expected import with_expected
from gapfinder.gaps import Measured, default_order, kinds_of
from gapfinder.interval import Counted, counted_demand, weekly_variation
from gapfinder.keywords import EXACT
from gapfinder.labels import Labels
from gapfinder.meaning.effect import effect_of
from gapfinder.meaning.finding import Meaning
from gapfinder.neighbours import Neighbours
from gapfinder.pairing import find_pairs
from gapfinder.prices import imported_volumes, observed_prices
from gapfinder.ranking import rank_ranges
from gapfinder.reads import long_reads
from gapfinder.results import Volume
from gapfinder.searchlog import SearchLog
from gapfinder.settings import Settings
from gapfinder.supply import Supply, measure_supply
from gapfinder.synonyms import Synonyms, learn_synonyms, query_neighbours
from gapfinder.unmet import Unmet, unmet_searches
from indexer.dictionary import shipped_synonyms
from indexer.errors import DataError
from indexer.segment import Segmenter, query_key
from indexer.stores.contract import Snapshot

Step = Callable[[str], None]
Also = Callable[[SearchLog, Demand], None]

_TOO_FEW: Final = "lower --min-searches and --min-searchers, widen --from and --to, or name keywords by --keywords FILE"


def silent(_: str) -> None:
    """Progress nobody looks at."""


@dataclass(frozen=True)
class Calibrations:
    """The content models a store keeps: by words alone, and with the meaning that an embedder gives.

    ``labels`` are what people said of keywords; a model that is learned anew learns from them.
    """

    words: Calibration | None = None
    meaning: Calibration | None = None
    labels: Labels = field(default_factory=dict)

    def beyond(self, others: Calibrations) -> list[Calibration]:
        """Those that the others lack."""
        pairs = ((self.words, others.words), (self.meaning, others.meaning))
        return [mine for mine, theirs in pairs if mine is not None and theirs is None]


def measure(
    snapshot: Snapshot,
    settings: Settings,
    segmenter: Segmenter,
    step: Step = silent,
    kept: Calibrations | None = None,
    meaning: Meaning | None = None,
    also: Also | None = None,
) -> Measured:
    """Everything an analysis measures, before gaps are written.

    Args:
        snapshot: What is analyzed.
        settings: How.
        segmenter: The one that cut the snapshot's text.
        step: Told what is being done.
        kept: Content models to use; what is missing is learned.
        meaning: Vectors of an embedder, where one was named; how much they change is told to it.
        also: Told the log and the demand, as :func:`gapfinder.demand.measure_demand` has it.

    Raises:
        DataError: No keyword has enough searches.
    """
    known = kept or Calibrations()
    desk = _Desk.laid(snapshot, settings, segmenter, step, known, also)
    demand, asked = desk.demand, desk.asked
    calibration = known.words or desk.learned(None)
    learned = [calibration] if known.words is None else []
    supply, unmet = desk.judged(calibration.model, calibration, None)
    if meaning is not None and meaning.used:
        meant = known.meaning or desk.learned(meaning)
        before = unmet
        supply, unmet = desk.judged(meant.model, calibration, meaning)
        if meaning.used:  # it may have failed on the way
            learned += [meant] if known.meaning is None else []
            calibration = meant
            desk.compare(meaning, before, unmet)
    order = default_order(unmet, demand)
    return Measured(
        demand=demand,
        supply=supply,
        members=asked.members,
        counted=desk.counted,
        unmet=unmet,
        subject=asked.subject,
        duplicates=desk.duplicates,
        order=order,
        ranks=rank_ranges(unmet.unsure, order),
        prices=observed_prices(snapshot, demand.window.first, demand.window.end),
        volumes=desk.volumes,
        calibration=calibration,
        learned=tuple(learned),
        synonyms=desk.synonyms,
        alternatives=asked.others,
    )


def learn_models(
    snapshot: Snapshot,
    settings: Settings,
    segmenter: Segmenter,
    step: Step = silent,
    kept: Calibrations | None = None,
    meaning: Meaning | None = None,
) -> Calibrations:
    """Content models learned from the whole log in the window, whichever keywords the settings look at.

    Args:
        snapshot: What is learned from.
        settings: The window, and what counts as a keyword.
        segmenter: The one that cut the snapshot's text.
        step: Told what is being done.
        kept: Models that need not be learned.
        meaning: Vectors of an embedder, where one was named.

    Raises:
        DataError: No keyword has enough searches.
    """
    known = kept or Calibrations()
    desk = _Desk.laid(snapshot, replace(settings, keywords=None, category=None), segmenter, step, known)
    words = known.words or desk.learned(None)
    if meaning is None or not meaning.used:
        return Calibrations(words)
    meant = known.meaning or desk.learned(meaning)
    return Calibrations(words, meant if meaning.used else None)  # it may have failed on the way


@dataclass(frozen=True)
class _Desk:
    """What every judgement of one analysis needs."""

    snapshot: Snapshot
    settings: Settings
    demand: Demand
    duplicates: Duplicates
    neighbours: Neighbours
    synonyms: Synonyms
    labels: Labels
    asked: Asked
    volumes: dict[str, list[Volume]]
    counted: Counted
    step: Step

    @classmethod
    def laid(
        cls,
        snapshot: Snapshot,
        settings: Settings,
        segmenter: Segmenter,
        step: Step,
        known: Calibrations,
        also: Also | None = None,
    ) -> Self:
        """What was asked in a window, and what is known before any note is judged."""
        step("统计搜索需求")
        demand = _demand(snapshot, settings, segmenter, also)
        if demand.keywords.num_rows == 0:
            raise DataError(
                f"no keyword has enough searches from {demand.window.first} to {demand.window.end}", hint=_TOO_FEW
            )
        step("查找重复笔记")
        duplicates = find_duplicates(snapshot, settings["duplicate_similarity"])
        step("学习近义说法")
        neighbours = known.words.neighbours if known.words else query_neighbours(snapshot, demand)
        synonyms = learn_synonyms(snapshot, demand, neighbours, long_reads(snapshot, demand, settings))
        asked = asked_of(demand, settings, synonyms)
        volumes = imported_volumes(snapshot)
        counted = _counted(demand, asked, volumes)
        return cls(
            snapshot, settings, demand, duplicates, neighbours, synonyms, known.labels, asked, volumes, counted, step
        )

    def learned(self, meaning: Meaning | None) -> Calibration:
        """A content model learned anew."""
        self.step("用您的笔记和日志校准模型")
        log = log_queries(self.demand, self.asked)
        window = self.demand.window
        return calibrate(
            self.snapshot, self.neighbours, log, self.duplicates, window, self.settings, meaning, self.labels
        )

    def judged(self, model: AnswerModel, words: Calibration, meaning: Meaning | None) -> tuple[Supply, Unmet]:
        """Supply and unmet searches of all keywords under a content model; by words alone where meaning fails."""
        self.step("匹配内容供给：找出候选笔记")
        end, needs = self.demand.window.end, self.asked.needs
        judging = Judging(self.duplicates, end, self.settings)
        models = (model, words.model)
        asked, pairs = find_pairs(self.snapshot, needs, words.neighbours, end, self.settings, meaning, words.weights)
        self.step("匹配内容供给：判断候选笔记")
        supply = measure_supply(weigh_candidates(self.snapshot, asked, pairs, judging, models))
        self.step("估计未满足的搜索")
        unmet = unmet_searches(
            self.asked.members,
            supply,
            self.asked.others,
            self.counted,
            self.demand.window.weeks,
            exact=exact_keywords(self.demand),
            at_least=supply_at_least(supply.full, supply.counts.matching, self.settings.whole("crawl_limit")),
            labels=self.settings.whole("calibration_labels"),
        )
        return supply, unmet

    def compare(self, meaning: Meaning, before: Unmet, after: Unmet) -> None:
        """Tell how much meaning changed; keywords that few people searched are not named."""
        searchers = self.demand.keywords["searchers"].fill_null(np.iinfo(np.int64).max).to_numpy()
        kinds = [kinds_of(unmet, self.settings)[1] for unmet in (before, after)]
        meaning.effect = effect_of(
            self.demand.keywords["keyword"].to_pylist(),
            (before.probability, kinds[0]),
            (after.probability, kinds[1]),
            searchers >= self.settings["privacy_floor"],
        )


def _counted(demand: Demand, asked: Asked, volumes: dict[str, list[Volume]]) -> Counted:
    """Demand of each keyword with its interval; where nobody searched, imported volumes are asked."""
    counts = demand.keywords.column("demand").to_numpy().astype(np.float64)
    weeks = demand.window.weeks
    counted = counted_demand(counts, weekly_variation(demand.weekly(), counts.size), weeks)
    return with_expected(counted, [query_key(terms) for terms in asked.subject.terms], volumes, weeks)


def exact_keywords(demand: Demand) -> npt.NDArray[np.bool_]:
    """Keywords that together count each search once: head terms repeat those of the queries that hold them.

    One that nobody searched is none of them: imported volumes are never added to counts.
    """
    exact = np.array([match == EXACT for match in demand.keywords.column("match").to_pylist()], bool)
    searched: npt.NDArray[np.bool_] = demand.keywords.column("demand").to_numpy() > 0
    return exact & searched


def _demand(snapshot: Snapshot, settings: Settings, segmenter: Segmenter, also: Also | None) -> Demand:
    """Demand with the categories of the user's catalogue, narrowed to one and those below it when settings say so."""
    catalogue = catalogue_categories(snapshot, segmenter, shipped_synonyms())
    only = catalogue.below(settings.category) if settings.category is not None else None
    demand = measure_demand(snapshot, settings, segmenter, also=also)
    return categorised(demand, [catalogue.of(terms) for terms in demand.keywords["terms"].to_pylist()], only)
