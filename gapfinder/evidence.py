"""The very queries and the very notes behind a keyword."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.advertising import REASONS, undisclosed_probability
from gapfinder.duplicates import Duplicates
from gapfinder.results import EvidenceNote, EvidenceQuery
from gapfinder.supply import Answers
from indexer.stores.contract import Snapshot

MOST_QUERIES: Final = 8
MOST_NOTES: Final = 5
_TITLE: Final = 60  # characters shown of a note without a title
_BLOCK: Final = 16_384
_COLUMNS: Final = ("note_id", "title", "content", "brand", "disclosed", "published_day", "text_terms")

_OLD: Final = 0.5
_THIN: Final = 0.5
_PARTIAL: Final = 0.3

_VARIANT: Final = ("query", "searches", "searchers", "satisfied", "unsatisfied", "unknown", "folded_by")

Ints = npt.NDArray[np.int64]


def chosen_rows(answers: Answers, need: int, most: int = MOST_NOTES) -> list[int]:
    """Rows of ``answers`` that stand as evidence for a need: the best, one of each near-duplicate group."""
    first, last = int(answers.start[need]), int(answers.start[need + 1])
    groups = answers.notes.group[answers.note[first : min(last, first + 4 * most)]].tolist()
    seen: dict[int, int] = {}
    for row, group in enumerate(groups, first):
        seen.setdefault(group, row)
    return list(seen.values())[:most]


class NoteTexts:
    """Titles, days and advertising signals of the notes that evidence shows, read once for a page of keywords."""

    def __init__(self, snapshot: Snapshot, note_ids: Sequence[str]) -> None:
        self._rows: dict[str, dict[str, object]] = {}
        wanted = sorted(set(note_ids))
        for start in range(0, len(wanted), _BLOCK):
            table = snapshot.by_id("note", wanted[start : start + _BLOCK], _COLUMNS).combine_chunks()
            for batch in table.to_batches():
                self._add(batch)

    def _add(self, batch: pa.RecordBatch) -> None:
        _, signals = undisclosed_probability(batch["title"], batch["content"], batch["brand"], batch["disclosed"])
        shown = pc.utf8_slice_codeunits(pc.fill_null(batch["content"], ""), 0, _TITLE)
        ids = batch["note_id"].to_pylist()
        columns = (batch["title"], shown, batch["disclosed"], batch["published_day"])
        for row, (note_id, title, opening, disclosed, day) in enumerate(
            zip(ids, *(column.to_pylist() for column in columns), strict=True)
        ):
            self._rows[note_id] = {
                "title": " ".join((title or opening or "").split())[: _TITLE * 2],
                "disclosed": disclosed,
                "published_at": day.isoformat() if day else None,
                "signals": [
                    text for name, text in REASONS.items() if signals[name][row] > (2 if name == "brand" else 0)
                ],
                "terms": " ".join(batch["text_terms"][row].as_py() or ()),
            }

    def __getitem__(self, note_id: str) -> dict[str, object]:
        return self._rows[note_id]


def evidence_note(
    answers: Answers, row: int, texts: NoteTexts, duplicates: Duplicates, terms: Sequence[str], found_by: str
) -> EvidenceNote:
    """One note as evidence, with what it is worth and why."""
    notes, place = answers.notes, int(answers.note[row])
    note_id = notes.note_id[place].as_py()
    text = texts[note_id]
    held = set(str(text["terms"]).split(" "))
    matched = [term for term in dict.fromkeys(terms) if term in held]
    p = float(answers.probability[row])
    v, f, q = (float(column[place]) for column in (notes.visibility, notes.freshness, notes.quality))
    undisclosed = float(notes.undisclosed[place])
    signals = text["signals"]
    assert isinstance(signals, list)
    reasons = []
    if not matched:
        reasons.append("不含这些词")
    elif len(matched) < len(set(terms)):
        reasons.append("只含部分词：" + "、".join(matched))
    if p < _PARTIAL:
        reasons.append("多半没有回答这个需求")
    if v == 0.0:
        reasons.append("疑似水下广告" + (f"（{'、'.join(signals)}）" if signals else ""))
    elif text["disclosed"]:
        reasons.append("报备广告")
    if f < _OLD:
        reasons.append("发布较久")
    if q < _THIN:
        reasons.append("内容单薄或少有互动")
    return EvidenceNote(
        note_id=note_id,
        title=str(text["title"]),
        published_at=text["published_at"],  # type: ignore[typeddict-item]
        answers=round(p, 4),
        visibility=round(v, 4),
        freshness=round(f, 4),
        quality=round(q, 4),
        supply=round(p * v * f * q, 4),
        disclosed=text["disclosed"],  # type: ignore[typeddict-item]
        undisclosed_probability=round(undisclosed, 4),
        duplicates=duplicates.sizes.get(note_id, 1) - 1,
        found_by=found_by,
        matched=matched,
        reasons=reasons,
    )


class VariantRows:
    """The raw queries behind canonical ones, most searched first.

    Args:
        variants: The demand's variants, sorted by ``query_id``.
        queries: Number of canonical queries.
    """

    def __init__(self, variants: pa.Table, queries: int) -> None:
        ids = variants.column("query_id").to_numpy()
        self._start = np.searchsorted(ids, np.arange(queries + 1)).tolist()
        self._columns = {name: variants.column(name).to_pylist() for name in _VARIANT}

    def of(self, queries: Sequence[int], most: int) -> list[dict[str, Any]]:
        """The most searched variants of some queries (most searched first; those beyond ``most`` are not looked at)."""
        rows = [row for query in queries[:most] for row in range(self._start[query], self._start[query + 1])]
        searches, texts = self._columns["searches"], self._columns["query"]
        rows.sort(key=lambda row: (-searches[row], texts[row]))
        return [{name: column[row] for name, column in self._columns.items()} for row in rows[:most]]


def evidence_queries(variants: VariantRows, queries: Sequence[int]) -> list[EvidenceQuery]:
    """The most searched raw queries among the members of a keyword (most searched first)."""
    return [
        EvidenceQuery(
            query=row["query"],
            searches=row["searches"],
            searchers=row["searchers"],
            satisfied=row["satisfied"],
            unsatisfied=row["unsatisfied"],
            unknown=row["unknown"],
        )
        for row in variants.of(queries, MOST_QUERIES)
    ]
