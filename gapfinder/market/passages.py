"""The very words of mentions: fields of notes with start and end in characters, and what stands around.

A note is read from the snapshot of the run; its stored words (``text_terms``) are aligned with its fields as they were
written (:mod:`gapfinder.texts.places`), so that ``field[start:end]`` are the words that were counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple, TypedDict

import numpy as np
import pyarrow as pa

from gapfinder.market.mention_rows import NOTES, QUERIES
from gapfinder.market.mentioned import Mentioned, StoredMentions
from gapfinder.market.mentions import FILED
from gapfinder.reporting.privacy import MASK
from gapfinder.texts.places import has_words, word_places
from indexer.stores.contract import RunInfo, Snapshot, Store

AROUND: Final = 18  # characters of a snippet before and behind the words
TITLE: Final = "title"
CONTENT: Final = "content"
BRAND_FIELD: Final = "brand"
WHOLE: Final = "text"  # field of what all words of a note say together
QUERY: Final = "query"
COLUMNS: Final = ("note_id", "title", "content", "tags", "brand", "published_day", "text_terms")
_TOGETHER: Final = 8_000  # notes read together
_HELD: Final = 500  # of them written out at a time


class Mark(TypedDict):
    """One mention: ``field[start:end]``, and what stands around it on one line."""

    field: str  # title, content, tag 1, tag 2 ..., brand, query; text: all words together, without a place
    start: int | None
    end: int | None
    before: str
    words: str
    after: str


class Passage(TypedDict):
    """A note or a query that speaks of something, and everywhere it does."""

    level: str
    category: str | None
    name: str
    product_id: str | None
    note_id: str | None  # of a note
    title: str | None
    published_at: str | None
    query: str | None  # of a query
    searches: int | None
    searchers: int | None
    marks: list[Mark]


Hide = Callable[[str], list[tuple[int, int]]]  # spans of a field that must not be shown


def nothing(_: str) -> list[tuple[int, int]]:
    """What the owner's command line hides."""
    return []


def run_snapshot(store: Store, info: RunInfo) -> Snapshot:
    """The snapshot that a run read.

    Raises:
        NotFoundError: It is no longer kept.
    """
    return store.snapshot(int(str(info.manifest["snapshot"]).rpartition("-")[2]))


def note_passages(
    mentions: StoredMentions,
    snapshot: Snapshot,
    subjects: Iterable[Mentioned],
    first: int = 0,
    most: int | None = None,
    hide: Hide = nothing,
) -> Iterator[Passage]:
    """The notes that speak of something, subject by subject, by id; a note that the snapshot lacks is passed over.

    Args:
        mentions: Of the run.
        snapshot: That the run read.
        subjects: What they speak of.
        first: The first note that is wanted, counted over all subjects.
        most: At most so many.
        hide: Tells what of a field must not be shown.
    """
    waiting: list[_Spoken] = []
    for spoken in islice(_spoken(mentions, subjects, first), most):
        waiting.append(spoken)
        if len(waiting) == _TOGETHER:
            yield from _read(mentions, snapshot, waiting, hide)
            waiting = []
    yield from _read(mentions, snapshot, waiting, hide)


class _Spoken(NamedTuple):
    """A note, by its number, that speaks of a subject at some places."""

    subject: Mentioned
    note: int
    spans: list[tuple[int, int]]


