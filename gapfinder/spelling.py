"""Which rare queries are misspellings of frequent ones: one character apart, and without a meaning of their own.

Pairs at edit distance 1 are found by their deletion neighbourhoods (as in SymSpell): two texts are one edit apart only
if they agree after at most one character is taken out of each. The neighbours are compared as 64-bit hashes, sorted,
so the work grows with the number of texts, not with its square; a pair found by its hashes is then checked for real.

One character may also change the meaning (男童/女童, 1段/2段, 不含/含). A pair is a misspelling only if the frequent
text holds a word that the rare one breaks, as a slip of the pen does:

* the edit lies inside a Han word of two or more characters (three where one is left out: 刀 is no slip for 柴刀), and
  in the rare text only single characters are left of it at that place (纸尿裤, 纸 尿 库); if the edit makes another
  word of the dictionary, both are meant;
* or inside a Latin word of at least five letters (shorter ones are often names of models), which stays one word;
* no digit and no character that carries meaning by itself (:data:`MEANING`) is edited;
* the broken word is searched so many times more often than the edited piece as the frequent text than the rare one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

SHORTEST: Final = 3
LONGEST: Final = 40
SHORTEST_LATIN: Final = 5
SHORTEST_HAN_LEFT_OUT: Final = 3
MEANING: Final = (
    "不无非没未免去防抗男女老少大小中新旧春夏秋冬早晚日夜上下左右前后内外高低长短厚薄粗细轻重深浅软硬冷热干湿油"
    "黑白红黄蓝绿紫灰粉金银橙棕彩一二三四五六七八九十百千万两双单半零多生熟公母真假全无有羊牛驼猫狗鸡鸭鱼猪"
    "头脸手脚腿眼唇发甲颈腰背臀胸耳鼻口牙父母爸妈爷奶哥姐弟妹儿孕婴童亲学"
)
_HAN, _LATIN, _OTHER = 0, 1, 2
_HAN_FIRST, _HAN_LAST, _HAN_BEYOND = 0x3400, 0x9FFF, 0x20000  # the basic plane, and the planes beyond
_PAIRS_AT_ONCE: Final = 200_000
_TEXTS_AT_ONCE: Final = 100_000
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts as flat arrays: ``start`` has one entry a text and one more, the others one entry a character."""

    number: Ints  # of each text
    start: Ints
    code: npt.NDArray[np.int32]  # code point
    term: npt.NDArray[np.int32]  # number of the term the character stands in, over all texts
    length: npt.NDArray[np.int32]  # length of that term
    kind: npt.NDArray[np.int8]  # _HAN, _LATIN or _OTHER: what that term is made of
    weight: Ints  # searches of that term in the whole log
    meaning: Flags  # the character carries meaning by itself, or is a digit

    @property
    def lengths(self) -> Ints:
        """Characters of each text."""
        return np.diff(self.start)


def misspellings(terms: pa.Array, searches: Ints, times: float) -> tuple[Ints, Ints]:
    """Pairs (rare, frequent) of texts where the rare one is a misspelling of the frequent one.

    Memory grows with the frequent texts; the others are looked at in portions.

    Args:
        terms: Distinct texts, each as its terms parted by one space.
        searches: Searches of each text.
        times: How many times more frequent the right spelling must be.

    Returns:
        Positions of the rare and of the frequent texts, ordered by both.
    """
    nothing = np.empty(0, np.int64)
    lengths = _lengths(terms)
    usable = np.flatnonzero((lengths >= SHORTEST) & (lengths <= LONGEST))
    numbers = usable[searches[usable] >= times]
    if len(numbers) == 0:
        return nothing, nothing
    weights = _term_weights(terms, searches)
    right = _texts_of(terms, numbers, weights)
    hashes, owners = _neighbours(right)
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], owners[order]
    found = []
    for first in range(0, len(usable), _TEXTS_AT_ONCE):
        wrong = _texts_of(terms, usable[first : first + _TEXTS_AT_ONCE], weights)
        for rare, frequent in _candidates(wrong, hashes, owners):
            ours, theirs = wrong.number[rare], right.number[frequent]
            kept = searches[theirs] >= times * np.maximum(searches[ours], 1)
            kept &= (ours != theirs) & (np.abs(lengths[ours] - lengths[theirs]) <= 1)
            pairs = np.unique(np.stack([rare[kept], frequent[kept]], axis=1), axis=0)
            pairs = pairs[_is_slip(wrong, pairs[:, 0], right, pairs[:, 1], times)]
            found.append(np.stack([wrong.number[pairs[:, 0]], right.number[pairs[:, 1]]], axis=1))
    pairs = np.unique(np.concatenate(found), axis=0) if found else np.empty((0, 2), np.int64)
    return pairs[:, 0], pairs[:, 1]


