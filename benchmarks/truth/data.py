"""Labelled sets as queries, notes and the pairs of both that people judged; read from files the user names.

None of these files belongs to the project: the folder that holds them is an argument, and nothing of them is kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from indexer.importer import store_dictionary
from indexer.normalize import normalize
from indexer.reading.personal import has_contact
from indexer.segment import Segmenter, query_key

PAIRS: Final = "qbqtc_labelled.tsv"
ANSWERS: Final = "dureader2_demo"
RELEVANT: Final = 1  # from this label on a note answers a query


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it is imported."""

    note_id: str
    title: str
    content: str = ""

    @property
    def text(self) -> str:
        """What makes two notes exact duplicates."""
        return "\n".join(" ".join(normalize(part).split()) for part in (self.title, self.content))


@dataclass(frozen=True)
class Labelled:
    """Queries and what was judged about them.

    Attributes:
        name: Of the set.
        queries: Distinct queries, normalised; those that fold into one are one.
        terms: The words of each query, as the product cuts them.
        notes: All notes.
        judged: Of each query: ``{place of a note: label}``.
    """

    name: str
    queries: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]
    notes: tuple[Note, ...]
    judged: tuple[dict[int, int], ...]
    relevant: tuple[tuple[int, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        found = tuple(
            tuple(note for note, label in sorted(judged.items()) if label >= RELEVANT) for judged in self.judged
        )
        object.__setattr__(self, "relevant", found)

    @property
    def answered(self) -> list[int]:
        """Queries that some note of the whole set answers."""
        return [place for place, notes in enumerate(self.relevant) if notes]


def labelled(name: str, notes: Sequence[Note], judged: Iterable[tuple[str, int, int]]) -> Labelled:
    """A set from ``(query, place of a note, label)``; queries of the same words are one, the first gives the text.

    A pair that was judged twice keeps its higher label. Queries without a word, and those with a
    contact (an import masks it, and another text is left), are left out.
    """
    segmenter = Segmenter(store_dictionary(None))
    by_key: dict[str, int] = {}
    queries: list[str] = []
    words: list[tuple[str, ...]] = []
    labels: list[dict[int, int]] = []
    for raw, note, label in judged:
        query = normalize(raw)
        cut = tuple(segmenter.query_terms(query))
        if not cut or has_contact(raw):
            continue
        place = by_key.setdefault(query_key(cut), len(queries))
        if place == len(queries):
            queries.append(query)
            words.append(cut)
            labels.append({})
        labels[place][note] = max(label, labels[place].get(note, 0))
    return Labelled(name, tuple(queries), tuple(words), tuple(notes), tuple(labels))


def read_pairs(path: Path) -> Labelled:
    """``query, title, label`` with labels 0 (irrelevant), 1 (partly) and 2 (very relevant): each title is a note."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    notes = [Note(f"n{number:06d}", row["title"]) for number, row in enumerate(rows)]
    return labelled(path.stem, notes, [(row["query"], at, int(row["label"])) for at, row in enumerate(rows)])


def read_answers(folder: Path) -> Labelled:
    """``queries.jsonl`` and ``docs.jsonl``: every document found for a query counts as an answer to it."""
    queries = {row["qid"]: row["query"] for row in _lines(folder / "queries.jsonl")}
    documents = [row for row in _lines(folder / "docs.jsonl") if row["qid"] in queries]
    notes = [Note(f"d{number:06d}", row["title"], row["text"]) for number, row in enumerate(documents)]
    judged = [(queries[row["qid"]], at, RELEVANT) for at, row in enumerate(documents)]
    return labelled(folder.name, notes, judged)


def _lines(path: Path) -> list[dict[str, str]]:
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
