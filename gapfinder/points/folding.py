"""Wordings of one selling point brought together: 去屑, 去头屑 and 头屑 ask for the same.

Three steps, from sure to likely:

1. Words that the shipped lists hold to be one point (:func:`gapfinder.lexicon.point_groups`, the synonyms of the
   dictionary) are one group, and two such groups are never joined.
2. Wordings that are equal without verbs, denials, degrees and parts of the body are one group.
3. What is left is joined by its characters: single ones and pairs, weighted by tf x log(1 + N / df), cosine, average
   linkage, cut at a distance of 0.80 (Manning, Raghavan, Schuetze 2008, *Introduction to Information Retrieval*, 17.3).
   What people complain of is not joined so with what they praise: 干 and 干净 share a character by chance.

Word vectors take no part: they put opposites and neighbours together (痒, 屑 and 油 stand in like company).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from math import log
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from gapfinder.lexicon import point_groups, words_of
from gapfinder.rounding import rounded
from indexer.dictionary import shipped_synonyms

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

CUT: Final = 0.80
_APART: Final = 1e6  # between what is known to be different; so large that no average hides it
_TAILS: Final = "多少感了的性力度"
_PREFIXES: Final = ("remove", "negation", "degree")
_LONGEST_PREFIX: Final = 4
_DECIMALS: Final = 9  # of a distance, so that ties are ties


def fold(wordings: Sequence[str], body: Collection[str] = ()) -> Ints:
    """The group of each wording, numbered in the order in which groups first come.

    Args:
        wordings: Distinct wordings of needs (cores of phrases) of one category.
        body: Parts of the body or of the thing, which say nothing where something else is left.
    """
    plain = [bare(wording, body) for wording in wordings]
    known = [_known(wording, text) for wording, text in zip(wordings, plain, strict=True)]
    labels = [f"={number}" if number is not None else text for number, text in zip(known, plain, strict=True)]
    places = {label: place for place, label in enumerate(sorted(set(labels)))}  # ties are cut alike in any order
    first = np.array([places[label] for label in labels], np.int64)
    texts: list[list[str]] = [[] for _ in places]
    listed, bad, good = (np.zeros(len(places), bool) for _ in range(3))
    for place, wording, text, number in zip(first.tolist(), wordings, plain, known, strict=True):
        texts[place].append(text)
        listed[place] |= number is not None
        bad[place] |= text in words_of("complaints")
        good[place] |= wording in words_of("benefits") or text in words_of("benefits")
    joined = _joined(texts, _apart(listed, bad, good))[first]
    numbered: dict[int, int] = {}
    return np.array([numbered.setdefault(group, len(numbered)) for group in joined.tolist()], np.int64)


def bare(wording: str, body: Collection[str] = ()) -> str:
    """A wording without verbs, denials, degrees and parts of the body, as long as something is left."""
    left = wording
    while (cut := _prefix(left, body)) and len(left) - cut >= 1:
        left = left[cut:]
    while len(left) > 1 and left[-1] in _TAILS:
        left = left[:-1]
    for size in range(1, len(left)):
        if left[size:] in body and left[:size] in words_of("complaints"):
            return left[:size]  # 捂屁股 is 捂
    return left or wording


def _prefix(text: str, body: Collection[str]) -> int:
    """How many characters at the beginning add nothing; 0 where the rest would be none of the lists' words."""
    for size in range(min(_LONGEST_PREFIX, len(text) - 1), 0, -1):
        head = text[:size]
        if head in body or any(head in words_of(name) for name in _PREFIXES):
            rest = text[size:]
            # One character is left only where it is a complaint of its own: 止痒, not 不老.
            if len(rest) > 1 or rest in words_of("complaints"):
                return size
    return 0


@cache
def _groups() -> dict[str, int]:
    """The number of the shipped group of each word; groups of both lists that share a word are one."""
    number: dict[str, int] = {}
    for place, group in enumerate((*point_groups(), *shipped_synonyms())):
        known = sorted({number[word] for word in group if word in number})
        chosen = known[0] if known else place
        for word in group:
            number.setdefault(word, chosen)
    return number


def _known(wording: str, plain: str) -> int | None:
    groups = _groups()
    return groups.get(wording, groups.get(plain))


def _apart(listed: Flags, bad: Flags, good: Flags) -> Flags:
    """Which groups are never joined by characters: two listed ones, and a complaint with a benefit (干, 干净)."""
    only_bad, only_good = bad & ~good, good & ~bad
    against = only_bad[:, None] & only_good[None, :]
    return (listed[:, None] & listed[None, :]) | against | against.T


def _joined(texts: Sequence[Sequence[str]], apart: Flags) -> Ints:
    """Join groups by the characters of their texts, but for those that stay apart."""
    if len(texts) < 2:  # noqa: PLR2004 - one group can't be joined
        return np.zeros(len(texts), np.int64)
    distance = 1.0 - _likeness(texts)
    distance = rounded(np.where(apart, _APART, np.maximum(distance, 0.0)), _DECIMALS)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), method="average")
    found: Ints = fcluster(tree, CUT, criterion="distance").astype(np.int64)
    return found


def _likeness(texts: Sequence[Sequence[str]]) -> Floats:
    """Cosine of the characters of all groups; a group is the sum of its texts."""
    counts = [Counter(gram for text in group for gram in _grams(text)) for group in texts]
    spread = Counter(gram for count in counts for gram in count)
    places = {gram: place for place, gram in enumerate(sorted(spread))}
    rows: Floats = np.zeros((len(texts), len(places)), np.float64)
    for row, count in zip(rows, counts, strict=True):
        for gram, times in count.items():
            row[places[gram]] = times * log(1.0 + len(texts) / spread[gram])
    norm = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    rows = rows / norm
    likeness: Floats = rows @ rows.T
    return likeness


def _grams(text: str) -> Iterator[str]:
    yield from text
    yield from (text[place : place + 2] for place in range(len(text) - 1))
