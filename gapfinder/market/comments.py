"""What comments say: their intents by category, and of selling points whether they praise, complain or ask.

A comment belongs to the category of the note it stands under. It speaks of the points that its words name, and what
it says of each is read from its text (:mod:`gapfinder.comments.polarity`). A comment that asks is demand, too: somebody
wants to know before anybody wrote it.
"""

from __future__ import annotations

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
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

COLUMNS: Final = ("note_id", "text", "text_terms")


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
        intents: By category: comments of each intent.
    """

    points: dict[int, Said]
    intents: dict[int, dict[str, int]]

    def of_point(self, point: int) -> Said:
        """What they say of one point."""
        return self.points.get(point, Said())


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
    intents, said = Sums(2, 1), Sums(2, 1)
    if snapshot.count("comment"):
        note_ids, categories = reader.noticed()
        for batch in snapshot.scan("comment", COLUMNS):
            place = pc.fill_null(pc.index_in(batch["note_id"], value_set=note_ids), -1).to_numpy()
            category = np.where(place >= 0, categories[np.maximum(place, 0)], -1) if len(note_ids) else place
            rows = np.flatnonzero(category >= 0)
            if rows.size:
                _count(batch.take(pa.array(rows)), category[rows].astype(np.int32), reader, grammar, intents, said)
    return CommentCounts(_points(said), _intents(intents))


def _count(
    batch: pa.RecordBatch,
    category: npt.NDArray[np.int32],
    reader: NoteReader,
    grammar: Grammar,
    intents: Sums,
    said: Sums,
) -> None:
    texts = pc.fill_null(batch["text"], "").to_pylist()
    intent = intents_of(texts)
    intents.add([category, intent], [np.ones(len(texts), np.int64)])
    found = grammar.find(grammar.join(grammar.words.texts(batch["text_terms"])))
    point = reader.points_of(category[found.text], found.core)
    rows = np.flatnonzero(point >= 0)
    if rows.size == 0:
        return
    pairs, first = np.unique(np.stack([found.text[rows], point[rows]]), axis=1, return_index=True)  # of a batch
    wordings = [grammar.wording(core) for core in found.core[rows[first]].tolist()]
    polarity = of_points([texts[text] for text in pairs[0].tolist()], wordings)
    said.add([pairs[1], polarity], [np.ones(polarity.size, np.int64)])


def _points(said: Sums) -> dict[int, Said]:
    keys, sums = said.rows()
    counts: dict[int, dict[str, int]] = {}
    for (point, polarity), times in zip(keys.T.tolist(), sums[0].tolist(), strict=True):
        counts.setdefault(point, {})[POLARITIES[polarity]] = times
    return {
        point: Said(own.get("praise", 0), own.get("complaint", 0), own.get("ask", 0), own.get("neutral", 0))
        for point, own in counts.items()
    }


def _intents(intents: Sums) -> dict[int, dict[str, int]]:
    keys, sums = intents.rows()
    found: dict[int, dict[str, int]] = {}
    for (category, intent), times in zip(keys.T.tolist(), sums[0].tolist(), strict=True):
        found.setdefault(category, dict.fromkeys(INTENTS, 0))[INTENTS[intent]] = times
    return found
