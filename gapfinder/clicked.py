"""Which notes people read at length after a search, and which they were shown and left: labels that cost nobody work.

A result is *read* when it was dwelt on for the threshold or acted on. It is *left* when it was opened and closed again
sooner, or shown in a search of which the log says that its reader opened none. Other showings tell nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.settings import Settings
from gapfinder.window import Window
from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]

_ACTS: Final = ("liked", "collected", "commented", "shared")
_PENDING: Final = 500_000  # showings that are put together before more are read
_NOTHING_SHOWN: Final = pa.table(
    {
        "query": np.empty(0, np.int64),
        "note_id": pa.array([], pa.string()),
        "read": np.empty(0, np.int64),
        "left": np.empty(0, np.int64),
    }
)


@dataclass(frozen=True)
class Clicked:
    """Pairs of queries and notes with how often the note was read and left; by query, then note id.

    Attributes:
        query: Number of the query.
        note_id: The note.
        read, left: Searches.
    """

    query: Ints
    note_id: pa.Array
    read: Ints
    left: Ints


def clicked_notes(snapshot: Snapshot, window: Window, settings: Settings, queries: Mapping[str, int]) -> Clicked:
    """What was read and left in the window after some queries.

    Args:
        snapshot: Its searches are read in one pass.
        window: The days that are looked at.
        settings: The threshold of reading.
        queries: Number of each normalised query that is looked at.
    """
    names = pa.array(list(queries), pa.string())
    numbers = np.fromiter(queries.values(), np.int64, len(queries))
    found, pending = [_NOTHING_SHOWN], 0
    days = ("day", window.first, window.end)
    for batch in snapshot.scan("search", ("query_norm", "results", "day"), window=days):
        place = pc.index_in(batch["query_norm"], value_set=names)
        told = pc.and_(pc.is_valid(place), pc.greater(pc.fill_null(pc.list_value_length(batch["results"]), 0), 0))
        rows = np.flatnonzero(told.to_numpy(zero_copy_only=False))
        if rows.size:
            taken = pa.array(rows)
            query = numbers[place.take(taken).to_numpy(zero_copy_only=False).astype(np.int64)]
            found.append(_showings(query, batch["results"].take(taken), settings["dwell_seconds"]))
            pending += found[-1].num_rows
        if pending > _PENDING:
            found, pending = [_added_up(found)], 0
    sums = _added_up(found).sort_by([("query", "ascending"), ("note_id", "ascending")])
    query, read, left = (sums[name].to_numpy().astype(np.int64) for name in ("query", "read", "left"))
    return Clicked(query, pa.concat_arrays([pa.array([], pa.string()), *sums["note_id"].chunks]), read, left)


def _added_up(showings: list[pa.Table]) -> pa.Table:
    """One row a query and note, so that memory grows with the pairs, not with the searches."""
    sums = (
        pa.concat_tables(showings)
        .group_by(["query", "note_id"], use_threads=False)
        .aggregate([("read", "sum"), ("left", "sum")])
    )
    return sums.select(["query", "note_id", "read_sum", "left_sum"]).rename_columns(_NOTHING_SHOWN.column_names)


def _showings(query: Ints, results: pa.Array, dwell_seconds: float) -> pa.Table:
    """One row a shown note: whether it was read, and whether it was left."""
    counts = pc.list_value_length(results).to_numpy(zero_copy_only=False).astype(np.int64)
    owner = np.repeat(np.arange(query.size), counts)
    flat = results.flatten()
    clicked, told = _flag(flat, "clicked")
    seconds = pc.struct_field(flat, "dwell_seconds").fill_null(-1.0).to_numpy(zero_copy_only=False)
    read = seconds >= dwell_seconds
    for act in _ACTS:
        read |= _flag(flat, act)[0]
    opened = np.zeros(query.size, bool)  # or perhaps: what is not told may have been opened
    np.logical_or.at(opened, owner, clicked | read | ~told)
    closed = clicked & (seconds >= 0) & ~read
    ignored = ~opened[owner]
    return pa.table(
        {
            "query": query[owner],
            "note_id": pc.struct_field(flat, "note_id"),
            "read": read.astype(np.int64),
            "left": (closed | ignored).astype(np.int64),
        }
    )


def _flag(flat: pa.Array, name: str) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """A yes-or-no field of the results, and where it is known."""
    column = pc.struct_field(flat, name)
    known = column.is_valid().to_numpy(zero_copy_only=False)
    return column.fill_null(False).to_numpy(zero_copy_only=False).astype(bool), known  # noqa: FBT003 - a value, not a flag
