"""Who read what under which query: the long reads of a window's searches, as (query, note, readers).

A read is long when it lasted the dwell threshold or ended in a like, a collect, a comment or a share. Each person
counts once for a query and a note; searches without a user count once together, so that nobody can push a pair alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.demand import Demand
from gapfinder.settings import Settings
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

_ACTS: Final = ("liked", "collected", "commented", "shared")
_COLUMNS: Final = ("query_norm", "user_id", "clicks", "results")
_SCHEMA: Final = pa.schema([("query", pa.int64()), ("note_id", pa.string()), ("user", pa.string())])
_MOST_WAITING: Final = 1_000_000  # rows that are held before repeated ones are put together


@dataclass(frozen=True)
class Reads:
    """Long reads: columns of equal length, by query, then note.

    Attributes:
        query: Canonical query (``query_id`` of the demand).
        note_id: The note that was read.
        readers: People who read it under that query.
    """

    query: Ints
    note_id: pa.Array
    readers: Ints


def long_reads(snapshot: Snapshot, demand: Demand, settings: Settings) -> Reads:
    """The long reads under the queries of a demand, in its window."""
    variants = demand.variants.combine_chunks()
    known, number = variants["query"].combine_chunks(), variants["query_id"].combine_chunks().cast(pa.int64())
    window = ("day", demand.window.first, demand.window.end)
    waiting: list[pa.Table] = []
    held = 0
    for batch in snapshot.scan("search", _COLUMNS, window=window):
        clicked = batch.filter(pc.greater(pc.fill_null(batch["clicks"], 0), 0))
        if clicked.num_rows == 0:
            continue
        waiting.append(_read(clicked, known, number, settings["dwell_seconds"]))
        held += waiting[-1].num_rows
        if held > _MOST_WAITING:
            waiting = [_distinct(waiting)]
            held = waiting[0].num_rows
    counted = _distinct(waiting).group_by(["query", "note_id"]).aggregate([([], "count_all")])
    counted = counted.sort_by([("query", "ascending"), ("note_id", "ascending")]).combine_chunks()
    return Reads(
        counted["query"].to_numpy(),
        pa.array([], pa.string()) if counted.num_rows == 0 else counted["note_id"].chunk(0),
        counted["count_all"].to_numpy(),
    )


def _read(batch: pa.RecordBatch, known: pa.Array, number: pa.Array, dwell: float) -> pa.Table:
    """The long reads of a batch of searches."""
    results = batch["results"]
    parent = pc.list_parent_indices(results)
    shown = results.flatten()
    long = pc.greater_equal(pc.fill_null(pc.struct_field(shown, "dwell_seconds"), 0.0), dwell)
    for act in _ACTS:
        long = pc.or_(long, pc.fill_null(pc.struct_field(shown, act), fill_value=False))
    query = number.take(pc.index_in(batch["query_norm"], value_set=known)).take(parent)
    table = pa.table(
        [query, pc.struct_field(shown, "note_id"), batch["user_id"].cast(pa.string()).take(parent)], schema=_SCHEMA
    )
    return table.filter(pc.and_(long, pc.and_(pc.is_valid(query), pc.is_valid(table["note_id"]))))


def _distinct(tables: list[pa.Table]) -> pa.Table:
    """Each (query, note, user) once."""
    joined = pa.concat_tables([_SCHEMA.empty_table(), *tables])
    return joined.group_by(["query", "note_id", "user"]).aggregate([])
