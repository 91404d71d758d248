"""The gaps as the ordinary analysis would have found them at a day, frozen before anything of later days is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from gapfinder.backtest.history import Span
from gapfinder.backtest.outcomes import NOBODY, Readings
from gapfinder.gaps import Measured, build_gaps
from gapfinder.keywords import EXACT
from gapfinder.measuring import Step, measure
from gapfinder.needs import NeedRules, Terms
from gapfinder.past import PastSnapshot
from gapfinder.results import Gap
from gapfinder.settings import Settings
from indexer.dictionary import function_words
from indexer.segment import Segmenter

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NO_GAP: Final = ("met", "unsure")
VARIABLES: Final = ("ln_searches", "ln_topic_reads", "trend")


@dataclass(frozen=True, slots=True)
class Told:
    """What the analysis said of a keyword, as far as a backtest needs it; whole gaps are too large to be kept."""

    keyword: str
    category: str
    demand: int | float
    change: float
    unmet_probability: float
    unmet_low: float
    gap_kind: str

    @classmethod
    def of(cls, gap: Gap) -> Self:
        """Taken from a gap; no category is the empty one, an unknown trend is none."""
        return cls(
            keyword=gap["keyword"],
            category=gap["category"] or "",
            demand=gap["demand"],
            change=gap["trend"]["change"] or 0.0,
            unmet_probability=gap["unmet_probability"],
            unmet_low=gap["unmet_low"],
            gap_kind=gap["gap_kind"],
        )


@dataclass(frozen=True)
class Frozen:
    """The exact keywords of an analysis at a day, in its default order.

    Attributes:
        told: What the analysis said of each.
        needs: Terms of its need.
        number: Its place in ``measured``.
        measured: The analysis.
    """

    told: list[Told]
    needs: list[Terms]
    number: Ints
    measured: Measured

    @property
    def is_gap(self) -> Bools:
        """Keywords that the analysis calls a gap, with unmet searches beyond doubt."""
        return np.array([one.gap_kind not in NO_GAP and one.unmet_low > 0 for one in self.told], bool)

    @property
    def is_met(self) -> Bools:
        """Keywords that it calls met; those it is unsure of are neither."""
        return np.array([one.gap_kind == "met" for one in self.told], bool)

    @property
    def category(self) -> Ints:
        """Number of each keyword's category; those without share one."""
        names = np.array([one.category for one in self.told], dtype=np.str_)
        return np.unique(names, return_inverse=True)[1].astype(np.int64)

    @property
    def unmet(self) -> Floats:
        """Unmet probability of each keyword."""
        return np.array([one.unmet_probability for one in self.told], np.float64)

    @property
    def special(self) -> Floats:
        """How special each keyword is: the characters of its need."""
        return np.array([sum(map(len, terms)) for terms in self.needs], np.float64)

    def variables(self, readings: Readings, span: Span) -> tuple[Floats, int]:
        """What keywords are matched by, as known at the day (keywords x 3), and how many topic reads were assumed.

        ln of demand, mean ln reads of the older notes that are near to the keyword (by the probability that they
        answer; the category's mean where there is none), and the trend.
        """
        demand = np.log1p(np.array([one.demand for one in self.told], np.float64))
        change = np.array([one.change for one in self.told], np.float64)
        reads = self._topic_reads(readings, span)
        unknown = np.isnan(reads)
        category = self.category
        count = np.bincount(category[~unknown], None, category.max(initial=0) + 1)
        total = np.bincount(category[~unknown], reads[~unknown], count.size)
        overall = float(reads[~unknown].mean()) if (~unknown).any() else 0.0
        means = np.divide(total, count, out=np.full(count.size, overall), where=count > 0)
        reads[unknown] = means[category[unknown]]
        return np.column_stack([demand, reads, np.log1p(np.clip(change, -0.9, None))]), int(unknown.sum())

    def _topic_reads(self, readings: Readings, span: Span) -> Floats:
        answers = self.measured.supply.answers
        place = readings.place(answers.notes.note_id)
        usable = (place != NOBODY) & np.append(readings.older(span.at), False)[place]
        value = np.append(np.log1p(readings.reads), 0.0)[place]
        needs = answers.start.size - 1
        weight = answers.probability * usable[answers.note]
        total = np.bincount(answers.need, weight, needs)
        summed = np.bincount(answers.need, weight * value[answers.note], needs)
        mean = np.divide(summed, total, out=np.full(needs, np.nan), where=total > 0)
        reads: Floats = mean[self.measured.subject.need[self.number]]
        return reads


def frozen_at(past: PastSnapshot, settings: Settings, segmenter: Segmenter, step: Step) -> Frozen:
    """Analyze the past and keep its exact keywords.

    Args:
        past: What was known at the day.
        settings: Of the analysis; its window must end with the day.
        segmenter: Of the store.
        step: Told what is being done.

    Raises:
        DataError: No keyword was searched often enough.
    """
    measured = measure(past, settings, segmenter, step)
    keywords = measured.demand.keywords
    places = {
        name: number
        for number, (name, match) in enumerate(
            zip(keywords["keyword"].to_pylist(), keywords["match"].to_pylist(), strict=True)
        )
        if match == EXACT
    }
    told = [Told.of(gap) for gap in build_gaps(measured, past, settings) if gap["match"] == EXACT]
    number = np.array([places[one.keyword] for one in told], np.int64)
    rules = NeedRules(function_words(), (), ())
    needs = [rules.of_keyword(measured.subject.terms[place]) for place in number.tolist()]
    return Frozen(told, needs, number, measured)
