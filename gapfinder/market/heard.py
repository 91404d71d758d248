"""The mentions of the notes of a batch, put together from what counting found there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from gapfinder.market.marks import Marks, take
from gapfinder.market.mentions import FILED, INFERRED, JUDGED, KINDS, POINT, Gathered, Subjects, sorted_rows
from gapfinder.points.grammar import Grammar
from gapfinder.points.phrases import Phrases
from gapfinder.texts.names import Mentions
from gapfinder.texts.words import VALUE_END, Texts
from gapfinder.understanding.catalogue import CATEGORY, LEVELS

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Placed:
    """Texts with the words of the lists whole, and where these stand among the words that the segmenter cut.

    Attributes:
        texts: The texts.
        before: Cut words before each of their words, over all texts, ends of values not counted.
    """

    texts: Texts
    before: Ints

    @classmethod
    def of(cls, grammar: Grammar, cut: Texts) -> Self:
        """Texts as the segmenter cut them, joined."""
        texts, origin = grammar.placed(cut)
        ends = (texts.words == VALUE_END).astype(np.int64)
        return cls(texts, origin - np.cumsum(ends) + ends)

    def spans(self, found: Mentions | Phrases, rows: Ints) -> tuple[Ints, Ints]:
        """First cut word, counted within the text, and number of cut words of some mentions."""
        first = self.texts.start[found.text[rows]]
        begin = first + found.place[rows]
        start = self.before[begin]
        return start - self.before[first], self.before[begin + found.length[rows]] - start


@dataclass(frozen=True)
class NameFacts:
    """What is known of the names of a catalogue, one entry a name.

    Attributes:
        level: Place in :data:`~gapfinder.understanding.catalogue.LEVELS`.
        category: Category that it speaks for; -1: none.
        brand: Brand behind a product; -1: none.
    """

    level: Ints
    category: Ids
    brand: Ints


@dataclass(frozen=True)
class Heard:
    """What counting found in a batch.

    Attributes:
        placed: The texts.
        category: Category of each; -1: none.
        seen: Whether each counts.
        named: All names in them.
        above: The categories in them that only stand above others.
        held: Rows of ``named`` that are mentions of a brand or product.
        filed: (notes, brands) that the notes' own field names.
        inferred: (notes, products) that the note is filed under, or that a brand with what it does speaks of.
        phrases: All needs in them.
        points: Point of each need; -1: none.
    """

    placed: Placed
    category: Ids
    seen: Flags
    named: Mentions
    above: Mentions
    held: Ints
    filed: tuple[Ints, Ints]
    inferred: tuple[Ints, Ints]
    phrases: Phrases
    points: Ints


class Listener:
    """Keeps the mentions of counted notes, batch by batch.

    Args:
        gathered: Where they go.
        subjects: What they may be of.
        names: What is known of the catalogue's names.
    """

    def __init__(self, gathered: Gathered, subjects: Subjects, names: NameFacts) -> None:
        self._gathered, self._subjects, self._names = gathered, subjects, names

    def take(self, note_id: pa.Array, heard: Heard) -> None:
        """Keep those of one batch."""
        parts = [*self._categories(heard), *self._brands_and_products(heard), self._points(heard)]
        parts += crowds_and_scenes(self._subjects, heard.placed, heard.category, heard.seen, heard.named, heard.phrases)
        self._gathered.add_notes(note_id, sorted_rows(parts))

    def _categories(self, heard: Heard) -> list[tuple[Ints, Ints, Ints, Ints]]:
        """Where each counted note names its category; the whole note where it does nowhere."""
        category, named = heard.category.astype(np.int64), heard.named
        counted = heard.seen & (category >= 0)
        own = self._names.category[named.name] == category[named.text] if named.name.size else np.zeros(0, bool)
        parts, silent = [], counted.copy()
        level = LEVELS.index(CATEGORY)
        for found, says in ((named, own), (heard.above, heard.above.name == category[heard.above.text])):
            rows = np.flatnonzero(says & counted[found.text])
            text = found.text[rows].astype(np.int64)
            silent[text] = False
            parts.append(
                (self._subjects.codes(level, category[text], category[text]), text, *heard.placed.spans(found, rows))
            )
        judged = np.flatnonzero(silent)
        whole = category[judged]
        return [*parts, (self._subjects.codes(level, whole, whole), judged, _all(judged, JUDGED), _all(judged, 0))]

    def _brands_and_products(self, heard: Heard) -> list[tuple[Ints, Ints, Ints, Ints]]:
        """Where each brand and product is named (a product names its brand), and those that nothing names in words."""
        named, category = heard.named, heard.category
        held = heard.held[heard.seen[named.text[heard.held]]]
        note, name = named.text[held].astype(np.int64), named.name[held].astype(np.int64)
        note, name, row = self._with_brands(note, name)
        spoken = self._subjects.codes(self._names.level[name], category[note], name)
        place, length = heard.placed.spans(named, held)
        parts = [(spoken, note, place[row], length[row])]
        size = max(1, int(heard.category.size))
        known = spoken * size + note
        for (notes, names), where in ((heard.filed, FILED), (self._with_brands(*heard.inferred)[:2], INFERRED)):
            codes = self._subjects.codes(self._names.level[names], category[notes], names)
            alone = np.flatnonzero(heard.seen[notes] & ~np.isin(codes * size + notes, known))
            code, silent = codes[alone], notes[alone]
            known = np.concatenate([known, code * size + silent])
            parts.append((code, silent, _all(silent, where), _all(silent, 0)))
        return parts

    def _with_brands(self, note: Ints, name: Ints) -> tuple[Ints, Ints, Ints]:
        """Notes and names, and once more the brand behind each product; with the row that each comes from."""
        brand = self._names.brand[name] if name.size else name
        made = np.flatnonzero(brand >= 0)
        row = np.concatenate([np.arange(note.size), made])
        return note[row], np.concatenate([name, brand[made]]), row

    def _points(self, heard: Heard) -> tuple[Ints, Ints, Ints, Ints]:
        rows = np.flatnonzero((heard.points >= 0) & heard.seen[heard.phrases.text])
        note = heard.phrases.text[rows].astype(np.int64)
        code = self._subjects.codes(KINDS.index(POINT), heard.category[note], heard.points[rows])
        return (code, note, *heard.placed.spans(heard.phrases, rows))


def crowds_and_scenes(
    subjects: Subjects, placed: Placed, category: Ids, seen: Flags, named: Mentions, phrases: Phrases
) -> list[tuple[Ints, Ints, Ints, Ints]]:
    """Where texts that count speak of crowds and scenes, those without a category as well."""
    taken = np.zeros(placed.texts.words.size, bool)
    for found in (phrases, named):
        take(taken, placed.texts, found)
    return marked(subjects, placed, category, seen, taken)


def marked(
    subjects: Subjects, placed: Placed, category: Ids, seen: Flags, taken: Flags
) -> list[tuple[Ints, Ints, Ints, Ints]]:
    """The same, given which words something else takes."""
    marks: Marks = subjects.marks
    found = marks.find(placed.texts, taken)
    rows = np.flatnonzero(seen[found.text])
    kinds = np.array([KINDS.index(kind) for kind, _ in marks.words] or [0], np.int64)
    name = found.name[rows].astype(np.int64)
    code = subjects.codes(kinds[name], category[found.text[rows]], name)
    return [(code, found.text[rows].astype(np.int64), *placed.spans(found, rows))]


def _all(like: Ints, value: int) -> Ints:
    return np.full(like.size, value, np.int64)
