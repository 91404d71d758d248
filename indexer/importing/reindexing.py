"""The store segmented anew from its raw fields: after a change of dictionary, catalogue, segmenter or normalisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from indexer.derive import derive
from indexer.dictionary import Dictionary
from indexer.errors import NotFoundError
from indexer.importing.report import Progress, Quiet
from indexer.importing.vocabulary import SEGMENTED, catalogue_words, file_words, store_dictionary, user_words
from indexer.records import RECORDS
from indexer.segment import Segmenter, segmenter_of
from indexer.stores.contract import Store, Writer

_BATCH_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """Rows segmented anew by record, how many words the user's dictionary has now, and the new snapshot."""

    rows: Mapping[str, int]
    words: int
    snapshot: str


def reindex(
    store: Store, *, dictionary_paths: Sequence[Path] = (), progress: Progress | None = None, wait_seconds: float = 0.0
) -> ReindexReport:
    """Segment everything anew with the shipped words, the store's words, its catalogue and further dictionary files.

    Raises:
        NotFoundError: Nothing was imported yet.
        DataError: A dictionary file can't be used.
        StoreError: The store can't be read or written.
    """
    manifest = store.manifest()
    if manifest is None:
        raise NotFoundError("the store is empty", hint="import first: gapfinder import FILE")
    shown = progress or Quiet()
    files = list(file_words(dictionary_paths))
    with store.writer(holder="reindex", wait_seconds=wait_seconds) as writer:
        products = writer.scan("product", ["brand", "aliases"]) if manifest.counts.get("product") else iter(())
        words = user_words(catalogue_words(products), manifest.words, files)
        dictionary: Dictionary = store_dictionary(None).extended(words)
        segmenter = segmenter_of(dictionary)
        rows = {}
        for record in SEGMENTED:
            if manifest.counts.get(record):
                shown.begin(record, None)
                rows[record] = writer.replace(record, _derived(writer, record, segmenter, shown))
                shown.end(record)
        published = writer.publish(segmenter.stamp, words)
    return ReindexReport(rows, len(words), published.name)


def _derived(writer: Writer, record: str, segmenter: Segmenter, progress: Progress) -> Iterator[pa.RecordBatch]:
    described = RECORDS[record]
    kept = [field.name for field in described.fields if not field.derived or field.name == described.id_field]
    for batch in writer.scan(record, kept):
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            part = pa.Table.from_batches([batch.slice(start, _BATCH_ROWS)])
            table, _ = derive(record, part, segmenter)
            progress.advance(record, rows=len(table))
            yield from table.combine_chunks().to_batches()
