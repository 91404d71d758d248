"""The features of pairs by their definitions, in plain Python: slow, and short enough to be seen to be right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import pyarrow as pa

from gapfinder.answers.pairs import FEATURES
from gapfinder.answers.subjects import LONGEST_NEED
from indexer.grams import character_grams, query_grams

LIST = pa.list_(pa.string())
Near = Mapping[str, Sequence[tuple[str, int]]]  # neighbours of a word with their likeness, most alike first


@dataclass(frozen=True)
class Note:
    """A note as field values (terms parted by spaces): of the text, of title and tags, and what grams are made of."""

    text: tuple[str | None, ...]
    headline: tuple[str | None, ...] = ()
    looked_at: tuple[str | None, ...] = ()


def block_of(notes: Sequence[Note]) -> pa.RecordBatch:
    """Notes as a store gives them."""
    grams = [[None if value is None else character_grams(value) for value in note.looked_at] for note in notes]
    columns = [
        pa.array([list(note.text) for note in notes], LIST),
        pa.array([list(note.headline) for note in notes], LIST),
        pa.array(grams, LIST),
    ]
    return pa.record_batch(columns, names=["text_terms", "headline_terms", "gram_terms"])


def features_of(
    need: Sequence[str], note: Note, weight: Mapping[str, int], gram_weight: Mapping[str, int], near: Near
) -> list[float]:
    """The row of :data:`FEATURES` of one pair."""
    terms = sorted(set(need))
    text = [(value or "").split(" ") for value in note.text]
    held = {term for value in text for term in value}
    headed = {term for value in note.headline for term in (value or "").split(" ")}
    total = sum(weight[term] for term in terms)
    characters = "".join(need)[:LONGEST_NEED]
    values = [(value or "").replace(" ", "") for value in note.looked_at]
    row = {
        "coverage": _over(sum(weight[term] for term in terms if term in held), total),
        "headline": _over(sum(weight[term] for term in terms if term in headed), total),
        "tightness": _tightness(set(terms) & held, text),
        "soft": _over(sum(weight[term] * _stood_in(term, held, near) for term in terms), total),
        "sequence": max((_sequence(characters, value) / len(characters) for value in values), default=0.0),
        "run": max((_run(characters, value) / len(characters) for value in values), default=0.0),
        **_by_grams(set(query_grams(need)), values, gram_weight),
    }
    return [row[name] for name in FEATURES]


def pattern_of(need: Sequence[str], note: Note) -> int:
    """Which of the need's terms the note holds; those from the 63rd on share a bit."""
    held = {term for value in note.text for term in (value or "").split(" ")}
    bits = {1 << min(place, 62) for place, term in enumerate(sorted(set(need))) if term in held}
    return sum(bits)


def _over(part: float, total: float) -> float:
    return part / total if total else 0.0


def _tightness(found: set[str], text: Sequence[Sequence[str]]) -> float:
    if len(found) < 2:
        return float(len(found))
    windows = [
        right - left
        for value in text
        for left in range(len(value))
        for right in range(left + 1, len(value) + 1)
        if found <= set(value[left:right])
    ]
    return len(found) / min(windows) if windows else 0.0


def _stood_in(term: str, held: set[str], near: Near) -> float:
    if term in held:
        return 1.0
    likeness = next((likeness for other, likeness in near.get(term, ()) if other in held and likeness >= 500), 0)
    return min(0.8, 0.5 * likeness / 1000)


def _grams(value: str) -> list[str]:
    return [value[place : place + 2] for place in range(len(value) - 1)] if len(value) > 1 else [value] if value else []


def _by_grams(asked: set[str], values: Sequence[str], weight: Mapping[str, int]) -> dict[str, float]:
    total = sum(weight[gram] for gram in asked)
    cut = [_grams(value) for value in values]
    best = 0.0
    for place, grams in enumerate(cut):
        together = cut[62:] if place >= 62 else [grams]  # values from the 63rd on are told apart by nothing
        common = {gram for one in together for gram in one} & asked
        mass = _over(sum(weight[gram] for gram in common), total)
        best = max(best, sqrt(mass * min(1.0, len(common) / len(grams))) if grams else 0.0)
    anywhere = {gram for grams in cut for gram in grams} & asked
    return {"grams": _over(sum(weight[gram] for gram in anywhere), total), "overlap": best}


def _run(one: str, two: str) -> int:
    cuts = [one[left:right] for left in range(len(one)) for right in range(left + 1, len(one) + 1)]
    return max((len(cut) for cut in cuts if cut in two), default=0)


def _sequence(one: str, two: str) -> int:
    @cache
    def longest(i: int, j: int) -> int:
        if not i or not j:
            return 0
        if one[i - 1] == two[j - 1]:
            return longest(i - 1, j - 1) + 1
        return max(longest(i - 1, j), longest(i, j - 1))

    return longest(len(one), len(two))