def _portions(terms: pa.Array) -> Iterator[pa.Array]:
    for first in range(0, len(terms), _TEXTS_AT_ONCE):
        yield terms.slice(first, _TEXTS_AT_ONCE)


def _lengths(terms: pa.Array) -> Ints:
    """Characters of each text, without spaces."""
    counted = [pc.utf8_length(pc.replace_substring(portion, " ", "")).to_numpy() for portion in _portions(terms)]
    return np.concatenate([np.empty(0, np.int64), *counted]).astype(np.int64)


def _term_weights(terms: pa.Array, searches: Ints) -> pa.Table:
    """Searches of each term in the whole log, as (term, weight)."""
    sums = pa.table({"term": pa.array([], terms.type), "weight": pa.array([], pa.int64())})
    for place, portion in enumerate(_portions(terms)):
        cut = pc.split_pattern(portion, " ")
        weight = searches[pc.list_parent_indices(cut).to_numpy() + place * _TEXTS_AT_ONCE]
        portion_sums = pa.table({"term": cut.flatten(), "weight": pa.array(weight, pa.int64())})
        sums = pa.concat_tables([sums, portion_sums]).group_by("term").aggregate([("weight", "sum")])
        sums = sums.select(["term", "weight_sum"]).rename_columns(["term", "weight"])
    return sums.combine_chunks()


def _texts_of(terms: pa.Array, numbers: Ints, weights: pa.Table) -> _Texts:
    """The texts of those numbers as flat arrays; ``weights`` are those of all terms."""
    chosen = terms.take(pa.array(numbers))
    flat = np.frombuffer("\n".join([*chosen.to_pylist(), ""]).encode("utf-32-le"), np.int32)
    ends = flat == ord("\n")
    parted = ends | (flat == ord(" "))
    codes = flat[~parted]
    term = np.cumsum(parted)[~parted]
    first = np.flatnonzero(np.diff(term, prepend=-1))
    length = np.diff(first, append=len(term)).astype(np.int32)
    term = np.repeat(np.arange(len(first), dtype=np.int32), length)
    kinds = np.full(len(codes), _OTHER, np.int8)
    kinds[((codes >= _HAN_FIRST) & (codes <= _HAN_LAST)) | (codes >= _HAN_BEYOND)] = _HAN
    kinds[(codes >= ord("a")) & (codes <= ord("z"))] = _LATIN
    low, high = np.minimum.reduceat(kinds, first), np.maximum.reduceat(kinds, first)
    names = pc.index_in(pc.split_pattern(chosen, " ").flatten(), value_set=weights["term"])
    weight = weights["weight"].to_numpy()[names.to_numpy()]
    meaning = np.isin(codes, [ord(character) for character in MEANING]) | ((codes >= ord("0")) & (codes <= ord("9")))
    return _Texts(
        number=numbers,
        start=np.concatenate([[0], np.cumsum(~parted)[ends]]),
        code=codes,
        term=term,
        length=length[term],
        kind=np.where(low == high, low, np.int8(_OTHER))[term],
        weight=weight[term],
        meaning=meaning,
    )


def _spread(starts: Ints, counts: Ints) -> Ints:
    """``starts[i], starts[i]+1, ...`` with ``counts[i]`` members for each i, one after the other."""
    if len(counts) == 0:
        return np.empty(0, np.int64)
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts)
    return offsets + np.arange(int(counts.sum()))


def _neighbours(texts: _Texts) -> tuple[Hashes, Ints]:
    """Hashes of the texts and of what is left of each when one character is taken out, with their places."""
    lengths = texts.lengths
    places = np.arange(len(texts.code))
    position = places - np.repeat(texts.start[:-1], lengths)
    powers = np.cumprod(np.concatenate([[np.uint64(1)], np.full(LONGEST, _BASE)]), dtype=np.uint64)
    value = (texts.code.astype(np.uint64) + np.uint64(1)) * _MIX
    value ^= value >> np.uint64(29)
    kept = np.cumsum(value * powers[position], dtype=np.uint64)
    moved = np.cumsum(value * np.where(position > 0, powers[position - 1], np.uint64(0)), dtype=np.uint64)
    last = np.cumsum(lengths) - 1
    first = last - lengths + 1
    nothing = np.zeros(1, np.uint64)
    before = np.concatenate([nothing, kept])[first]  # sum over all texts before
    whole = kept[last] - before
    without = (
        np.concatenate([nothing, kept])[np.arange(len(places))]
        - np.repeat(before, lengths)
        + np.repeat(moved[last], lengths)
        - moved
    )
    owners = np.arange(len(lengths))
    return np.concatenate([whole, without]), np.concatenate([owners, np.repeat(owners, lengths)])


