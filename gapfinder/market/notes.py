"""What the notes of a market speak of, counted in one pass: categories, brands, products and needs.

A note belongs to the category that its title and tags name most, else to the one its text names most, else to the one
its words speak for (:mod:`gapfinder.understanding.topics`), else to one that only stands above others, named in the
same way. Copies count once, undisclosed advertising not at all, filed advertising as far as the settings say: a note's
*weight* is its visibility in thousandths, so sums are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.advertising import undisclosed_probability
from gapfinder.duplicates import Duplicates
from gapfinder.market.heard import Heard, Listener, NameFacts, Placed
from gapfinder.market.mentions import Gathered
from gapfinder.market.spu import Claims
from gapfinder.market.sums import Codes, Sums
from gapfinder.points.grammar import Grammar
from gapfinder.points.phrases import Phrases
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
Pairs = tuple[Ints, Ints]

WAYS: Final = 5
_HEADLINE: Final = 1_000  # times that a name in title and tags weighs more
THOUSAND: Final = 1_000  # weights of notes are counted in thousandths
COLUMNS: Final = (
    "note_id", "title", "content", "brand", "product_id", "disclosed", "published_day", "text_terms", "headline_terms",
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
        claims: Products that claim points.
        topics: Tells the category of notes that name none, with its weights.
        settings: How advertising counts.
        end: Day after the last of the window.
        noticed: Ids of notes whose category and brand are to be remembered.
        gathered: Takes the mentions of the notes that count; None: nobody asks for them.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        grammar: Grammar,
        needs: Codes,
        point_of: Mapping[tuple[int, int], int],
        claims: Claims,
        topics: tuple[Topics, Ints],
        settings: Settings,
        end: date,
        noticed: pa.Array | None = None,
        gathered: Gathered | None = None,
    ) -> None:
        self._grammar, self._needs, self._claims = grammar, needs, claims
        coded = sorted((own * (len(needs) + 1) + need, point) for (own, need), point in point_of.items())
        self._code, self._point = (np.array([pair[side] for pair in coded], np.int64) for side in (0, 1))
        self._points = len(set(point_of.values()))
        self._topics, self._settings = topics, settings
        self._recent = end - timedelta(days=settings.whole("fresh_days"))
        self._names, self._above = catalogue.filed(grammar.words), catalogue.filed_above(grammar.words)
        self._level = np.array([LEVELS.index(name.level) for name in catalogue.names], np.int8)
        self._brand_of = catalogue.brand_of
        self._category_of, self._ambiguous, self._sells = _facts(catalogue)
        self._number = {normalize(name.name): n for n, name in enumerate(catalogue.names) if name.level == BRAND}
        self._sold_as = {name.name: n for n, name in enumerate(catalogue.names) if name.level == PRODUCT}
        self._wanted = pa.array([], pa.string()) if noticed is None else noticed
        self._noticed: list[tuple[pa.Array, Ids, Ids]] = []
        self._about: list[tuple[pa.Array, Ids]] = []
        self.counts = NoteCounts(Sums(1, 3), Sums(2, 3), Sums(1, 2 + WAYS), Sums(2, 4))
        self.known = NameFacts(self._level.astype(np.int64), self._category_of, self._brand_of)
        self._listener = None
        if gathered is not None and gathered.subjects is not None:
            self._listener = Listener(gathered, gathered.subjects, self.known)

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
        placed = Placed.of(self._grammar, self._grammar.words.texts(batch["text_terms"]))
        text = placed.texts
        headline = self._grammar.join(self._grammar.words.texts(batch["headline_terms"]))
        named = self._names.find(text)
        filed = _numbers(batch["product_id"], self._sold_as.get)
        category = _or_of_product(self.categories(text, headline, named), filed, self._category_of)
        seen = (weight > 0).astype(np.int64)
        fresh = recent.to_numpy(zero_copy_only=False).astype(np.int64) * seen
        own = np.flatnonzero((category >= 0) & (seen > 0))
        self.counts.categories.add([category[own]], [seen[own], weight[own], fresh[own]])
        phrases = self._grammar.find(text)
        points = self.points_of(category[phrases.text], phrases.core)
        spoken, point, ways = self._ways(phrases, points)
        rows, under = self._spoken(named, category), self._filed(batch["brand"], filed, category)
        note, name = self._held(named, rows, under)
        more = self._inferred(note, name, (spoken, point))
        note, name = self._each(np.concatenate([note, more[0]]), np.concatenate([name, more[1]]))
        self._keep_products(batch["note_id"], note, name)
        shown, counted = seen[note] > 0, seen[spoken] > 0
        note, name = note[shown], name[shown]
        self._count_points(spoken[counted], point[counted], ways[counted], weight, (note, name))
        self.counts.names.add([category[note], name], [seen[note], weight[note], fresh[note]])
        if self._listener is not None:
            products, brands = under
            inferred = (np.concatenate([products[0], more[0]]), np.concatenate([products[1], more[1]]))
            above = self._above.find(text)
            heard = Heard(placed, category, seen > 0, named, above, rows, brands, inferred, phrases, points)
            self._listener.take(batch["note_id"], heard)

    def _notice(self, batch: pa.RecordBatch) -> None:
        """Remember the category and the brand of notes, copies and advertising as well."""
        rows = pc.is_in(batch["note_id"], value_set=self._wanted)
        some = batch.filter(rows)
        if some.num_rows:
            text, headline = (
                self._grammar.join(self._grammar.words.texts(some[name])) for name in ("text_terms", "headline_terms")
            )
            named, filed = self.named(text), _numbers(some["product_id"], self._sold_as.get)
            category = _or_of_product(self.categories(text, headline, named), filed, self._category_of)
            brand, _ = self.only_brands(named, category, some["brand"], filed)
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

    def only_brands(
        self, named: Mentions, category: Ids, brand: pa.Array, product: Ids | None = None
    ) -> tuple[Ids, Ints]:
        """The one brand that each text is about, and how many brands it speaks of; -1: none, or several.

        Args:
            named: The names in the texts.
            category: Category of each; a text without one is about no brand.
            brand: The brand that each was filed under, or null.
            product: The product that each was filed under, by number; -1: none.
        """
        none = np.full(category.size, -1, np.int32)
        under = self._filed(brand, none if product is None else product, category)
        row, name = self._held(named, self._spoken(named, category), under)
        brands = self._level[name] == LEVELS.index(BRAND)
        number = np.bincount(row[brands], minlength=category.size)
        found = np.full(category.size, -1, np.int32)
        found[row[brands]] = name[brands]
        return np.where(number == 1, found, -1).astype(np.int32), number

    def categories(self, text: Texts, headline: Texts, named: Mentions) -> Ids:
        """The category of each note; -1: none."""
        chosen = self._most_named(named, self._names.find(headline), len(text))
        topics, weights = self._topics
        chosen = np.where(chosen >= 0, chosen, topics.of(text, weights)).astype(np.int32)
        if not self._above.name.size:
            return chosen
        above = self._most_named(self._above.find(text), self._above.find(headline), len(text))
        return np.where(chosen >= 0, chosen, above).astype(np.int32)

    def _most_named(self, text: Mentions, headline: Mentions, notes: int) -> Ids:
        """The category that each note names most, in title and tags before its text; -1: none."""
        parts = []
        for found, times in ((text, 1), (headline, _HEADLINE)):
            rows = np.flatnonzero(self._category_of[found.name] >= 0) if found.name.size else np.empty(0, np.int64)
            parts.append((found.text[rows], self._category_of[found.name[rows]], np.full(rows.size, times, np.int64)))
        note, category, weight = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        return most_named(note, category, weight, notes)

    def _spoken(self, named: Mentions, category: Ids) -> Ints:
        """The mentions of brands and products in notes with a category, as rows of ``named``."""
        if named.name.size == 0:
            return np.empty(0, np.int64)
        rows = np.flatnonzero((category[named.text] >= 0) & (self._level[named.name] > 0))
        note, name = named.text[rows], named.name[rows]
        # An ordinary word is a brand only in a note about what the brand sells.
        return rows[~self._ambiguous[name] | self._sells[name, category[note]]]

    def _filed(self, brand: pa.Array, product: Ids, category: Ids) -> tuple[Pairs, Pairs]:
        """What notes with a category are filed under: notes and products, notes and brands."""
        brands = _numbers(brand, lambda one: self._number.get(normalize(one)))
        of_product, of_brand = (np.flatnonzero((category >= 0) & (said >= 0)) for said in (product, brands))
        return (of_product, product[of_product].astype(np.int64)), (of_brand, brands[of_brand].astype(np.int64))

    def _held(self, named: Mentions, rows: Ints, under: tuple[Pairs, Pairs]) -> Pairs:
        """Which brands and products each note names or is filed under, each once; a product brings its brand."""
        note = np.concatenate([named.text[rows].astype(np.int64), *(notes for notes, _ in under)])
        name = np.concatenate([named.name[rows].astype(np.int64), *(names for _, names in under)])
        brands = self._brand_of[name]
        return self._each(np.concatenate([note, note[brands >= 0]]), np.concatenate([name, brands[brands >= 0]]))

    def _inferred(self, note: Ints, name: Ints, spoken: Pairs) -> Pairs:
        """The products that a brand with what it does makes of notes (:mod:`gapfinder.market.spu`): notes, products."""
        product = self._level[name] == LEVELS.index(PRODUCT)
        return self._claims.products_of(spoken, (note[~product], name[~product]), (note[product], name[product]))

    def _each(self, note: Ints, name: Ints) -> Pairs:
        """Pairs of notes and names in order, each once."""
        code = np.unique(note * max(1, self._level.size) + name)  # of a batch
        return code // max(1, self._level.size), code % max(1, self._level.size)

    def _keep_products(self, note_id: pa.Array, note: Ints, name: Ints) -> None:
        """Remember which notes are about which products, advertising as well."""
        rows = np.flatnonzero(self._level[name] == LEVELS.index(PRODUCT))
        if rows.size:
            self._about.append((note_id.take(pa.array(note[rows])).cast(pa.string()), name[rows].astype(np.int32)))

    def about(self) -> tuple[pa.Array, Ids]:
        """Notes and the products that each is about: ids and numbers of names, a row for each pair."""
        ids = pa.concat_arrays([pa.array([], pa.string()), *(ids for ids, _ in self._about)])
        return ids, np.concatenate([np.empty(0, np.int32), *(name for _, name in self._about)])

    def _ways(self, found: Phrases, point: Ints) -> tuple[Ints, Ints, Ints]:
        """The points that each note speaks of, each once: notes, points, and pairs x ways in which it does."""
        rows = np.flatnonzero(point >= 0)
        size = max(1, self._points)
        pairs, of_row = np.unique(
            found.text[rows].astype(np.int64) * size + point[rows], return_inverse=True
        )  # of a batch
        ways = np.zeros((pairs.size, WAYS), np.int64)
        ways[of_row, found.way[rows]] = 1
        return pairs // size, pairs % size, ways

    def _count_points(self, note: Ints, point: Ints, ways: Ints, weight: Ints, held: Pairs) -> None:
        self.counts.points.add([point], [np.ones(note.size, np.int64), weight[note], *ways.T])
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


def _numbers(values: pa.Array, number: Callable[[str], int | None]) -> Ids:
    """The number of each value, looked up once a distinct value; -1: null, or it has none."""
    coded = values.dictionary_encode() if not pa.types.is_dictionary(values.type) else values
    known = [number(one) if one else None for one in coded.dictionary.to_pylist()]
    place = pc.fill_null(coded.indices, len(known)).to_numpy(zero_copy_only=False)
    found: Ids = np.array([*(-1 if one is None else one for one in known), -1], np.int32)[place]
    return found


def _or_of_product(category: Ids, product: Ids, category_of: Ids) -> Ids:
    """The category of each note, or where its words tell none that of the product it is filed under."""
    found: Ids = np.where((category < 0) & (product >= 0), category_of[product], category).astype(np.int32)
    return found


def _each_held(note: Ints, owner: Ints, name: Ints) -> Pairs:
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


def _facts(catalogue: Catalogue) -> tuple[Ids, Flags, Flags]:
    """Of each name: the category it speaks for, whether it is an ordinary word, what it sells with what is above."""
    number = {name.name: place for place, name in enumerate(catalogue.names) if name.level == CATEGORY}
    names = catalogue.names
    speaks = [number[one.categories[0]] if one.level != BRAND and one.categories else -1 for one in names]
    sells = np.zeros((max(1, len(names)), max(1, len(number))), bool)
    for place, one in enumerate(names):
        for category in one.categories:
            sells[place, catalogue.tree.path(number[category])] = True
    return np.array(speaks or [-1], np.int32), np.array([one.ambiguous for one in names] or [False], bool), sells
