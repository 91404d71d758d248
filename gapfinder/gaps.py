"""Puts the measured columns together: one :class:`~gapfinder.results.Gap` for each keyword, in the default order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gapfinder.asked import Subject
from gapfinder.calibration import Calibration
from gapfinder.censoring import notes_at_least
from gapfinder.demand import Demand
from gapfinder.duplicates import Duplicates
from gapfinder.evidence import Asking, EvidenceNotes
from gapfinder.interval import Counted
from gapfinder.kinds import VERDICT_OF, Clarity, choose_kind, kind_probabilities
from gapfinder.needs import Terms
from gapfinder.ranking import Ranks
from gapfinder.reasons import reason_of
from gapfinder.results import Gap, Price, Volume
from gapfinder.rounding import decimals_of, rounded
from gapfinder.settings import Settings
from gapfinder.supply import Supply
from gapfinder.synonyms import Synonyms
from gapfinder.trend.outlook import outlook_of
from gapfinder.unmet import Members, Unmet
from gapfinder.variants import MOST_VARIANTS, Variants
from indexer.segment import query_key
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Columns = dict[str, Sequence[Any]]  # by the names of a gap, one entry a keyword

_PAGE: Final = 2_000  # keywords that are written out together
_REMAINDER: Final = "behaviour"  # the part that takes up what rounding left
_LIKELY: Final = 0.5  # other wordings from that probability on are named and looked up
_DIFFERS: Final = 0.9  # demand below that share of searches is flagged
_AS_COUNTED: Final = (
    "keyword", "match", "category", "searches", "searchers", "people", "demand", "satisfied", "unsatisfied",
    "unknown", "reformulated",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Everything an analysis measured, handed to :func:`build_gaps`; ``order`` is that in which gaps are written."""

    demand: Demand
    supply: Supply
    members: Members
    counted: Counted  # demand of each keyword with its interval
    unmet: Unmet
    subject: Subject
    duplicates: Duplicates
    order: Ints
    ranks: Ranks
    prices: dict[str, Price]
    volumes: dict[str, list[Volume]]
    calibration: Calibration
    learned: tuple[Calibration, ...]  # those that the store does not keep yet
    synonyms: Synonyms
    alternatives: Mapping[int, Sequence[tuple[int, float]]]  # the same needs under other words


def default_order(unmet: Unmet, demand: Demand) -> Ints:
    """Keywords by ``unmet_low``, then ``unmet_per_week`` (both descending), then keyword by code point."""
    names = np.array(demand.keywords.column("keyword").to_pylist(), dtype=object)
    by_name = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    rank = np.empty(len(names), np.int64)
    rank[by_name] = np.arange(len(names))
    return np.lexsort((rank, -unmet.per_week.round(4), -unmet.low.round(4)))


def kinds_of(unmet: Unmet, settings: Settings) -> tuple[dict[str, Floats], list[str]]:
    """Probability of each kind of every keyword, and the kind that is shown."""
    clarity = Clarity(unmet.deviation, unmet.known, unmet.counted)
    probabilities = kind_probabilities(unmet.lack, unmet.probability, clarity, settings)
    return probabilities, choose_kind(probabilities, settings)


def build_gaps(measured: Measured, snapshot: Snapshot, settings: Settings) -> Iterator[Gap]:
    """The gaps of all keywords in the default order, one at a time; they are written out page by page."""
    report = _Report(measured, snapshot, settings)
    order = measured.order
    for start in range(0, order.size, _PAGE):
        yield from report.page(order[start : start + _PAGE])