def _spoken(mentions: StoredMentions, subjects: Iterable[Mentioned], first: int) -> Iterator[_Spoken]:
    """The notes of all subjects, from one on."""
    for subject in subjects:
        skip = min(first, subject["notes"])
        first -= skip
        if skip == subject["notes"]:
            continue
        for block in mentions.blocks(NOTES, subject, skip // subject["block"]):
            for place in range(skip % subject["block"], len(block)):
                yield _Spoken(subject, int(block.text[place]), block.spans(place))
            skip = 0


def _read(mentions: StoredMentions, snapshot: Snapshot, waiting: Sequence[_Spoken], hide: Hide) -> Iterator[Passage]:
    """Some notes, read together and told in their order."""
    if not waiting:
        return
    numbers = np.unique([one.note for one in waiting])  # of those that are read together
    ids = mentions.note_ids(numbers, waiting[0].subject)
    table = snapshot.by_id("note", ids, COLUMNS)
    row_of = {note_id: row for row, note_id in enumerate(table["note_id"].to_pylist())}
    found = dict(zip(numbers.tolist(), (row_of.get(note_id) for note_id in ids), strict=True))
    there = [(one, row) for one in waiting if (row := found[one.note]) is not None]
    for start in range(0, len(there), _HELD):
        some = there[start : start + _HELD]
        rows = table.take(pa.array([row for _, row in some])).to_pylist()
        for (one, _), row in zip(some, rows, strict=True):
            yield _of_note(one.subject, row, one.spans, hide)


def query_passages(mentions: StoredMentions, subject: Mentioned) -> Iterator[Passage]:
    """The queries that speak of something, most searched first."""
    for block in mentions.blocks(QUERIES, subject):
        for place, (query, searches, searchers) in enumerate(mentions.queries(block.text, subject)):
            yield of_query(subject, query, searches, searchers, block.spans(place))


def _of_note(subject: Mentioned, row: Mapping[str, Any], spans: Sequence[tuple[int, int]], hide: Hide) -> Passage:
    day = row["published_day"]
    return _passage(
        subject,
        note_id=row["note_id"],
        title=row["title"],
        published_at=None if day is None else day.isoformat(),
        marks=note_marks(row, spans, hide),
    )


def of_query(
    subject: Mentioned, query: str, searches: int, searchers: int | None, spans: Sequence[tuple[int, int]]
) -> Passage:
    """One query."""
    marks = [_whole() if place < 0 else _mark(QUERY, query, place, place + length, nothing) for place, length in spans]
    return _passage(subject, query=query, searches=searches, searchers=searchers, marks=marks)


def _passage(subject: Mentioned, *, marks: list[Mark], **told: Any) -> Passage:
    found: Passage = {
        "level": subject["level"],
        "category": subject["category"],
        "name": subject["name"],
        "product_id": subject["product_id"],
        "note_id": None,
        "title": None,
        "published_at": None,
        "query": None,
        "searches": None,
        "searchers": None,
        "marks": marks,
    }
    return found | told  # type: ignore[return-value]  # the keywords are names of the same fields


def note_marks(row: Mapping[str, Any], spans: Sequence[tuple[int, int]], hide: Hide = nothing) -> list[Mark]:
    """The mentions of a note in its fields.

    Args:
        row: The note, with :data:`COLUMNS`.
        spans: First word and number of words of each mention, in order; negative first words as the run keeps them.
        hide: Tells what of a field must not be shown.
    """
    found: list[Mark] = []
    fields = _Fields(row)
    for place, length in spans:
        if place == FILED and row["brand"]:
            found.append(_mark(BRAND_FIELD, row["brand"], 0, len(row["brand"]), hide))
        elif place < 0:
            found.append(_whole())
        else:
            found.append(_mark(*fields.of(place, length), hide))
    return found


class _Fields:
    """The fields of a note that have words, in the order of ``text_terms``."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        named = [(TITLE, row["title"]), (CONTENT, row["content"])]
        named += [(f"tag {number}", tag) for number, tag in enumerate(row["tags"] or (), 1)]
        self._fields = [(name, raw) for name, raw in named if raw and has_words(raw)]
        self._words = [value.split(" ") for value in row["text_terms"] or ()]
        self._first = np.concatenate([[0], np.cumsum([len(words) for words in self._words])]).astype(int)
        self._spans: dict[int, list[tuple[int, int]]] = {}

    def of(self, place: int, length: int) -> tuple[str, str, int, int]:
        """Name of the field, its text, and start and end of some words."""
        value = int(np.searchsorted(self._first, place, side="right")) - 1
        name, raw = self._fields[value]
        if value not in self._spans:
            self._spans[value] = word_places(raw, self._words[value])
        own = self._spans[value][place - self._first[value] :][:length]
        return name, raw, own[0][0], own[-1][1]


def _whole() -> Mark:
    return Mark(field=WHOLE, start=None, end=None, before="", words="", after="")


def _mark(field: str, raw: str, start: int, end: int, hide: Hide) -> Mark:
    """A mention with what stands around it."""
    hidden = hide(raw)
    before = _shown(raw, max(0, start - AROUND), start, hidden)
    return Mark(
        field=field,
        start=start,
        end=end,
        before=before,
        words=_shown(raw, start, end, hidden),
        after=_shown(raw, end, min(len(raw), end + AROUND), hidden),
    )


def _shown(raw: str, first: int, last: int, hidden: Sequence[tuple[int, int]]) -> str:
    """A part of a field on one line; what is hidden of it, even if only its end lies here, is one mark."""
    pieces = []
    for start, end in hidden:
        if start < last and first < end:
            pieces += [raw[first:start], MASK]
            first = end
    text = "".join([*pieces, raw[first:last]])
    return "".join(" " if character.isspace() else character for character in text)
