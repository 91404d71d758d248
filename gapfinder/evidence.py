"""The very notes behind keywords: the best answers there are, and what they are worth.

The notes of all keywords are chosen at once and read once, in blocks; what is said of them is written out page by page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from numba import types

from gapfinder.advertising import signals_of
from gapfinder.answers.subjects import Lists, term_lists
from gapfinder.duplicates import Duplicates
from gapfinder.note_blocks import note_blocks
from gapfinder.results import EvidenceNote
from gapfinder.rounding import decimals_of
from gapfinder.supply import Answers
from indexer.stores.contract import Snapshot
from indexer.stores.matching.compiled import compiled, inlined
from indexer.stores.matching.plan import bounds, gather

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

MOST_NOTES: Final = 5  # of a need
_BOTH: Final = 2 * MOST_NOTES  # of a keyword: under its own words, and under others
_LOOKED_AT: Final = 20  # answers of a need that are looked through for notes that differ
_TITLE: Final = 60  # characters shown of a note without a title; twice as many of a title
_TEXTS: Final = pa.schema([("title", pa.string()), ("disclosed", pa.bool_()), ("published_day", pa.date32())])
_COLUMNS: Final = ("note_id", "title", "content", "disclosed", "published_day", "text_terms")

_OLD: Final = 0.5
_THIN: Final = 0.5
_PARTIAL: Final = 0.3

i4, i8 = types.int32, types.int64


@dataclass(frozen=True)
class Asking:
    """What evidence is wanted for; one entry a keyword.

    Attributes:
        terms: All terms of the keyword in order, each once.
        need: Need whose answers are its evidence.
        other: The same need under other words, whose answers follow; -1: there is none.
        words: These other words.
    """

    terms: Sequence[Sequence[str]]
    need: Ints
    other: Ints
    words: Sequence[str]


@dataclass(frozen=True)
class _Chosen:
    """The pairs that stand as evidence, by keyword, in the order in which they are shown.

    Attributes:
        start: Entries ``start[k]`` to ``start[k + 1]`` are those of keyword ``k``.
        keyword: Keyword of each.
        row: Row of ``answers``.
        under_other: Whether it was found under other words.
    """

    start: Ints
    keyword: Ints
    row: Ints
    under_other: Flags

    @classmethod
    def of(cls, answers: Answers, asking: Asking) -> Self:
        """The best answers of each keyword, one of each near-duplicate group."""
        rows = np.full((asking.need.size, _BOTH), -1, np.int64)
        own = np.zeros(asking.need.size, np.int64)
        _choose(asking.need, asking.other, answers.start, answers.notes.group, answers.note, rows, own)
        chosen = rows >= 0
        start = bounds(chosen.sum(axis=1))
        keyword = np.repeat(np.arange(asking.need.size), np.diff(start))
        under_other = np.arange(keyword.size) - start[keyword] >= own[keyword]
        return cls(start, keyword, rows[chosen], under_other)


@dataclass(frozen=True)
class _Texts:
    """What is shown of notes, one entry a note."""

    title: pa.Array
    disclosed: pa.Array
    day: pa.Array


class EvidenceNotes:
    """The notes that evidence shows, for all keywords of an analysis.

    Args:
        snapshot: Where the notes are.
        answers: Which notes answer which needs.
        duplicates: Which notes repeat which.
        asking: What evidence is wanted for.
    """

    def __init__(self, snapshot: Snapshot, answers: Answers, duplicates: Duplicates, asking: Asking) -> None:
        self._answers, self._duplicates, self._asking = answers, duplicates, asking
        self._chosen = _Chosen.of(answers, asking)
        note = answers.note[self._chosen.row]
        shown = np.flatnonzero(np.bincount(note))
        self._text = np.searchsorted(shown.astype(np.int32), note)  # of each entry, its place among the notes shown
        self._held = _Held(asking.terms, self._chosen.keyword)
        self._texts = self._read(snapshot, answers.notes.note_id.take(pa.array(shown)))

    def _read(self, snapshot: Snapshot, note_ids: pa.Array) -> _Texts:
        """Read the notes once: what is shown of each, and which terms of its keywords it holds."""
        entries = np.argsort(self._text, kind="stable")
        first = np.searchsorted(self._text[entries], np.arange(len(note_ids) + 1))
        places: list[Ints] = []
        parts: list[pa.RecordBatch] = []
        for place, batch in note_blocks(snapshot, note_ids, _COLUMNS):
            places.append(place)
            parts.append(pa.record_batch([_titles(batch), batch["disclosed"], batch["published_day"]], schema=_TEXTS))
            self._held.look_up(batch["text_terms"], place, entries, first)
        order = np.argsort(np.concatenate([np.zeros(0, np.int64), *places]))
        table = pa.Table.from_batches(parts, _TEXTS).combine_chunks().take(pa.array(order))
        return _Texts(*(column.combine_chunks() for column in table.columns))

    def of(self, keywords: Ints) -> list[list[EvidenceNote]]:
        """The evidence of some keywords, in their order."""
        start, entries = gather(self._chosen.start, keywords)
        notes = self._written(entries)
        ends = start.tolist()
        return [notes[ends[n] : ends[n + 1]] for n in range(keywords.size)]

    def _written(self, entries: Ints) -> list[EvidenceNote]:
        answers, worth = self._answers, self._answers.notes
        row, text = self._chosen.row[entries], pa.array(self._text[entries])
        note = answers.note[row]
        p, v, f, q = answers.probability[row], worth.visibility[note], worth.freshness[note], worth.quality[note]
        note_ids = worth.note_id.take(pa.array(note)).to_pylist()
        disclosed = self._texts.disclosed.take(text)
        filed = pc.fill_null(disclosed, fill_value=False).to_numpy(zero_copy_only=False)
        faults = (p < _PARTIAL, v == 0.0, filed & (v != 0.0), f < _OLD, q < _THIN)
        remarks = _remarks(faults, np.where(v == 0.0, worth.signals[note], 0))
        matched, partly = self._held.told(entries)
        columns: dict[str, Sequence[Any]] = {  # by the names of an evidence note
            "note_id": note_ids,
            "title": self._texts.title.take(text).to_pylist(),
            "published_at": self._texts.day.take(text).cast(pa.string()).to_pylist(),
            "answers": decimals_of(p, 4),
            "visibility": decimals_of(v, 4),
            "freshness": decimals_of(f, 4),
            "quality": decimals_of(q, 4),
            "supply": decimals_of(p * v * f * q, 4),
            "disclosed": disclosed.to_pylist(),
            "undisclosed_probability": decimals_of(worth.undisclosed[note], 4),
            "duplicates": [self._duplicates.sizes.get(note_id, 1) - 1 for note_id in note_ids],
            "found_by": self._found_by(entries),
            "matched": matched,
            "reasons": [[lead, *rest] if lead else list(rest) for lead, rest in zip(partly, remarks, strict=True)],
        }
        return [
            cast("EvidenceNote", dict(zip(columns, one, strict=True))) for one in zip(*columns.values(), strict=True)
        ]

    def _found_by(self, entries: Ints) -> list[str]:
        words = self._asking.words
        columns = (self._chosen.keyword[entries].tolist(), self._chosen.under_other[entries].tolist())
        return [words[keyword] if other else "words" for keyword, other in zip(*columns, strict=True)]


class _Held:
    """Which terms of its keyword each entry's note holds.

    Args:
        terms: Distinct terms of each keyword.
        keyword: Keyword of each entry.
    """

    def __init__(self, terms: Sequence[Sequence[str]], keyword: Ints) -> None:
        encoded = pa.array([term for one in terms for term in one], pa.string()).dictionary_encode()
        lengths = np.array([len(one) for one in terms], np.int64)
        self._terms, self._keyword, self._vocabulary = terms, keyword, encoded.dictionary
        self._asked = Lists(bounds(lengths), encoded.indices.to_numpy().copy())
        self._start = bounds(lengths[keyword])
        self._held = np.zeros(int(self._start[-1]), np.bool_)
        self._stamp = np.zeros(len(self._vocabulary), np.int32)

    def look_up(self, text: pa.Array, place: Ints, entries: Ints, first: Ints) -> None:
        """Look through the terms of some notes; entries ``entries[first[p]:first[p + 1]]`` are those of note ``p``."""
        lists, _ = term_lists(text, self._vocabulary)
        _look_up(
            lists.start,
            lists.ids,
            place,
            first,
            entries,
            self._keyword,
            self._asked.start,
            self._asked.ids,
            self._start,
            self._stamp,
            self._held,
        )

    def _of_entry(self, keyword: int, held: list[bool]) -> tuple[list[str], str]:
        """The terms of a keyword that are held, and what is said where not all are."""
        terms = self._terms[keyword]
        matched = [term for term, is_held in zip(terms, held, strict=True) if is_held]
        if len(matched) == len(terms):
            return matched, ""
        return matched, "只含部分词：" + "、".join(matched) if matched else "没有写出这些词"

    def told(self, entries: Ints) -> tuple[list[list[str]], list[str]]:
        """Terms held, and what is said of it, for some entries."""
        start, places = gather(self._start, entries)
        held, ends = self._held[places].tolist(), start.tolist()
        found = [
            self._of_entry(keyword, held[ends[n] : ends[n + 1]])
            for n, keyword in enumerate(self._keyword[entries].tolist())
        ]
        return [matched for matched, _ in found], [said for _, said in found]


def _titles(batch: pa.RecordBatch) -> pa.Array:
    """What is shown as the title of each note: its own, or how its text begins; white space becomes single spaces."""
    opening = pc.utf8_slice_codeunits(pc.fill_null(batch["content"], ""), 0, _TITLE)
    title = batch["title"]
    shown = pc.if_else(pc.equal(pc.fill_null(title, ""), ""), opening, title)
    return pa.array([" ".join(text.split())[: 2 * _TITLE] for text in shown.to_pylist()], pa.string())


def _remarks(faults: Sequence[Flags], signals: npt.NDArray[np.uint8]) -> list[list[str]]:
    """What is said against each note beyond its words; notes of the same faults share a list.

    Args:
        faults: Whether it hardly answers, is hidden advertising, is filed advertising, is old, is thin.
        signals: What speaks for hidden advertising, where it is that.
    """
    code = signals.astype(np.int64)
    for flag in faults:
        code = 2 * code + flag
    distinct, of_note = np.unique(code, return_inverse=True)  # of a page's notes
    said: list[list[str]] = []
    for number in distinct.tolist():
        seen = signals_of(number >> len(faults))
        names = (
            "多半没有回答这个需求",
            "疑似水下广告" + (f"（{'、'.join(seen)}）" if seen else ""),
            "报备广告",
            "发布较久",
            "内容单薄或少有互动",
        )
        told = [bool(number >> shift & 1) for shift in reversed(range(len(faults)))]
        said.append([name for name, is_so in zip(names, told, strict=True) if is_so])
    return [said[number] for number in of_note.tolist()]


@inlined
def _choose_of(need: int, filled: int, start: Ints, group: Ints, note: Ids, rows: Ints) -> int:
    """Add the best answers of a need, one of each group, that are not among the rows yet; gives how many there are."""
    chosen, first = 0, start[need]
    for row in range(first, min(start[need + 1], first + _LOOKED_AT)):
        again = chosen == MOST_NOTES
        for before in range(first, row):
            again |= group[note[before]] == group[note[row]]
        if again:
            continue
        chosen += 1
        for i in range(filled):
            again |= note[rows[i]] == note[row]
        if not again:
            rows[filled] = row
            filled += 1
    return filled


@compiled(i8[::1], i8[::1], i8[::1], i8[::1], i4[::1], i8[:, ::1], i8[::1])
def _choose(need: Ints, other: Ints, start: Ints, group: Ints, note: Ids, rows: Ints, own: Ints) -> None:
    """The rows shown for each keyword: of its own need, then those of the other that are not shown yet."""
    for k in range(need.size):
        own[k] = _choose_of(need[k], 0, start, group, note, rows[k])
        if other[k] >= 0:
            _choose_of(other[k], own[k], start, group, note, rows[k])


@compiled(i8[::1], i4[::1], i8[::1], i8[::1], i8[::1], i8[::1], i8[::1], i4[::1], i8[::1], i4[::1], types.boolean[::1])
def _look_up(
    text_start: Ints,
    text: Ids,
    place: Ints,
    first: Ints,
    entries: Ints,
    keyword: Ints,
    term_start: Ints,
    terms: Ids,
    held_start: Ints,
    stamp: Ids,
    held: Flags,
) -> None:
    """Which terms of their keywords the notes at some places hold; ``stamp`` knows the last note of each term."""
    for n in range(place.size):
        serial = place[n] + 1
        for i in range(text_start[n], text_start[n + 1]):
            if text[i] >= 0:
                stamp[text[i]] = serial
        for i in range(first[place[n]], first[place[n] + 1]):
            entry = entries[i]
            begin = term_start[keyword[entry]]
            for j in range(begin, term_start[keyword[entry] + 1]):
                held[held_start[entry] + j - begin] = stamp[terms[j]] == serial
