"""The texts that are embedded, each under a key made of the text itself, in a private DuckDB that spills to disk.

The text of a note is its title, its tags and the opening of its content: what a reader of a result list sees, and what
costs the same for a long note as for a short one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from indexer.stores.contract import Snapshot

Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.bytes_]

OPENING: Final = 200  # characters of the content
_MEMORY: Final = "384MB"
_COLUMNS: Final = ("note_id", "title", "tags", "content")
_NOTE_TEXT: Final = f"concat_ws(' ', title, array_to_string(tags, ' '), left(content, {OPENING}))"
_KEY: Final = "left(sha256(text), 32)"  # by DuckDB: hashing row by row in Python takes longer than the scan


class Texts:
    """Numbered texts with their keys.

    Args:
        connection: A private DuckDB whose table ``texts`` holds ``id``, ``text`` and ``key``.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def ids(self) -> pa.Array:
        """Ids of all texts by code point; with them goes :meth:`places`."""
        return self._column("SELECT id FROM texts ORDER BY id")

    def keys(self) -> Keys:
        """The distinct keys of texts that are not blank, sorted."""
        found = self._column("SELECT DISTINCT key FROM texts WHERE text <> '' ORDER BY key")
        keys: Keys = np.array(found.to_numpy(zero_copy_only=False), "S32")
        return keys

    def places(self) -> Ints:
        """Place of each text's key among :meth:`keys`, texts by id; -1 where it is blank."""
        query = """
            SELECT CASE WHEN text <> '' THEN dense_rank() OVER (ORDER BY text = '', key) - 1 ELSE -1 END AS place
            FROM texts ORDER BY id
        """
        return cast("Ints", self._column(query).to_numpy(zero_copy_only=False).astype(np.int64))

    def of_keys(self, keys: Keys, rows: int) -> Iterator[tuple[Keys, list[str]]]:
        """The texts of some keys by key, so many at a time, and their keys."""
        query = "SELECT key, min(text) AS text FROM texts SEMI JOIN wanted USING (key) GROUP BY key ORDER BY key"
        self._connection.register("given", pa.table({"key": pa.array(keys.astype("U32"), pa.string())}))
        self._connection.execute("CREATE OR REPLACE TABLE wanted AS SELECT key FROM given")
        self._connection.unregister("given")
        with self._connection.cursor() as reading:
            for batch in reading.sql(query).to_arrow_reader(rows):
                for start in range(0, batch.num_rows, rows):
                    part = batch.slice(start, rows)
                    yield np.array(part["key"].to_numpy(zero_copy_only=False), "S32"), part["text"].to_pylist()

    def _column(self, query: str) -> Any:
        return self._connection.sql(query).to_arrow_table().column(0).combine_chunks()


@contextmanager
def note_texts(snapshot: Snapshot) -> Iterator[Texts]:
    """The texts of all notes of a snapshot, with the notes' ids; gone when the context is left."""
    batches = (batch.select(list(_COLUMNS)) for batch in snapshot.scan("note", list(_COLUMNS)))
    with _texts(f"note_id, {_NOTE_TEXT}", batches) as texts:
        yield texts


@contextmanager
def given_texts(given: Sequence[str]) -> Iterator[Texts]:
    """Texts under their numbers as ids (ten digits, so that they sort); gone when the context is left."""
    ids = pa.array([f"{number:010d}" for number in range(len(given))], pa.string())
    with _texts("id, text", [pa.record_batch([ids, pa.array(given, pa.string())], ["id", "text"])]) as texts:
        yield texts


@contextmanager
def _texts(columns: str, batches: Iterable[pa.RecordBatch]) -> Iterator[Texts]:
    with tempfile.TemporaryDirectory(prefix="gapfinder-") as folder:
        connection = duckdb.connect(":memory:", config={"memory_limit": _MEMORY, "temp_directory": folder})
        try:
            connection.execute("CREATE TABLE texts (id VARCHAR, text VARCHAR, key VARCHAR)")
            for batch in batches:
                connection.register("given", pa.Table.from_batches([batch]))
                connection.execute(
                    f"""
                    INSERT INTO texts
                    SELECT id, text, {_KEY}
                    FROM (SELECT id, trim(regexp_replace(coalesce(text, ''), '[\\x00-\\x20]+', ' ', 'g')) AS text
                          FROM (SELECT {columns} FROM given) AS named(id, text))
                    """  # noqa: S608 - the columns of this module
                )
                connection.unregister("given")
            yield Texts(connection)
        finally:
            connection.close()
