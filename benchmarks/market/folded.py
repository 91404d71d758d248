"""Wordings folded into selling points, against the labelled groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.market.labelled import Row, rows_of, segmenter
from benchmarks.market.measures import Grouped, b3
from gapfinder.points.folding import fold
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Words

# What a store teaches by many texts and a list of phrases can't: the parts of the body or of the thing in these fields.
_PARTS: Final = frozenset(
    ("头皮", "头发", "发尾", "发根", "发丝", "皮肤", "脸", "脸颊", "屁屁", "肚子", "肤色", "衣服", "头", "屁股")
)


def folded(name: str) -> Grouped:
    """Fold the phrases of a list, each field for itself, and compare the groups."""
    made: dict[str, tuple[str, int]] = {}
    true: dict[str, tuple[str, str]] = {}
    for field in dict.fromkeys(row["field"] for row in rows_of(name)):
        rows = [row for row in rows_of(name) if row["field"] == field]
        for row, group in zip(rows, _groups(rows), strict=True):
            made[row["id"]] = (field, group)
            true[row["id"]] = (field, row["group"])
    return b3(made, true)


def _groups(rows: Sequence[Row]) -> list[int]:
    """The group of each phrase: by the first need that the grammar finds in it, else by the phrase itself."""
    cut, words = segmenter(), Words()
    grammar = Grammar(words, cut)
    texts = grammar.join(words.lists([cut.query_terms(row["phrase"]) for row in rows]))
    grammar.roles.grown()
    grammar.learn(np.array([name in _PARTS for name in words.names], bool))
    phrases = grammar.find(texts)
    found: dict[int, str] = {}
    for text, core in zip(phrases.text.tolist(), phrases.core.tolist(), strict=True):
        found.setdefault(text, grammar.wording(core))
    wordings = [found.get(place, row["phrase"]) for place, row in enumerate(rows)]
    distinct = list(dict.fromkeys(wordings))
    group = dict(zip(distinct, fold(distinct, _PARTS).tolist(), strict=True))
    return [group[wording] for wording in wordings]