def _candidates(texts: _Texts, hashes: Hashes, owners: Ints) -> list[tuple[Ints, Ints]]:
    """Pairs of a text and an owner with a hash in common, in portions."""
    wanted, askers = _neighbours(texts)
    low = np.searchsorted(hashes, wanted, "left")
    counts = np.searchsorted(hashes, wanted, "right") - low
    kept = counts > 0
    askers, low, counts = askers[kept], low[kept], counts[kept]
    cuts = np.searchsorted(np.cumsum(counts), np.arange(_PAIRS_AT_ONCE, int(counts.sum()), _PAIRS_AT_ONCE))
    return [
        (np.repeat(asker, count), owners[_spread(start, count)])
        for asker, start, count in zip(np.split(askers, cuts), np.split(low, cuts), np.split(counts, cuts), strict=True)
    ]


def _is_slip(wrong: _Texts, rare: Ints, right: _Texts, frequent: Ints, times: float) -> Flags:
    """Which pairs are one edit apart and one only by a slip, by the rules of this module."""
    if len(rare) == 0:
        return np.empty(0, np.bool_)
    steps = np.arange(LONGEST + 1)
    short, long = wrong.lengths[rare], right.lengths[frequent]
    ours, theirs = _padded(wrong, rare), _padded(right, frequent)
    same = ours == theirs
    # Both are padded with 0 behind their ends; texts that differ do so within the first LONGEST + 1 places.
    edit = np.argmin(same, axis=1)
    tail = steps[None, :-1] >= edit[:, None]
    replaced = (short == long) & ((~same).sum(axis=1) == 1)
    dropped = (short < long) & ~(tail & (ours[:, :-1] != theirs[:, 1:])).any(axis=1)
    added = (short > long) & ~(tail & (ours[:, 1:] != theirs[:, :-1])).any(axis=1)

    here = np.minimum(wrong.start[rare] + edit, wrong.start[rare + 1] - 1)
    there = np.minimum(right.start[frequent] + edit, right.start[frequent + 1] - 1)
    previous = np.maximum(edit - 1, 0)
    here_before, there_before = wrong.start[rare] + previous, right.start[frequent] + previous
    # An added character breaks the word that covers both of its neighbours; a dropped or replaced one its own.
    inside = ~added | ((edit > 0) & (edit < long) & (right.term[there] == right.term[there_before]))
    piece_gone = (wrong.length[here] == 1) | (edit >= short)
    piece_before_gone = (wrong.length[here_before] == 1) | (edit == 0)
    in_word_after = (there + 1 < len(right.term)) & (
        right.term[np.minimum(there + 1, len(right.term) - 1)] == right.term[there]
    )
    in_word_before = (edit > 0) & (right.term[there_before] == right.term[there])
    han = (right.kind[there] == _HAN) & (right.length[there] > 1) & inside
    han &= np.where(
        dropped,
        (right.length[there] >= SHORTEST_HAN_LEFT_OUT)
        & (~in_word_after | piece_gone)
        & (~in_word_before | piece_before_gone),
        (wrong.kind[here] == _HAN) & (wrong.length[here] == 1) & (edit < short),
    )
    latin = (right.kind[there] == _LATIN) & (right.length[there] >= SHORTEST_LATIN) & inside
    # What is left of a Latin word lies around the edit; at the end of a text it lies before it.
    left = np.where(dropped & ~in_word_after, here_before, here)
    latin &= (wrong.kind[left] == _LATIN) & (wrong.length[left] >= SHORTEST_LATIN - 1)
    latin &= np.where(dropped, wrong.length[left] == right.length[there] - 1, wrong.length[left] >= right.length[there])

    meant = np.where(dropped, right.meaning[there], wrong.meaning[here]) | (replaced & right.meaning[there])
    piece = np.where(han, here, left)
    weighed = right.weight[there] >= times * wrong.weight[piece]
    weighed |= han & dropped  # nothing stands in the place of a dropped Han character
    slips: Flags = (replaced | dropped | added) & (han | latin) & ~meant & weighed
    return slips


def _padded(texts: _Texts, chosen: Ints) -> Ints:
    """Code points of the chosen texts, one row each, 0 behind the end."""
    steps = np.arange(LONGEST + 1)
    inside = steps[None, :] < texts.lengths[chosen][:, None]
    places = np.minimum(texts.start[chosen][:, None] + steps[None, :], len(texts.code) - 1)
    return np.where(inside, texts.code[places], 0)
