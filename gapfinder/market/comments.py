"""What comments say: their intents by category, and of selling points whether they praise, complain or ask.

A comment belongs to the category of the note it stands under. It speaks of the points that its words name, and what
it says of each is read from its text (:mod:`gapfinder.comments.polarity`). A comment that asks is demand, too: somebody
wants to know before anybody wrote it.

It is about the brand that it names itself, else about that of its note. Where it names several brands, or one only to
compare with (比 X, 不如 X), or names none under a note that speaks of several, it is about none: it praises or blames
the point, and of which brand can't be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.comments.intent import INTENTS, intents_of
from gapfinder.comments.polarity import POLARITIES, of_points
from gapfinder.market.notes import NoteReader
from gapfinder.market.sums import Sums
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Texts
from gapfinder.understanding.catalogue import CATEGORY, LEVELS
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

COLUMNS: Final = ("note_id", "text", "text_terms")
_TOGETHER: Final = 131_072  # comments whose notes are looked up together: each time a table of all notes is made
_BESIDE: Final = (  # before what something is compared with
    *("比", "不如", "没有", "没", "相比", "对比", "不比"),
    *("比不上", "比不过", "不及", "不敌", "比起", "较之"),
)


@dataclass(frozen=True)
class Said:
    """How many comments speak of a point in which way."""

    praised: int = 0
    complained: int = 0
    asked: int = 0
    named: int = 0


@dataclass(frozen=True)
class CommentCounts:
    """What all comments say.

    Attributes:
        points: By point.
        brands: By point and brand (number of its name): comments that are about the brand.
        intents: By category: comments of each intent.
    """

    points: dict[int, Said]
    brands: dict[tuple[int, int], Said]
    intents: dict[int, dict[str, int]]

    def of_point(self, point: int) -> Said:
        """What they say of one point."""
        return self.points.get(point, Said())

    def of_brand(self, point: int, brand: int) -> Said:
        """What they say of a brand on one point."""
        return self.brands.get((point, brand), Said())


def commented_notes(snapshot: Snapshot) -> pa.Array:
    """The ids of the notes that have comments, each once."""
    parts = [pa.array([], pa.string())]
    if snapshot.count("comment"):
        parts += [pc.unique(batch["note_id"].cast(pa.string())) for batch in snapshot.scan("comment", ("note_id",))]
    return pc.unique(pa.concat_arrays(parts))


def count_comments(snapshot: Snapshot, reader: NoteReader, grammar: Grammar) -> CommentCounts:
    """Count the comments under the notes that a reader has read.

    Args:
        snapshot: Where the comments are.
        reader: Knows the category of the commented notes, and the points.
        grammar: Finds needs.
    """
    counter = _Counter(reader, grammar)
    if snapshot.count("comment"):
        counter.read(snapshot.scan("comment", COLUMNS))
    return counter.counts()


class _Counter:
    """Counts comments, batch by batch."""

    def __init__(self, reader: NoteReader, grammar: Grammar) -> None:
        self._reader, self._grammar = reader, grammar
        self._intents, self._points, self._brands = Sums(2, 1), Sums(2, 1), Sums(3, 1)
        self._beside = np.array([grammar.words.number(word) for word in _BESIDE], np.int32)

    def counts(self) -> CommentCounts:
        """What was counted."""
        points = {point: said for (point,), said in _said(self._points).items()}
        brands = {(point, brand): said for (point, brand), said in _said(self._brands).items()}
        return CommentCounts(points, brands, _intents(self._intents))

    def read(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Count the comments of some batches that stand under notes with a category."""
        ids, category, brand = self._reader.noticed()
        if len(ids) == 0:
            return
        for together in _gathered(batches):
            column = pa.chunked_array([batch["note_id"].cast(pa.string()) for batch in together])
            place = pc.fill_null(pc.index_in(column, value_set=ids), -1).to_numpy()
            for batch, own in zip(together, np.split(place, _ends(together)), strict=True):
                rows = np.flatnonzero((own >= 0) & (category[own] >= 0))
                if rows.size:
                    note = own[rows]
                    self._count(batch.take(pa.array(rows)), category[note], brand[note])

    def _count(self, batch: pa.RecordBatch, category: Ids, brand: Ids) -> None:
        """Count the comments of a batch, given the category and the brand of their notes."""
        texts = pc.fill_null(batch["text"], "").to_pylist()
        self._intents.add([category, intents_of(texts)], [np.ones(len(texts), np.int64)])
        words = self._grammar.join(self._grammar.words.texts(batch["text_terms"]))
        found = self._grammar.find(words)
        point = self._reader.points_of(category[found.text], found.core)
        rows = np.flatnonzero(point >= 0)
        if rows.size == 0:
            return
        pairs, first = np.unique(np.stack([found.text[rows], point[rows]]), axis=1, return_index=True)  # of a batch
        wordings = [self._grammar.wording(core) for core in found.core[rows[first]].tolist()]
        polarity = of_points([texts[text] for text in pairs[0].tolist()], wordings)
        self._points.add([pairs[1], polarity], [np.ones(polarity.size, np.int64)])
        about = self._about(words, category, brand)[pairs[0]]
        told = np.flatnonzero(about >= 0)
        self._brands.add([pairs[1][told], about[told], polarity[told]], [np.ones(told.size, np.int64)])

    def _about(self, words: Texts, category: Ids, brand: Ids) -> Ids:
        """The brand that each comment is about; -1: none, or it can't be told."""
        named = self._reader.named(words)
        own, number = self._reader.only_brands(named, category, pa.nulls(len(words), pa.string()))
        before = words.words[np.maximum(words.start[named.text] + named.place - 1, 0)]
        compared = np.zeros(len(words), bool)
        rows = np.flatnonzero((named.place > 0) & np.isin(before, self._beside))
        sold = self._reader.known.level[named.name[rows]] > LEVELS.index(CATEGORY)  # not another kind of thing
        compared[named.text[rows[sold]]] = True
        return np.where(number == 0, brand, np.where(compared, -1, own)).astype(np.int32)


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Batches, so many at a time that they hold about :data:`_TOGETHER` rows."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(one.num_rows for one in waiting) >= _TOGETHER:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _ends(batches: Sequence[pa.RecordBatch]) -> Ints:
    """Where each batch but the last ends among the rows of all."""
    return np.cumsum([batch.num_rows for batch in batches])[:-1]


def _said(sums: Sums) -> dict[tuple[int, ...], Said]:
    """What is said of each key, whose last number is a polarity."""
    keys, figures = sums.rows()
    counts: dict[tuple[int, ...], dict[str, int]] = {}
    for (*key, polarity), times in zip(keys.T.tolist(), figures[0].tolist(), strict=True):
        counts.setdefault(tuple(key), {})[POLARITIES[polarity]] = times
    return {
        key: Said(own.get("praise", 0), own.get("complaint", 0), own.get("ask", 0), own.get("neutral", 0))
        for key, own in counts.items()
    }


def _intents(intents: Sums) -> dict[int, dict[str, int]]:
    keys, sums = intents.rows()
    found: dict[int, dict[str, int]] = {}
    for (category, intent), times in zip(keys.T.tolist(), sums[0].tolist(), strict=True):
        found.setdefault(category, dict.fromkeys(INTENTS, 0))[INTENTS[intent]] = times
    return found
