"""A big, seeded, synthetic market: notes and searches of any size, written as Parquet or JSONL.

Words come from jieba's dictionary, drawn by frequency^0.85, and from the project's own; a third of a note's words
belong to its topic. Notes have about 200 characters. Searches come in sessions of a user about a topic; queries within
a topic follow Zipf's law, and one session in ten has its result lists recorded. It shows what size costs, not what is
true.

    python -m benchmarks.synthetic --notes 200000 --searches 2000000 --out /tmp/market
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import jieba
import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from indexer.dictionary import shipped_dictionary
from indexer.records import RESULT_TYPE

TOPICS: Final = 500
TOPIC_WORDS: Final = 60
TOPIC_SHARE: Final = 0.35  # of a note's words
QUERIES: Final = 1000  # distinct ones a topic
DAYS: Final = 84
FIRST_DAY: Final = np.datetime64("2026-03-02", "us")
NOTE_DAYS: Final = 900  # notes are up to so much older than the last search
BATCH: Final = 10_000
RECORDED: Final = 0.1  # of the sessions have result lists
RESULTS: Final = 10
MARKS: Final = np.array(["", "", "", "", "", "", "，", "，", "。", "！"])

NOTES: Final = pa.schema(
    [
        ("note_id", pa.string()),
        ("title", pa.string()),
        ("content", pa.string()),
        ("tags", pa.list_(pa.string())),
        ("author_id", pa.string()),
        ("published_at", pa.timestamp("us", tz="Asia/Shanghai")),
        ("note_type", pa.string()),
        ("disclosed", pa.bool_()),
        ("reads", pa.int64()),
        ("likes", pa.int64()),
        ("collects", pa.int64()),
        ("comments", pa.int64()),
    ]
)
SEARCHES: Final = pa.schema(
    [
        ("search_id", pa.string()),
        ("query", pa.string()),
        ("searched_at", pa.timestamp("us", tz="Asia/Shanghai")),
        ("user_id", pa.string()),
        ("session_id", pa.string()),
        ("results", pa.list_(RESULT_TYPE)),
    ]
)

Words = npt.NDArray[Any]


@cache
def _vocabulary() -> tuple[Words, npt.NDArray[np.float64]]:
    """Words and the share of each."""
    lines = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines()
    pairs = [(line.split(" ")[0], int(line.split(" ")[1])) for line in lines]
    words = np.array([word for word, _ in pairs])
    share = np.array([float(count) for _, count in pairs]) ** 0.85
    return words, share / share.sum()


def _zipf(size: int, exponent: float) -> npt.NDArray[np.float64]:
    share: npt.NDArray[np.float64] = 1 / np.arange(1, size + 1) ** exponent
    share /= share.sum()
    return share


@cache
def _topics(seed: int) -> Words:
    """Topics x words: half of them the project's own words, half common ones of the language."""
    random = np.random.default_rng([seed, 0])
    own = np.array([word for word, _ in shipped_dictionary().words])
    words, share = _vocabulary()
    half = TOPIC_WORDS // 2
    topics = np.empty((TOPICS, TOPIC_WORDS), dtype=words.dtype)
    topics[:, ::2] = own[random.integers(0, len(own), (TOPICS, half))]
    topics[:, 1::2] = words[random.choice(len(words), (TOPICS, half), p=share)]
    return topics


@cache
def _queries(seed: int) -> Words:
    """Topics x queries, the most searched first; one to four words, some of them parted by a space."""
    random = np.random.default_rng([seed, 1])
    topics = _topics(seed)
    drawn = random.choice(TOPIC_WORDS, (TOPICS, QUERIES, 4), p=_zipf(TOPIC_WORDS, 0.7))
    lengths = random.choice([1, 2, 3, 4], (TOPICS, QUERIES), p=[0.16, 0.57, 0.23, 0.04])
    spaced = random.random((TOPICS, QUERIES)) < 0.2
    rows = [
        [
            (" " if space else "").join(words[at[:length]])
            for at, length, space in zip(drawn[topic], lengths[topic], spaced[topic], strict=True)
        ]
        for topic, words in enumerate(topics)
    ]
    return np.array(rows)


def note_ids(numbers: npt.NDArray[Any]) -> list[str]:
    """Ids of notes, 24 hexadecimal digits, as platforms make them; note n is about topic ``n % TOPICS``."""
    mixed = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return [f"{mix:016x}{number:08x}" for mix, number in zip(mixed.tolist(), numbers.tolist(), strict=True)]