class _Report:
    """Everything that gaps show, as columns of all keywords, of which a page at a time is written out."""

    def __init__(self, measured: Measured, snapshot: Snapshot, settings: Settings) -> None:
        demand, keywords = measured.demand, measured.demand.keywords.num_rows
        self._measured = measured
        self._probabilities, kinds = kinds_of(measured.unmet, settings)
        self._kinds = np.array(kinds, dtype=object)
        self._member_start = np.searchsorted(measured.members.keyword, np.arange(keywords + 1))
        self._variants = Variants(demand.variants, demand.queries.num_rows)
        self._daily = demand.daily_matrix()
        self._flags = _flags(measured, self._kinds, settings)
        self._outlook = outlook_of(snapshot, demand)
        self._wordings, asking = _wordings(measured)
        self._notes = EvidenceNotes(snapshot, measured.supply.answers, measured.duplicates, asking)

    def page(self, page: Ints) -> Iterator[Gap]:
        """The gaps of these keywords."""
        columns = {**self._asked(page), **self._supplied(page), **self._judged(page), **self._beside(page)}
        for row in zip(*columns.values(), strict=True):
            gap = cast("Gap", dict(zip(columns, row, strict=True)))
            gap["reason"] = reason_of(gap)
            yield gap

    def _asked(self, page: Ints) -> Columns:
        """What was searched, and where that is going."""
        demand, coming = self._measured.demand, self._outlook.shown(page)
        keywords = demand.keywords.select([*_AS_COUNTED, "flags"]).take(pa.array(page))
        told = [self._variants.shown(self._members(number)) for number in page.tolist()]
        flags = zip(keywords["flags"].to_pylist(), page.tolist(), coming, strict=True)
        return {
            **{name: keywords[name].to_pylist() for name in _AS_COUNTED},
            "demand_per_week": decimals_of(self._measured.unmet.counted[page] / demand.window.weeks, 4),
            "daily": self._daily[page].tolist(),
            "trend": [one.trend for one in coming],
            "season": [one.season for one in coming],
            "forecast": [one.forecast for one in coming],
            "variants": [variants for variants, _ in told],
            "evidence_queries": [queries for _, queries in told],
            "flags": [sorted({*own, *self._flags[number], *one.flags}) for own, number, one in flags],
        }

    def _members(self, number: int) -> list[int]:
        """The most searched queries of a keyword: they are numbered most searched first."""
        first, last = self._member_start[number : number + 2].tolist()
        members: list[int] = self._measured.members.query[first : min(last, first + MOST_VARIANTS)].tolist()
        return members

    def _supplied(self, page: Ints) -> Columns:
        """Which notes there are."""
        supply, subject = self._measured.supply, self._measured.subject
        need, counts = subject.need[page], subject.counts[page]
        matching = supply.counts.matching[counts]
        searches = self._measured.demand.keywords["searches"].to_numpy()[page]
        ratio = decimals_of(np.divide(searches, matching, out=np.zeros(page.size), where=matching > 0), 4)
        return {
            "notes_matching": matching.tolist(),
            "notes_phrase": supply.counts.phrase[counts].tolist(),
            "notes_headline": supply.counts.headline[counts].tolist(),
            "notes_fresh": supply.counts.fresh[counts].tolist(),
            "supply": decimals_of(supply.supply[need], 4),
            "authors_effective": decimals_of(supply.authors[need], 4),
            "demand_supply_ratio": [
                value if notes else None for value, notes in zip(ratio, matching.tolist(), strict=True)
            ],
            "synonyms": [self._wordings[number] for number in page.tolist()],
            "evidence_notes": self._notes.of(page),
        }

    def _judged(self, page: Ints) -> Columns:
        """How many searches stay unmet, and why."""
        unmet, ranks = self._measured.unmet, self._measured.ranks
        figures = {
            "unmet_probability": unmet.probability,
            "unmet_per_week": unmet.per_week,
            "unmet_low": unmet.low,
            "unmet_high": unmet.high,
            "excess": unmet.excess,
            "excess_low": unmet.excess_low,
        }
        return {
            **{name: decimals_of(column[page], 4) for name, column in figures.items()},
            "rank_low": ranks.best[page].astype(np.int64).tolist(),
            "rank_high": ranks.worst[page].astype(np.int64).tolist(),
            "gap_kind": self._kinds[page].tolist(),
            "kind_probabilities": _rounded_kinds(self._probabilities, page),
            "verdict": [VERDICT_OF[kind] for kind in self._kinds[page].tolist()],
            "score_parts": _rounded_parts(unmet, page),
        }

    def _beside(self, page: Ints) -> Columns:
        """What was imported for the same words."""
        keys = [query_key(self._measured.subject.terms[number]) for number in page.tolist()]
        return {
            "volumes": [self._measured.volumes.get(key, []) for key in keys],
            "price": [self._measured.prices.get(key) for key in keys],
        }


