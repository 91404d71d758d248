"""What the notes of a market speak of, counted in one pass: categories, brands, products and needs.

A note belongs to the category that its title and tags name most, else to the one its text names most, else to the one
its words speak for (:mod:`gapfinder.understanding.topics`). Copies count once, undisclosed advertising not at all,
filed advertising as far as the settings say: a note's *weight* is its visibility in thousandths, so sums are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.advertising import undisclosed_probability
from gapfinder.duplicates import Duplicates
from gapfinder.market.sums import Codes, Sums
from gapfinder.points.grammar import Grammar
from gapfinder.points.roles import LACKING, SPARED
from gapfinder.settings import Settings
from gapfinder.texts.names import Mentions, most_named
from gapfinder.texts.words import Texts
from gapfinder.understanding.catalogue import BRAND, CATEGORY, LEVELS, PRODUCT, Catalogue
from gapfinder.understanding.topics import Topics
from gapfinder.worth import visibility
from indexer.normalize import normalize
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

WAYS: Final = 5
_HEADLINE: Final = 1_000  # times that a name in title and tags weighs more
THOUSAND: Final = 1_000  # weights of notes are counted in thousandths
COLUMNS: Final = (
    "note_id", "title", "content", "brand", "disclosed", "published_day", "text_terms", "headline_terms",
)  # fmt: skip


@dataclass(frozen=True)
class NoteCounts:
    """Sums over the notes of a market; what they are summed by stands in their columns.

    Attributes:
        categories: (category): notes, weight, recent notes.
        names: (category, brand or product): notes, weight, recent notes.
        points: (point): notes, weight, then notes by the way it is spoken of.
        owned: (point, brand or product): notes, weight, notes that praise (a trouble that is gone), notes that complain
            (something good that is lacking); to name a point is neither, as in the figures of the point itself.
    """

    categories: Sums
    names: Sums
    points: Sums
    owned: Sums


class NoteReader:
    """Counts notes, batch by batch.

    Args:
        catalogue: The names to look for.
        grammar: Finds needs.
        needs: Numbers needs.
        point_of: ``{(category, need): point}``.
        topics: Tells the category of notes that name none, with its weights.
        settings: How advertising counts.
        end: Day after the last of the window.
        noticed: Ids of notes whose category and brand are to be remembered.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        grammar: Grammar,
        needs: Codes,
        point_of: Mapping[tuple[int, int], int],
        topics: tuple[Topics, Ints],
        settings: Settings,
        end: date,
        noticed: pa.Array | None = None,
    ) -> None:
        self._grammar, self._needs = grammar, needs
        coded = sorted((own * (len(needs) + 1) + need, point) for (own, need), point in point_of.items())
        self._code, self._point = (np.array([pair[side] for pair in coded], np.int64) for side in (0, 1))
        self._points = len(set(point_of.values()))
        self._topics, self._settings = topics, settings
        self._recent = end - timedelta(days=settings.whole("fresh_days"))
        self._names = catalogue.filed(grammar.words)
        self._level = np.array([LEVELS.index(name.level) for name in catalogue.names], np.int8)
        self._brand_of = _brands(catalogue)
        self._category_of, self._ambiguous, self._sells = _facts(catalogue)
        self._number = {normalize(name.name): n for n, name in enumerate(catalogue.names) if name.level == BRAND}
        self._wanted = pa.array([], pa.string()) if noticed is None else noticed
        self._noticed: list[tuple[pa.Array, Ids, Ids]] = []
        self.counts = NoteCounts(Sums(1, 3), Sums(2, 3), Sums(1, 2 + WAYS), Sums(2, 4))

    def read(self, batch: pa.RecordBatch, copies: pa.Array) -> None:
        """Count the notes of a batch that are no copies.

        Args:
            batch: Notes with :data:`COLUMNS`.
            copies: Ids of the notes that repeat others.
        """
        if len(self._wanted):
            self._notice(batch)
        original = pc.invert(pc.is_in(batch["note_id"], value_set=copies))
        batch = batch.filter(original)
        if batch.num_rows == 0:
            return
        undisclosed, _ = undisclosed_probability(batch["title"], batch["content"], batch["brand"], batch["disclosed"])
        weight = np.rint(visibility(batch["disclosed"], undisclosed, self._settings) * THOUSAND).astype(np.int64)
        recent = pc.fill_null(pc.greater_equal(batch["published_day"], pa.scalar(self._recent)), fill_value=False)
        text = self._grammar.join(self._grammar.words.texts(batch["text_terms"]))
        headline = self._grammar.join(self._grammar.words.texts(batch["headline_terms"]))
        named = self._names.find(text)
        category = self.categories(text, headline, named)
        seen = (weight > 0).astype(np.int64)
        fresh = recent.to_numpy(zero_copy_only=False).astype(np.int64) * seen
        own = np.flatnonzero((category >= 0) & (seen > 0))
        self.counts.categories.add([category[own]], [seen[own], weight[own], fresh[own]])
        held = self._held(named, category, batch["brand"], own)
        self._count_points(text, category, weight, held)
        note, name = held
        self.counts.names.add([category[note], name], [seen[note], weight[note], fresh[note]])

    def _notice(self, batch: pa.RecordBatch) -> None:
        """Remember the category and the brand of notes, copies and advertising as well."""
        rows = pc.is_in(batch["note_id"], value_set=self._wanted)
        some = batch.filter(rows)
        if some.num_rows:
            text, headline = (
                self._grammar.join(self._grammar.words.texts(some[name])) for name in ("text_terms", "headline_terms")
            )
            named = self.named(text)
            category = self.categories(text, headline, named)
            brand, _ = self.only_brands(named, category, some["brand"])
            self._noticed.append((some["note_id"].cast(pa.string()), category, brand))

    def noticed(self) -> tuple[pa.Array, Ids, Ids]:
        """The notes that were to be remembered, with the category and the only brand of each (-1: none)."""
        ids = pa.concat_arrays([pa.array([], pa.string()), *(ids for ids, _, _ in self._noticed)])
        parts = [(np.empty(0, np.int32), np.empty(0, np.int32)), *((own, brand) for _, own, brand in self._noticed)]
        category, brand = (np.concatenate(column) for column in zip(*parts, strict=True))
        return ids, category, brand

    def named(self, text: Texts) -> Mentions:
        """The names of the catalogue in some texts."""
        return self._names.find(text)

    def only_brands(self, named: Mentions, category: Ids, filed: pa.Array) -> tuple[Ids, Ints]:
        """The one brand that each text is about, and how many brands it speaks of; -1: none, or several.

        Args:
            named: The names in the texts.
            category: Category of each; a text without one is about no brand.
            filed: The brand that each was filed under, or null.
        """
        row, name = self._held(named, category, filed, np.flatnonzero(category >= 0))
        brands = self._level[name] == LEVELS.index(BRAND)
        number = np.bincount(row[brands], minlength=category.size)
        found = np.full(category.size, -1, np.int32)
        found[row[brands]] = name[brands]
        return np.where(number == 1, found, -1).astype(np.int32), number

    def categories(self, text: Texts, headline: Texts, named: Mentions) -> Ids:
        """The category of each note; -1: none."""
        parts = []
        for found, times in ((named, 1), (self._names.find(headline), _HEADLINE)):
            rows = np.flatnonzero(self._category_of[found.name] >= 0) if found.name.size else np.empty(0, np.int64)
            parts.append((found.text[rows], self._category_of[found.name[rows]], np.full(rows.size, times, np.int64)))
        note, category, weight = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        chosen = most_named(note, category, weight, len(text))
        topics, weights = self._topics
        return np.where(chosen >= 0, chosen, topics.of(text, weights)).astype(np.int32)

    def _held(self, named: Mentions, category: Ids, brand: pa.Array, own: Ints) -> tuple[Ints, Ints]:
        """Which brands and products each counted note speaks of, each once: notes, names."""
        counted = np.zeros(category.size, bool)
        counted[own] = True
        rows = (
            np.flatnonzero(counted[named.text] & (self._level[named.name] > 0))
            if named.name.size
            else np.empty(0, np.int64)
        )
        note, name = named.text[rows].astype(np.int64), named.name[rows].astype(np.int64)
        # An ordinary word is a brand only in a note about what the brand sells.
        meant = ~self._ambiguous[name] | self._sells[name, category[note]]
        note, name = note[meant], name[meant]
        brands = self._brand_of[name]
        said = np.array([self._number.get(normalize(one), -1) if one else -1 for one in brand.to_pylist()], np.int64)
        filed = np.flatnonzero(counted & (said >= 0))
        note = np.concatenate([note, note[brands >= 0], filed])
        name = np.concatenate([name, brands[brands >= 0], said[filed]])
        code = np.unique(note * max(1, self._level.size) + name)  # of a batch
        return code // max(1, self._level.size), code % max(1, self._level.size)

    def _count_points(self, text: Texts, category: Ids, weight: Ints, held: tuple[Ints, Ints]) -> None:
        found = self._grammar.find(text)
        counted = weight > 0
        point = self.points_of(category[found.text], found.core)
        rows = np.flatnonzero((point >= 0) & counted[found.text])
        size = max(1, self._points)
        pairs, of_row = np.unique(
            found.text[rows].astype(np.int64) * size + point[rows], return_inverse=True
        )  # of a batch
        ways = np.zeros((pairs.size, WAYS), np.int64)
        ways[of_row, found.way[rows]] = 1
        note, point = pairs // size, pairs % size
        self.counts.points.add([point], [np.ones(pairs.size, np.int64), weight[note], *ways.T])
        row, brand = _each_held(note, *held)
        figures = [np.ones(row.size, np.int64), weight[note[row]], ways[row, SPARED], ways[row, LACKING]]
        self.counts.owned.add([point[row], brand], figures)

    def points_of(self, category: Ids, core: Ints) -> Ints:
        """The point that each need of a category belongs to; -1: none."""
        need = self._needs.known(core)
        code = category.astype(np.int64) * (len(self._needs) + 1) + need
        place = np.minimum(np.searchsorted(self._code, code), max(self._code.size - 1, 0))
        fits = (category >= 0) & (need >= 0) & (self._code.size > 0)
        return (
            np.where(fits & (self._code[place] == code), self._point[place], -1)
            if self._code.size
            else np.full(core.size, -1)
        )


