"""The mentions of a demand's queries: the same subjects as in notes, at characters of the query as it is counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.demand import Demand
from gapfinder.market.heard import NameFacts, Placed, marked
from gapfinder.market.mentions import INFERRED, JUDGED, KINDS, POINT, Rows, Subjects, sorted_rows
from gapfinder.market.wants import Wants
from gapfinder.texts.names import Mentions
from gapfinder.texts.places import word_places
from gapfinder.understanding.catalogue import BRAND, CATEGORY, LEVELS, PRODUCT
from gapfinder.understanding.parts import PARTS

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Part = tuple[Ints, Ints, Ints, Ints]  # subject, query, first word, words


class Asked:
    """The queries of a demand with their words in place.

    Args:
        wants: The queries taken apart.
        demand: The queries.
    """

    def __init__(self, wants: Wants, demand: Demand) -> None:
        self._wants, self._queries = wants, demand.queries
        grammar = wants.grammar
        self.placed = Placed.of(grammar, grammar.words.lists(demand.queries["terms"].to_pylist()))
        self._start, self._end, self._first = _characters(demand.queries["text"], demand.queries["terms"])

    def characters(self, query: Ints, place: Ints, length: Ints) -> tuple[Ints, Ints]:
        """First character and number of characters of some spans of cut words."""
        begin = self._first[query] + place
        return self._start[begin], self._end[begin + length - 1] - self._start[begin]

    def mentions(self, subjects: Subjects, names: NameFacts, points: Ints) -> Rows:
        """All mentions in order.

        Args:
            subjects: What they may be of.
            names: What is known of the catalogue's names.
            points: Point of each need of the queries; -1: none.
        """
        named = self._wants.catalogue.filed(self._wants.grammar.words).find(self.placed.texts)
        parts = [*self._named(subjects, names, named), self._points(subjects, points)]
        # Only words that are still a crowd or a scene when all else was found.
        held = np.isin(self._wants.understood.part, [PARTS.index(part) for part in ("crowd", "scene")])
        category = self._wants.category
        parts += marked(subjects, self.placed, category, np.ones(category.size, bool), ~held)
        subject, query, place, length = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        known = place >= 0
        place[known], length[known] = self.characters(query[known], place[known], length[known])
        return sorted_rows([(subject, query, place, length)])

    def _named(self, subjects: Subjects, names: NameFacts, named: Mentions) -> list[Part]:
        """Where each query names its product, its brand (by a product, where by no name) and its category.

        A brand that sells in one category only tells the category, as a product does; else all words may.
        """
        understood, category = self._wants.understood, self._wants.category.astype(np.int64)
        query, name = named.text.astype(np.int64), named.name.astype(np.int64)
        sells_one = np.array([len(one.categories) == 1 for one in self._wants.catalogue.names] or [False])
        filed = category[query] >= 0
        of_product = filed & (name == understood.product[query])
        of_brand = _else(query, filed & (name == understood.brand[query]), of_product & (understood.brand[query] >= 0))
        of_category = _else(query, filed & (names.category[name] == category[query]), of_brand & sells_one[name])
        wanted = {PRODUCT: understood.product, BRAND: understood.brand, CATEGORY: self._wants.category}
        parts = []
        for level, own in ((PRODUCT, of_product), (BRAND, of_brand), (CATEGORY, of_category)):
            rows = np.flatnonzero(own)
            code = subjects.codes(
                LEVELS.index(level), category[query[rows]], wanted[level][query[rows]].astype(np.int64)
            )
            parts.append((code, query[rows], *self.placed.spans(named, rows)))
        told = np.flatnonzero((category >= 0) & (understood.product >= 0))
        inferred = told[~np.isin(told, query[of_product])]
        code = subjects.codes(LEVELS.index(PRODUCT), category[inferred], understood.product[inferred].astype(np.int64))
        nowhere = np.zeros(inferred.size, np.int64)
        parts.append((code, inferred, nowhere + INFERRED, nowhere))
        above = self._wants.catalogue.filed_above(self._wants.grammar.words).find(self.placed.texts)
        rows = np.flatnonzero(above.name == category[above.text])
        said = category[above.text[rows]]
        code = subjects.codes(LEVELS.index(CATEGORY), said, said)
        parts.append((code, above.text[rows].astype(np.int64), *self.placed.spans(above, rows)))
        silent = category >= 0
        silent[query[of_category]] = silent[above.text[rows]] = False
        judged = np.flatnonzero(silent)
        code = subjects.codes(LEVELS.index(CATEGORY), category[judged], category[judged])
        return [*parts, (code, judged, np.full(judged.size, JUDGED, np.int64), np.zeros(judged.size, np.int64))]

    def _points(self, subjects: Subjects, points: Ints) -> Part:
        phrases = self._wants.understood.phrases
        rows = np.flatnonzero(points >= 0)
        query = phrases.text[rows].astype(np.int64)
        code = subjects.codes(KINDS.index(POINT), self._wants.category[query], points[rows])
        return (code, query, *self.placed.spans(phrases, rows))


def _else(query: Ints, first: Flags, second: Flags) -> Flags:
    """The first mentions of each query, or the second where it has none of them."""
    served = np.zeros(int(query.max(initial=-1)) + 1, bool)
    served[query[first]] = True
    return first | (second & ~served[query])


def _characters(text: pa.ChunkedArray, terms: pa.ChunkedArray) -> tuple[Ints, Ints, Ints]:
    """Start and end of each word of all queries, in characters of its query; and each query's first word."""
    texts, lists = (column.combine_chunks() for column in (text, terms))
    words = lists.flatten()
    counts = pc.list_value_length(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(counts)])
    before = np.concatenate([[0], np.cumsum(pc.utf8_length(words).to_numpy(zero_copy_only=False).astype(np.int64))])
    own = np.repeat(before[first[:-1]], counts)
    start, end = before[:-1] - own, before[1:] - own
    spaced = pc.not_equal(pc.binary_join(lists, ""), texts).to_numpy(zero_copy_only=False)
    for query in np.flatnonzero(spaced).tolist():  # something stands between the words
        rows = slice(int(first[query]), int(first[query + 1]))
        spans = word_places(texts[query].as_py(), words[rows].to_pylist())
        start[rows], end[rows] = np.array(spans, np.int64).reshape(-1, 2).T
    return start, end, first[:-1]
