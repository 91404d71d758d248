"""Gathered mentions as rows of a run: blocks of some thousand texts of one subject, lists of texts, and an index.

Three sections (:mod:`gapfinder.market.mentioned` reads them):

* ``mention_texts``: lists of notes (``n000000`` ...) and queries (``q000000`` ...), so many a row; a text is
  named by its place in them;
* ``mentions``: a row for each block of a subject, under ``n`` or ``q``, the subject's number and the block's
  (``n000000000042.00000``): the texts as gaps between their numbers, how often each speaks of it, and every place;
* ``mentioned``: a row for each name, with all that is called so and how often it is spoken of.

Everything but the index is made of columns; what one row holds is bounded, whatever the size of the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from gapfinder.demand import Demand
from gapfinder.market.mentions import Gathered, Rows, Subjects
from indexer.normalize import normalize
from indexer.stores.contract import RUN_ROWS

Ints = npt.NDArray[np.int64]

MENTIONS: Final = "mentions"  # sections of a stored run
MENTION_TEXTS: Final = "mention_texts"
MENTIONED: Final = "mentioned"
NOTES: Final = "notes"
QUERIES: Final = "queries"
SIDES: Final = (NOTES, QUERIES)
BLOCK: Final = 2_000  # texts of a block
LIST: Final = 10_000  # texts of a list
_TOGETHER: Final = 4_000_000  # bytes of rows written together


def text_key(side: str, block: int) -> str:
    """The key of a list of texts."""
    return f"{side[0]}{block:06d}"


def block_key(side: str, subject: int, block: int) -> str:
    """The key of a block of mentions."""
    return f"{side[0]}{subject:012d}.{block:05d}"


def mention_batches(gathered: Gathered, demand: Demand) -> Iterator[pa.RecordBatch]:
    """The rows of all three sections.

    Args:
        gathered: The mentions; nothing is written where no market was measured.
        demand: Its queries.
    """
    subjects, asked = gathered.subjects, gathered.queries
    if subjects is None or asked is None:
        return
    counts: dict[str, dict[int, list[int]]] = {side: defaultdict(lambda: [0, 0]) for side in SIDES}
    yield from _batches(MENTION_TEXTS, _texts(gathered, demand))
    yield from _batches(
        MENTIONS,
        (
            row
            for side, rows in ((NOTES, gathered.notes()), (QUERIES, iter([asked])))
            for row in _blocks(side, rows, counts[side])
        ),
    )
    yield from _batches(MENTIONED, _index(subjects, counts))


def _texts(gathered: Gathered, demand: Demand) -> Iterator[tuple[str, Any]]:
    """The lists of notes and queries."""
    for block, ids in enumerate(_cut(gathered.note_ids())):
        yield text_key(NOTES, block), {"note_id": ids}
    queries = demand.queries.select(["text", "searches", "searchers", "people"])
    for block, first in enumerate(range(0, queries.num_rows, LIST)):
        some = queries.slice(first, LIST)
        yield text_key(QUERIES, block), {name: some[name].to_pylist() for name in some.column_names}


def _cut(arrays: Iterable[pa.Array]) -> Iterator[list[str]]:
    """The values of some arrays, so many at a time."""
    left: list[str] = []
    for array in arrays:
        left += array.to_pylist()
        whole = len(left) // LIST * LIST
        for first in range(0, whole, LIST):
            yield left[first : first + LIST]
        left = left[whole:]
    if left:
        yield left


def _blocks(side: str, rows: Iterable[Rows], counts: dict[int, list[int]]) -> Iterator[tuple[str, Any]]:
    """The blocks of all subjects; ``counts`` takes the texts and mentions of each."""
    left = np.empty((4, 0), np.int64)
    for some in rows:
        columns = np.concatenate([left, np.stack([some.subject, some.text, some.place, some.length])], axis=1)
        if not columns.size:
            continue
        # The last text may go on in the next rows, and the last subject in further texts: only whole blocks are ready.
        last = int(np.searchsorted(columns[0], columns[0, -1]))
        starts = _text_starts(columns[:, last:])
        ready = last + int(starts[(starts.size - 1) // BLOCK * BLOCK])
        yield from _of_subjects(side, columns[:, :ready], counts)
        left = columns[:, ready:]
    yield from _of_subjects(side, left, counts)


def _text_starts(columns: Ints) -> Ints:
    """The first mention of each text of one subject."""
    return np.flatnonzero(np.diff(columns[1], prepend=-1))


def _of_subjects(side: str, columns: Ints, counts: dict[int, list[int]]) -> Iterator[tuple[str, Any]]:
    """The blocks of some subjects, which begin with a block's first text."""
    cuts = np.flatnonzero(np.diff(columns[0], prepend=-1))
    for own in np.split(columns, cuts[1:], axis=1) if cuts.size else []:
        subject = int(own[0, 0])
        told = counts[subject]
        starts = _text_starts(own)
        for part in np.split(own, starts[BLOCK::BLOCK], axis=1):
            text, times = np.unique(part[1], return_counts=True)  # of a block
            body = {"texts": np.diff(text, prepend=0), "times": times, "place": part[2], "length": part[3]}
            yield block_key(side, subject, told[0] // BLOCK), body
            told[0] += text.size
            told[1] += part.shape[1]


def _index(subjects: Subjects, counts: dict[str, dict[int, list[int]]]) -> Iterator[tuple[str, Any]]:
    """A row for each name: all that is called so."""
    called: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for code in sorted({code for own in counts.values() for code in own}):
        subject = subjects.of(code)
        (notes, in_notes), (queries, in_queries) = (counts[side].get(code, (0, 0)) for side in SIDES)
        entry = {
            "subject": code,
            "level": subject.level,
            "category": subject.category,
            "name": subject.name,
            "product_id": subject.product_id,
            "notes": notes,
            "note_mentions": in_notes,
            "queries": queries,
            "query_mentions": in_queries,
        }
        for name in sorted({normalize(one) for one in (subject.name, subject.product_id) if one}):
            called[name].append(entry)
    for name in sorted(called):
        yield name, {"name": name, "block": BLOCK, "list": LIST, "subjects": called[name]}


def _batches(section: str, rows: Iterable[tuple[str, Any]]) -> Iterator[pa.RecordBatch]:
    """Rows of a section, so many bytes at a time."""
    position, size = 0, 0
    keys: list[str] = []
    bodies: list[str] = []
    for key, body in rows:
        text = orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()
        keys.append(key)
        bodies.append(text)
        size += len(text)
        if size >= _TOGETHER:
            yield _batch(section, position, keys, bodies)
            position, size, keys, bodies = position + len(keys), 0, [], []
    if keys:
        yield _batch(section, position, keys, bodies)


def _batch(section: str, position: int, keys: list[str], bodies: list[str]) -> pa.RecordBatch:
    numbers = pa.array(range(position, position + len(keys)), pa.int64())
    columns = [pa.repeat(section, len(keys)), numbers, pa.array(keys, pa.string()), pa.array(bodies, pa.string())]
    return pa.record_batch(columns, schema=RUN_ROWS)
