"""Puts the measured columns together: one :class:`~gapfinder.results.Gap` for each keyword, in the default order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gapfinder.asked import Alternative, Subject
from gapfinder.calibration import Calibration
from gapfinder.censoring import notes_at_least
from gapfinder.demand import Demand
from gapfinder.duplicates import Duplicates
from gapfinder.evidence import MOST_NOTES, NoteTexts, VariantRows, chosen_rows, evidence_note, evidence_queries
from gapfinder.kinds import VERDICT_OF, Clarity, choose_kind, kind_probabilities
from gapfinder.needs import Terms
from gapfinder.ranking import Ranks
from gapfinder.reasons import reason_of
from gapfinder.results import EvidenceNote, Gap, Price, Variant, Volume
from gapfinder.settings import Settings
from gapfinder.supply import Supply
from gapfinder.synonyms import Synonyms
from gapfinder.trend.outlook import Coming, outlook_of
from gapfinder.unmet import Members, Unmet
from indexer.segment import query_key
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MOST_VARIANTS: Final = 10
_PAGE: Final = 10_000  # keywords whose notes are read together
_LIKELY: Final = 0.5  # other wordings from that probability on are named and looked up
_DIFFERS: Final = 0.9  # demand below that share of searches is flagged


@dataclass(frozen=True)
class Measured:
    """Everything an analysis measured, handed to :func:`build_gaps`; ``order`` is that in which gaps are written."""

    demand: Demand
    supply: Supply
    members: Members
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
    """The gaps of all keywords in the default order, one at a time; the texts of notes are read page by page."""
    unmet, demand = measured.unmet, measured.demand
    probabilities, kinds = kinds_of(unmet, settings)
    books = _Books(measured, settings)
    outlook = outlook_of(snapshot, demand)
    order = measured.order
    for start in range(0, order.size, _PAGE):
        page = order[start : start + _PAGE]
        texts = NoteTexts(snapshot, _notes_wanted(measured, page))
        keywords = demand.keywords.take(pa.array(page)).to_pylist()
        for number, keyword, coming in zip(page.tolist(), keywords, outlook.shown(page), strict=True):
            gap = _gap(measured, books, texts, number, keyword, kinds[number], coming)
            gap["kind_probabilities"] = _rounded_kinds(probabilities, number)
            gap["reason"] = reason_of(gap)
            yield gap


def _notes_wanted(measured: Measured, page: Ints) -> list[str]:
    """Ids of the notes that the evidence of these keywords will show."""
    answers, subject = measured.supply.answers, measured.subject
    needs = {int(subject.need[number]) for number in page.tolist()}
    needs.update(other.need for number in page.tolist() for other in subject.alternatives[number])
    rows = np.array([row for need in sorted(needs) for row in chosen_rows(answers, need)], np.int64)
    wanted = np.flatnonzero(np.bincount(answers.note[rows]))
    notes: list[str] = answers.notes.note_id.take(pa.array(wanted)).to_pylist()
    return notes


class _Books:
    """Look-ups shared by all keywords: where its members, variants and days stand, which notes stop at a limit."""

    def __init__(self, measured: Measured, settings: Settings) -> None:
        demand, members = measured.demand, measured.members
        keywords = demand.keywords.num_rows
        self.member_start = np.searchsorted(members.keyword, np.arange(keywords + 1))
        self.variants = VariantRows(demand.variants, demand.queries.num_rows)
        self.daily = demand.daily_matrix()
        self.cut_off = notes_at_least(measured.supply.counts.matching, settings.whole("crawl_limit"))


def _gap(
    measured: Measured,
    books: _Books,
    texts: NoteTexts,
    number: int,
    keyword: dict[str, Any],
    kind: str,
    coming: Coming,
) -> Gap:
    demand, supply, unmet, subject = measured.demand, measured.supply, measured.unmet, measured.subject
    rows = slice(int(books.member_start[number]), int(books.member_start[number + 1]))
    queries = measured.members.query[rows]
    by_searches = queries.tolist()  # queries are numbered most searched first
    counts = subject.counts[number]
    searches = keyword["searches"]
    matching = int(supply.counts.matching[counts])
    key = query_key(subject.terms[number])
    notes, synonyms = _notes(measured, texts, number)
    return Gap(
        keyword=keyword["keyword"],
        variants=_variants(books, by_searches),
        match=keyword["match"],
        category=keyword["category"],
        searches=searches,
        searchers=keyword["searchers"],
        demand=keyword["demand"],
        demand_per_week=round(float(unmet.counted[number]) / demand.window.weeks, 4),
        trend=coming.trend,
        season=coming.season,
        forecast=coming.forecast,
        daily=books.daily[number].tolist(),
        satisfied=keyword["satisfied"],
        unsatisfied=keyword["unsatisfied"],
        unknown=keyword["unknown"],
        reformulated=keyword["reformulated"],
        notes_matching=matching,
        notes_phrase=int(supply.counts.phrase[counts]),
        notes_headline=int(supply.counts.headline[counts]),
        notes_fresh=int(supply.counts.fresh[counts]),
        supply=round(float(supply.supply[subject.need[number]]), 4),
        authors_effective=round(float(supply.authors[subject.need[number]]), 4),
        demand_supply_ratio=round(searches / matching, 4) if matching else None,
        unmet_probability=round(float(unmet.probability[number]), 4),
        unmet_per_week=round(float(unmet.per_week[number]), 4),
        unmet_low=round(float(unmet.low[number]), 4),
        unmet_high=round(float(unmet.high[number]), 4),
        excess=round(float(unmet.excess[number]), 4),
        excess_low=round(float(unmet.excess_low[number]), 4),
        rank_low=int(measured.ranks.best[number]),
        rank_high=int(measured.ranks.worst[number]),
        gap_kind=kind,
        kind_probabilities={},
        verdict=VERDICT_OF[kind],
        score_parts=_rounded_parts(unmet, number),
        synonyms=synonyms,
        volumes=measured.volumes.get(key, []),
        price=measured.prices.get(key),
        evidence_queries=evidence_queries(books.variants, by_searches),
        evidence_notes=notes,
        flags=sorted([*_flags(measured, books, number, keyword, kind), *coming.flags]),
        reason="",
    )


def _variants(books: _Books, queries: Sequence[int]) -> list[Variant]:
    return [
        Variant(query=row["query"], searches=row["searches"], folded_by=row["folded_by"])
        for row in books.variants.of(queries, _MOST_VARIANTS)
    ]


def _rounded_kinds(probabilities: dict[str, Floats], number: int) -> dict[str, float]:
    """Probabilities rounded so that they still add up to 1: the remainder goes to the largest."""
    rounded = {kind: round(float(column[number]), 4) for kind, column in probabilities.items()}
    largest = max(rounded, key=rounded.__getitem__)
    rounded[largest] = round(rounded[largest] + 1.0 - sum(rounded.values()), 4)
    return rounded


def _rounded_parts(unmet: Unmet, number: int) -> dict[str, float]:
    """Parts rounded so that they still add up to the rounded ``unmet_per_week``: the remainder goes to behaviour."""
    parts = {name: round(float(values[number]), 4) for name, values in unmet.parts.items()}
    total = round(float(unmet.per_week[number]), 4)
    parts["behaviour"] = round(total - sum(value for name, value in parts.items() if name != "behaviour"), 4)
    return parts


def _notes(measured: Measured, texts: NoteTexts, number: int) -> tuple[list[EvidenceNote], list[str]]:
    """Evidence notes under the keyword's own words, then under other words; and those words."""
    supply, subject = measured.supply, measured.subject
    answers, terms = supply.answers, subject.terms[number]
    own = chosen_rows(answers, int(subject.need[number]))
    notes = [evidence_note(answers, row, texts, measured.duplicates, terms, "words") for row in own]
    shown = {note["note_id"] for note in notes}
    found: list[tuple[float, Alternative]] = []
    for other in subject.alternatives[number]:
        worth = float(supply.supply[other.need]) * other.probability
        if worth > 0 and other.probability >= _LIKELY:
            found.append((worth, other))
    found.sort(key=lambda pair: (-pair[0], pair[1].words))
    for _, other in found[:1]:
        for row in chosen_rows(answers, other.need):
            note = evidence_note(answers, row, texts, measured.duplicates, terms, "、".join(other.words))
            if note["note_id"] not in shown and len(notes) < 2 * MOST_NOTES:
                shown.add(note["note_id"])
                notes.append(note)
    return notes, _named([other.words for _, other in found])


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


def _flags(measured: Measured, books: _Books, number: int, keyword: dict[str, Any], kind: str) -> list[str]:
    subject, unmet = measured.subject, measured.unmet
    flags = set(keyword["flags"])
    if keyword["demand"] < _DIFFERS * keyword["searches"]:
        flags.add("demand_differs")
    if unmet.counted[number] > keyword["demand"]:
        flags.add("demand_from_volume")
    if unmet.at_least[subject.need[number]]:
        flags.add("supply_at_least")
    if books.cut_off[subject.counts[number]]:
        flags.add("notes_at_least")
    if round(float(unmet.excess_low[number]), 4) > 0:
        flags.add("gap")
    if unmet.known[number] == 0:
        flags.add("no_outcomes")
    if kind == "unsure":
        flags.add("little_data")
    return sorted(flags)