def notes(count: int, seed: int = 1) -> Iterator[pa.RecordBatch]:
    """That many notes."""
    words, share = _vocabulary()
    topics = _topics(seed)
    for first in range(0, count, BATCH):
        random = np.random.default_rng([seed, 2, first])
        numbers = np.arange(first, min(first + BATCH, count))
        rows, length = len(numbers), 110
        drawn = words[random.choice(len(words), (rows, length), p=share)]
        topical = topics[numbers % TOPICS][
            np.arange(rows)[:, None], random.choice(TOPIC_WORDS, (rows, length), p=_zipf(TOPIC_WORDS, 0.7))
        ]
        drawn = np.where(random.random((rows, length)) < TOPIC_SHARE, topical, drawn)
        marked = np.char.add(drawn, MARKS[random.integers(0, len(MARKS), (rows, length))])
        lengths = random.normal(95, 12, rows).clip(20, length).astype(int)
        published = random.integers(0, NOTE_DAYS * 86_400, rows)
        figures = np.exp(random.normal(4, 1.5, (4, rows))).astype(np.int64)
        yield pa.record_batch(
            [
                pa.array(note_ids(numbers)),
                pa.array(["".join(row[:5]) for row in topical.tolist()]),
                pa.array(["".join(row[:n]) for row, n in zip(marked.tolist(), lengths.tolist(), strict=True)]),
                pa.array(topical[:, 5:8].tolist()),
                pa.array([f"author{number}" for number in random.integers(0, max(count // 8, 1), rows)]),
                pa.array(FIRST_DAY + np.timedelta64(DAYS, "D") - published * np.timedelta64(1, "s")).cast(
                    NOTES.field("published_at").type
                ),
                pa.array(np.where(random.random(rows) < 0.3, "video", "image")),
                pa.array(random.random(rows) < 0.04),
                *(pa.array(column) for column in figures * [[20], [1], [1], [1]]),
            ],
            schema=NOTES,
        )


def searches(count: int, of_notes: int, seed: int = 1) -> Iterator[pa.RecordBatch]:
    """That many searches, in sessions, by a user for about twelve of them; results are notes of the same topic."""
    queries = _queries(seed)
    by_rank, by_topic = _zipf(QUERIES, 1.0), _zipf(TOPICS, 0.6)
    users = max(count // 12, 1)
    for first in range(0, count, BATCH):
        random = np.random.default_rng([seed, 3, first])
        rows = min(BATCH, count - first)
        session = np.repeat(np.arange(rows), random.geometric(0.6, rows))[:rows]
        step = np.arange(rows) - np.searchsorted(session, session)
        topic = random.choice(TOPICS, rows, p=by_topic)[session]
        user = (users * random.random(rows) ** 2).astype(np.int64)[session]
        start = random.integers(0, DAYS * 86_400, rows)[session]
        at = start + step * random.integers(15, 120, rows)
        recorded = (random.random(rows) < RECORDED)[session]
        yield pa.record_batch(
            [
                pa.array([f"s{number}" for number in range(first, first + rows)]),
                pa.array(queries[topic, random.choice(QUERIES, rows, p=by_rank)]),
                pa.array(FIRST_DAY + at * np.timedelta64(1, "s")).cast(SEARCHES.field("searched_at").type),
                pa.array([f"user{number}" for number in user.tolist()]),
                pa.array([f"{first}-{number}" for number in session.tolist()]),
                _results(random, topic, recorded, of_notes),
            ],
            schema=SEARCHES,
        )


def _results(
    random: np.random.Generator, topic: npt.NDArray[Any], recorded: npt.NDArray[np.bool_], of_notes: int
) -> pa.Array:
    """Result lists (null where not recorded) with clicks that grow rarer down the list."""
    shown = int(recorded.sum())
    numbers = topic[recorded][:, None] + TOPICS * random.integers(0, max(of_notes // TOPICS, 1), (shown, RESULTS))
    place = np.tile(np.arange(1, RESULTS + 1), shown)
    clicked = random.random(shown * RESULTS) < 0.3 / place
    dwell = np.where(clicked, random.exponential(25, shown * RESULTS).round(1), np.nan)
    acted = [pa.array(clicked & (random.random(shown * RESULTS) < share)) for share in (0.1, 0.06, 0.02, 0.01)]
    ids = pa.array(note_ids(np.minimum(numbers.ravel(), of_notes - 1)))
    entries = pa.StructArray.from_arrays(
        [ids, pa.array(place), pa.array(clicked), pa.array(dwell, from_pandas=True), *acted], fields=list(RESULT_TYPE)
    )
    starts = np.concatenate([[0], np.cumsum(recorded * RESULTS)])
    return pa.ListArray.from_arrays(
        pa.array(starts, pa.int32()), entries, type=SEARCHES.field("results").type, mask=pa.array(~recorded)
    )


def write(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Path:
    """Write batches as the name of the file says: ``.parquet`` or ``.jsonl``."""
    if path.suffix == ".parquet":
        with pq.ParquetWriter(path, schema, compression="zstd") as parquet:
            for batch in batches:
                parquet.write_batch(batch)
    else:
        with path.open("wb") as lines:
            for batch in batches:
                lines.writelines(orjson.dumps(row) + b"\n" for row in batch.to_pylist())
    return path


def write_market(
    folder: Path, note_count: int, search_count: int, *, seed: int = 1, suffix: str = "jsonl"
) -> list[Path]:
    """Write notes and searches into a folder; gives the two files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        write(folder / f"notes.{suffix}", NOTES, notes(note_count, seed)),
        write(folder / f"searches.{suffix}", SEARCHES, searches(search_count, note_count, seed)),
    ]


def main() -> None:
    """Write a market from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("--notes", type=int, default=20_000)
    parser.add_argument("--searches", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=["jsonl", "parquet"], default="jsonl")
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    for path in write_market(chosen.out, chosen.notes, chosen.searches, seed=chosen.seed, suffix=chosen.format):
        print(f"{path}  {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
