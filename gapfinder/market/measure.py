"""Everything an analysis measures of the market, from the log and the notes to numbers; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gapfinder.demand import Demand
from gapfinder.duplicates import Duplicates
from gapfinder.market.asked_mentions import Asked
from gapfinder.market.audiences import Crowd
from gapfinder.market.comments import CommentCounts, commented_notes, count_comments
from gapfinder.market.marks import Marks
from gapfinder.market.mentions import Gathered, Subjects
from gapfinder.market.notes import NoteCounts, NoteReader, count_notes
from gapfinder.market.people import Askers, Asking, count_askers
from gapfinder.market.rollup import queries_of
from gapfinder.market.wants import Wants, read_catalogue, read_wants
from gapfinder.searchlog import SearchLog
from gapfinder.settings import Settings
from gapfinder.understanding.catalogue import BRAND, PRODUCT
from gapfinder.understanding.suggest import Suggestion
from indexer.segment import Segmenter
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

_KINDS: Final = ("point", "keyword", "category", "name")


@dataclass(frozen=True)
class Sets:
    """Sets of queries whose askers are counted, by what they are of.

    Attributes:
        queries: The queries of each set.
        first: Where the sets of each kind begin: ``point``, ``keyword``, ``category``, ``name``.
        names: (category, name) of the sets of brands and products.
    """

    queries: list[Ints]
    first: dict[str, int]
    names: list[tuple[int, int]]

    def rows(self, kind: str) -> slice:
        """The sets of one kind."""
        following = [self.first[one] for one in _KINDS[_KINDS.index(kind) + 1 :]]
        return slice(self.first[kind], following[0] if following else len(self.queries))


@dataclass
class MarketDesk:
    """What is measured of the market while an analysis goes on.

    Args:
        snapshot: What is analyzed.
        settings: How.
        segmenter: The one that cut its texts.
        synonyms: Groups of words that mean the same.
        gathered: Takes the mentions of notes and queries; None: nobody asks for them.
    """

    snapshot: Snapshot
    settings: Settings
    segmenter: Segmenter
    synonyms: Iterable[Sequence[str]]
    gathered: Gathered | None = None
    wants: Wants | None = field(default=None, init=False)
    sets: Sets | None = field(default=None, init=False)
    askers: Askers | None = field(default=None, init=False)
    keywords: list[str] = field(default_factory=list, init=False)
    queries: list[str] = field(default_factory=list, init=False)
    suggested: list[Suggestion] = field(default_factory=list, init=False)

    def read_log(self, log: SearchLog, demand: Demand) -> None:
        """Read what the log's queries want, and count who asked (see :func:`gapfinder.demand.measure_demand`)."""
        least = self.settings.whole("point_searches")
        catalogue, self.suggested = read_catalogue(self.snapshot, demand, self.segmenter, self.synonyms, least)
        self.wants = read_wants(self.snapshot, demand, catalogue, self.segmenter)
        self.sets = _sets(self.wants, demand)
        self.keywords, self.queries = demand.keywords["keyword"].to_pylist(), demand.queries["text"].to_pylist()
        self.askers = count_askers(
            log,
            self.snapshot,
            demand,
            Asking.of(self.sets.queries),
            len(self.sets.queries),
            minutes=self.settings["session_minutes"],
            floor=self.settings.whole("privacy_floor"),
        )

    def measured(self, demand: Demand, duplicates: Duplicates) -> Market:
        """Count the notes, and put everything together."""
        assert self.wants is not None
        assert self.sets is not None
        assert self.askers is not None
        wants, gathered = self.wants, self.gathered
        if gathered is not None:
            marks = Marks.of(wants.grammar.words, self.segmenter)
            gathered.subjects = Subjects(wants.catalogue, tuple(point.name for point in wants.points), marks)
        reader = NoteReader(
            wants.catalogue,
            wants.grammar,
            wants.needs,
            wants.point_of,
            wants.claims,
            wants.topics,
            self.settings,
            demand.window.end,
            commented_notes(self.snapshot),
            gathered,
        )
        asked = Asked(wants, demand)
        if gathered is not None and gathered.subjects is not None:
            phrases = wants.understood.phrases
            points = reader.points_of(wants.category[phrases.text], phrases.core)
            gathered.queries = asked.mentions(gathered.subjects, reader.known, points)
        notes = count_notes(reader, self.snapshot, duplicates)
        comments = count_comments(self.snapshot, reader, wants.grammar)
        return Market(
            *(wants, self.sets, self.askers, notes, reader.about(), comments),
            *(self.keywords, self.queries, self.suggested, asked, gathered),
        )


