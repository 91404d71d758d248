"""Need phrases in texts: a closed grammar over the roles of words, alike for every category.

At each word the longest phrase that begins there is taken, in this order (DEG: up to three words that add nothing):

* a verb or a denial before a complaint: 去 头屑, 缓解 (DEG) 红屁股, 不 勒, 减少 头皮 痒;
* the same before something people want to be without (无 硅油, 防 水), unless the verb gives as well;
* a denial before a good state: 不 柔顺;
* a verb that gives, before a part of the body: 滋养 头皮;
* a part of the body before a state, denied or not: 头皮 (很) 痒, 头发 不 毛躁;
* a state alone, if it has two characters: 清爽, 干枯;
* a state of a single character behind a word of degree (太 厚, 一天 就 油), before a complement of degree (油 得 快),
  or between 是 and 的 (是 软 的).

A phrase is filed under its core, the word that names the need, so that 去 头屑, 头屑 多 and 没有 头屑 are one need;
how it was said (praised, complained about, promised ...) is kept beside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.points.roles import (
    BAD,
    CLOSE,
    COMPLAINED,
    COMPLEMENT,
    COPULA,
    DENY,
    GIVE,
    GOOD,
    LACKING,
    PRAISED,
    PROMISED,
    REMOVE,
    SHORT,
    SKIP,
    SPARED,
    STRESS,
    WHOLE,
    WITHOUT,
    Roles,
)
from gapfinder.texts.words import Texts
from indexer.stores.matching.compiled import compiled, inlined

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

i4, i8, flag = types.int32, types.int64, types.boolean

PAIR: Final = 32  # bits of the second word where a core is a pair of words
_MOST_SKIPPED: Final = 3


@dataclass(frozen=True)
class Phrases:
    """Need phrases: columns of equal length, by text, then place.

    Attributes:
        text: Which text.
        place, length: Where it stands in the text, and over how many words it reaches.
        core: Number of the word that names the need; of a pair (a verb and a part of the body) both numbers,
            ``(first + 1) << PAIR | second``.
        way: How it was said (:mod:`gapfinder.points.roles`).
    """

    text: Ids
    place: Ids
    length: Ids
    core: Ints
    way: Ids


def find_phrases(texts: Texts, roles: Roles, body: Flags) -> Phrases:
    """The phrases of some texts.

    Args:
        texts: The texts.
        roles: Of every word (:class:`gapfinder.points.roles.Roles`).
        body: Whether each word is a part of the body or of the thing, as long as the vocabulary.
    """
    size, known = texts.words.size, roles.grown()
    text, place, length, way = (np.empty(size, np.int32) for _ in range(4))
    core = np.empty(size, np.int64)
    found = _find(
        texts.start, texts.words, known.role, known.core, known.way, body, text, place, length, core, way
    )  # fmt: skip
    kept = slice(0, found)
    return Phrases(text[kept].copy(), place[kept].copy(), length[kept].copy(), core[kept].copy(), way[kept].copy())


@inlined
def _behind(at: int, end: int, words: Ids, role: Ids, passed: int) -> int:
    """The next word that is not to be skipped, at most three further on; ``end`` where a value ends before it.

    Args:
        at: Where to look from.
        end: End of the text.
        words: Words of all texts.
        role: Role of each word.
        passed: Roles of words that may be skipped.
    """
    skipped = 0
    while at < end and skipped < _MOST_SKIPPED and words[at] >= 0:
        own = role[words[at]]
        if own & passed == 0 or own & (BAD | GOOD) != 0:
            break
        at += 1
        skipped += 1
    if at >= end or words[at] < 0:
        return end
    return at


@inlined
def _after_verb(at: int, end: int, words: Ids, role: Ids, core: Ids, body: Flags) -> tuple[int, int, int]:
    """The phrase that begins with a verb or a denial: its last word, its core (-1: there is none) and its way."""
    own = role[words[at]]
    near = _behind(at + 1, end, words, role, SKIP)
    if near == end:
        return at, -1, 0
    part = near
    then = role[words[near]]
    if body[words[near]] and then & BAD == 0:
        near = _behind(near + 1, end, words, role, SKIP)
        then = role[words[near]] if near < end else 0
    unwanted = then & BAD != 0 or (then & WITHOUT != 0 and near == part and own & GIVE == 0)
    if unwanted and own & (REMOVE | DENY) != 0:
        return near, int(core[words[near]]), PROMISED if own & REMOVE != 0 else SPARED
    if then & GOOD != 0 and then & SHORT == 0 and own & DENY != 0 and own & REMOVE == 0:
        return near, int(core[words[near]]), LACKING
    if body[words[part]] and own & GIVE != 0:
        return part, (int(words[at]) + 1) << PAIR | int(words[part]), PROMISED
    return at, -1, 0


@inlined
def _after_part(at: int, end: int, words: Ids, role: Ids, core: Ids) -> tuple[int, int, int]:
    """The phrase that begins with a part of the body: the same."""
    near = _behind(at + 1, end, words, role, SKIP | DENY)
    if near == end or role[words[near]] & (BAD | GOOD) == 0:
        return at, -1, 0
    denied = False
    for k in range(at + 1, near):
        denied |= role[words[k]] & DENY != 0
    good = role[words[near]] & GOOD != 0
    if denied:
        return near, int(core[words[near]]), LACKING if good else SPARED
    return near, int(core[words[near]]), PRAISED if good else COMPLAINED


@inlined
def _short(at: int, end: int, words: Ids, role: Ids) -> bool:
    """Whether a state of one character stands there."""
    return at < end and words[at] >= 0 and role[words[at]] & SHORT != 0 and role[words[at]] & (BAD | GOOD) != 0


@inlined
def _after_degree(at: int, end: int, words: Ids, role: Ids, core: Ids) -> tuple[int, int, int]:
    """The phrase of a word of degree, or of 是, and a short state: the same."""
    near = at + 1
    if not _short(near, end, words, role):
        return at, -1, 0
    last = near
    if role[words[at]] & STRESS == 0:
        last = near + 1
        if last >= end or words[last] < 0 or role[words[last]] & CLOSE == 0:
            return at, -1, 0
    return last, int(core[words[near]]), COMPLAINED if role[words[near]] & BAD != 0 else PRAISED


@inlined
def _before_complement(at: int, end: int, words: Ids, role: Ids, core: Ids) -> tuple[int, int, int]:
    """The phrase of a short state and its complement: the same."""
    behind = at + 1
    if not _short(at, end, words, role) or behind >= end or words[behind] < 0:
        return at, -1, 0
    if role[words[behind]] & COMPLEMENT == 0:
        return at, -1, 0
    return behind, int(core[words[at]]), COMPLAINED if role[words[at]] & BAD != 0 else PRAISED


@compiled(i8[::1], i4[::1], i4[::1], i4[::1], i4[::1], flag[::1], i4[::1], i4[::1], i4[::1], i8[::1], i4[::1])
def _find(
    start: Ints,
    words: Ids,
    role: Ids,
    core: Ids,
    way: Ids,
    body: Flags,
    out_text: Ids,
    out_place: Ids,
    out_length: Ids,
    out_core: Ints,
    out_way: Ids,
) -> int:
    """Fill the columns of :class:`Phrases`; gives how many there are."""
    found = 0
    for text in range(start.size - 1):
        at, end = start[text], start[text + 1]
        while at < end:
            if words[at] < 0:
                at += 1
                continue
            own = role[words[at]]
            last, what, how = at, -1, 0
            if own & (REMOVE | DENY | GIVE) != 0:
                last, what, how = _after_verb(at, end, words, role, core, body)
            if what < 0 and body[words[at]]:
                last, what, how = _after_part(at, end, words, role, core)
            if what < 0 and own & (STRESS | COPULA) != 0 and own & (BAD | GOOD | REMOVE | DENY | GIVE) == 0:
                last, what, how = _after_degree(at, end, words, role, core)
            if what < 0 and own & SHORT != 0:
                last, what, how = _before_complement(at, end, words, role, core)
            if what < 0 and (own & WHOLE != 0 or (own & (BAD | GOOD) != 0 and own & SHORT == 0)):
                last, what, how = at, int(core[words[at]]), int(way[words[at]])
            if what >= 0:
                out_text[found] = text
                out_place[found] = at - start[text]
                out_length[found] = last - at + 1
                out_core[found] = what
                out_way[found] = how
                found += 1
            at = last + 1
    return found