def _each_held(note: Ints, owner: Ints, name: Ints) -> tuple[Ints, Ints]:
    """Each row of notes with each name that its note holds; ``owner`` is sorted."""
    start, end = (np.searchsorted(owner, note, side=side) for side in ("left", "right"))
    times = end - start
    row = np.repeat(np.arange(note.size), times)
    place = np.arange(row.size) - np.repeat(np.cumsum(times) - times, times) + start[row]
    return row, name[place]


def count_notes(reader: NoteReader, snapshot: Snapshot, duplicates: Duplicates) -> NoteCounts:
    """Count all notes of a snapshot."""
    for batch in snapshot.scan("note", COLUMNS):
        reader.read(batch, duplicates.copies)
    return reader.counts


def _brands(catalogue: Catalogue) -> Ints:
    """The number of the brand behind each product; -1 where there is none."""
    number = {name.name: place for place, name in enumerate(catalogue.names) if name.level == BRAND}
    return np.array(
        [number.get(name.brand or "", -1) if name.level == PRODUCT else -1 for name in catalogue.names] or [-1],
        np.int64,
    )


def _facts(catalogue: Catalogue) -> tuple[Ids, Flags, Flags]:
    """Of each name: the category it speaks for, whether it is an ordinary word, too, and what it sells."""
    number = {name.name: place for place, name in enumerate(catalogue.names) if name.level == CATEGORY}
    names = catalogue.names
    speaks = [number[one.categories[0]] if one.level != BRAND and one.categories else -1 for one in names]
    sells = np.zeros((max(1, len(names)), max(1, len(number))), bool)
    for place, one in enumerate(names):
        for category in one.categories:
            sells[place, number[category]] = True
    return np.array(speaks or [-1], np.int32), np.array([one.ambiguous for one in names] or [False], bool), sells