@dataclass(frozen=True)
class Market:
    """What was measured.

    Attributes:
        wants: Queries and points.
        sets: Sets of queries.
        askers: Who asked for each set.
        notes: What notes speak of.
        about: Ids of notes and the products that they are about, as numbers of names; a row for each pair.
        comments: What comments say.
        keywords: The keywords whose sets are counted, in order; an analysis of one category shows some of them.
        queries: All queries, by number.
        suggested: Brands that the catalogue lacks.
        asked: The queries with their words in place.
        gathered: The mentions of notes and queries; None: nobody asked for them.
    """

    wants: Wants
    sets: Sets
    askers: Askers
    notes: NoteCounts
    about: tuple[pa.Array, Ids]
    comments: CommentCounts
    keywords: list[str]
    queries: list[str]
    suggested: list[Suggestion]
    asked: Asked
    gathered: Gathered | None

    def searchers(self, place: int, searches: int) -> int | None:
        """People who searched for a set that was searched so often; None where the log does not tell people."""
        known = int(self.askers.searchers[place])
        return known if known or not searches else None

    def own_demand(self, demand: Ints) -> list[int]:
        """Demand of the queries of each category itself, without those of categories below it."""
        own = self.wants.category >= 0
        found = np.zeros(len(self.wants.catalogue.categories), np.int64)
        np.add.at(found, self.wants.category[own], demand[own])
        return [int(one) for one in found]

    def people(self, place: int, searches: int) -> int | None:
        """Those of them that are no bots; None where the log does not tell people."""
        return int(self.askers.people[place]) if self.searchers(place, searches) is not None else None

    def crowd(self, kind: str) -> Crowd:
        """The searchers of the sets of a kind, by group."""
        rows = self.sets.rows(kind)
        return Crowd(self.askers.grouped[rows], self.askers.members[rows])

    def totals(self) -> dict[str, int]:
        """What a run's manifest says of its market."""
        names = self.wants.catalogue.names
        return {
            "categories": len(self.wants.catalogue.categories),
            "brands": sum(name.level == BRAND for name in names),
            "products": sum(name.level == PRODUCT for name in names),
            "points": len(self.wants.points),
            "groups": len(self.askers.groups),
            "queries_with_category": int((self.wants.category >= 0).sum()),
        }

    def everybody(self) -> Crowd:
        """All searchers, as one set."""
        return Crowd(np.array([self.askers.everybody]), self.askers.everybody_members[None, :])


def _sets(wants: Wants, demand: Demand) -> Sets:
    """The sets of queries of all points, keywords, categories (with those below), brands and products."""
    order = np.argsort(demand.members["keyword_id"].to_numpy(), kind="stable")
    member = demand.members["query_id"].to_numpy()[order].astype(np.int64)
    start = np.searchsorted(demand.members["keyword_id"].to_numpy()[order], np.arange(demand.keywords.num_rows + 1))
    keywords = [member[first:last] for first, last in zip(start[:-1].tolist(), start[1:].tolist(), strict=True)]
    categories = queries_of(wants.catalogue.tree, wants.category)
    named = _by_name(wants)
    queries = [point.queries for point in wants.points]
    first = {"point": 0}
    for kind, more in (("keyword", keywords), ("category", categories), ("name", list(named.values()))):
        first[kind] = len(queries)
        queries += more
    return Sets(queries, first, list(named))


def _by_name(wants: Wants) -> Mapping[tuple[int, int], Ints]:
    """Queries of each (category, brand) and (category, product)."""
    found: dict[tuple[int, int], Ints] = {}
    names = wants.catalogue.names
    for number in (wants.understood.brand, wants.understood.product):
        rows = np.flatnonzero((number >= 0) & (wants.category >= 0))
        key = np.stack([wants.category[rows], number[rows]]).astype(np.int64)
        order = np.lexsort((rows, key[1], key[0]))
        key, rows = key[:, order], rows[order]
        cuts = np.flatnonzero((key[:, 1:] != key[:, :-1]).any(axis=0)) + 1
        for part in np.split(np.arange(rows.size), cuts):
            if part.size:
                found[int(key[0, part[0]]), int(key[1, part[0]])] = rows[part].astype(np.int64)
    assert all(names[name].level in (BRAND, PRODUCT) for _, name in found)
    return dict(sorted(found.items()))