def _rounded_kinds(probabilities: dict[str, Floats], page: Ints) -> list[dict[str, float]]:
    """Probabilities rounded so that they still add up to 1: the remainder goes to the largest."""
    found = []
    for row in zip(*(decimals_of(column[page], 4) for column in probabilities.values()), strict=True):
        rounded = dict(zip(probabilities, row, strict=True))
        largest = max(rounded, key=rounded.__getitem__)
        rounded[largest] = round(rounded[largest] + 1.0 - sum(row), 4)
        found.append(rounded)
    return found


def _rounded_parts(unmet: Unmet, page: Ints) -> list[dict[str, float]]:
    """Parts rounded so that they still add up to the rounded ``unmet_per_week``: the remainder goes to behaviour."""
    others = [name for name in unmet.parts if name != _REMAINDER]
    columns = [decimals_of(unmet.parts[name][page], 4) for name in others]
    found = []
    for total, *row in zip(decimals_of(unmet.per_week[page], 4), *columns, strict=True):
        found.append({**dict(zip(others, row, strict=True)), _REMAINDER: round(total - sum(row), 4)})
    return found


def _wordings(measured: Measured) -> tuple[list[list[str]], Asking]:
    """Under which other words each keyword is answered, and the notes that are to be shown for it."""
    supply, subject = measured.supply.supply, measured.subject
    named: list[list[str]] = []
    words: list[str] = []
    first = np.full(len(subject.terms), -1, np.int64)
    for number, alternatives in enumerate(subject.alternatives):
        found = [
            (-float(supply[other.need]) * other.probability, other.words, other.need)
            for other in alternatives
            if other.probability >= _LIKELY and supply[other.need] > 0
        ]
        found.sort()
        if found:
            first[number] = found[0][2]
        words.append("、".join(found[0][1]) if found else "")
        named.append(_named([wording for _, wording, _ in found]))
    terms = [tuple(dict.fromkeys(own)) for own in subject.terms]
    return named, Asking(terms, subject.need, first, words)


def _named(wordings: Sequence[Terms]) -> list[str]:
    """Other wordings as texts, each once; one that only adds to another (淡斑、精华液 to 淡斑) says nothing new."""
    sets = [frozenset(words) for words in wordings]
    return list(
        dict.fromkeys(
            "、".join(words)
            for words, own in zip(wordings, sets, strict=True)
            if not any(other < own for other in sets)
        )
    )


def _flags(measured: Measured, kinds: npt.NDArray[np.object_], settings: Settings) -> list[list[str]]:
    """What is to be said of each keyword's numbers, beyond what was said of its searches."""
    subject, unmet, keywords = measured.subject, measured.unmet, measured.demand.keywords
    demand, searches = (keywords[name].to_numpy() for name in ("demand", "searches"))
    cut_off = notes_at_least(measured.supply.counts.matching, settings.whole("crawl_limit"))
    columns = {
        "demand_differs": demand < _DIFFERS * searches,
        "demand_from_volume": unmet.counted > demand,
        "supply_at_least": unmet.at_least[subject.need],
        "notes_at_least": cut_off[subject.counts],
        "gap": rounded(unmet.excess_low, 4) > 0,
        "no_outcomes": unmet.known == 0,
        "little_data": kinds == "unsure",
    }
    flags: list[list[str]] = [[] for _ in kinds]
    for name, column in columns.items():
        for number in np.flatnonzero(column).tolist():
            flags[number].append(name)
    return flags
