"""Notes for the tests of this folder: a schema, and many seeded ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

SCHEMA = pa.schema(
    [
        pa.field("note_id", pa.string()),
        pa.field("text_terms", pa.list_(pa.string())),
        pa.field("headline_terms", pa.list_(pa.string())),
        pa.field("published_day", pa.date32()),
        pa.field("engagement", pa.int64()),
    ]
)
SINCE = date(2026, 1, 1)
FIELDS = ("matching", "phrase", "headline", "fresh", "engagement", "best_query", "best_note", "best_weight")


def note(
    note_id: str,
    *text: str | None,
    headline: list[str | None] | None = None,
    day: date | None = None,
    engagement: int | None = None,
) -> dict[str, Any]:
    return {
        "note_id": note_id,
        "text_terms": list(text),
        "headline_terms": headline,
        "published_day": day,
        "engagement": engagement,
    }


def batches(notes: list[dict[str, Any]], size: int = 1000) -> Iterator[pa.RecordBatch]:
    return iter(pa.Table.from_pylist(notes, SCHEMA).to_batches(max_chunksize=size))


def with_grams(notes: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The notes with a column of grams, which are the terms of the headline here."""
    for batch in notes:
        yield batch.append_column("gram_terms", batch.column("headline_terms"))


def as_lists(matches: object) -> dict[str, list[Any]]:
    return {name: getattr(matches, name).tolist() for name in FIELDS}


def seeded(
    count: int, *, seed: int, vocabulary: int = 400, length: int = 30, size: int = 1000
) -> Iterator[pa.RecordBatch]:
    """Notes of two values with words by Zipf's law, batch by batch."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, vocabulary + 1)
    words = np.array([f"词{number}" for number in range(vocabulary)])
    for start in range(0, count, size):
        rows = min(size, count - start)
        drawn = words[random.choice(vocabulary, size=(rows, length), p=share / share.sum())].tolist()
        texts = [[" ".join(words[:8]), " ".join(words[8:])] for words in drawn]
        yield pa.record_batch(
            [
                pa.array([f"{number:016x}" for number in random.integers(0, 2**63, rows)]),
                pa.array(texts, SCHEMA.field("text_terms").type),
                pa.array([text[:1] for text in texts], SCHEMA.field("headline_terms").type),
                pa.array(random.integers(20000, 20900, rows).astype(np.int32)).cast(pa.date32()),
                pa.array(random.integers(0, 1000, rows)),
            ],
            schema=SCHEMA,
        )


def seeded_keywords(count: int, *, seed: int, vocabulary: int = 400) -> list[list[str]]:
    """Keywords of one to five of the same words, and now and then an unknown one."""
    random = np.random.default_rng(seed)
    share = 1 / np.arange(1, vocabulary + 2) ** 0.7
    words = [*(f"词{number}" for number in range(vocabulary)), "没有的词"]
    lengths = random.choice([1, 2, 3, 4, 5], size=count, p=[0.2, 0.4, 0.25, 0.1, 0.05])
    return [[words[at] for at in random.choice(vocabulary + 1, size=n, p=share / share.sum())] for n in lengths]
