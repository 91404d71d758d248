"""The kinds of words in a comment, so that a rule or a classifier sees 好用, 顶用 and 管用 as one thing.

At each character the longest listed word that begins there is taken, and looking goes on behind it. A text becomes the
letters of the kinds of its words, in order, with a gap where several characters are in no list: 洗完不痒了 is now,
deny, complaints. The lists are written by this project and hold what is said of any product.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from numba import types

from gapfinder.lexicon import words_of
from indexer.normalize import SEPARATOR, normalize, normalize_joined
from indexer.stores.matching.compiled import compiled, inlined
from indexer.stores.matching.plan import bounds

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

KINDS: Final = (
    "good", "bad", "benefits", "complaints", "deny", "less", "more", "much", "remove", "contrast", "earlier", "now",
    "claim", "plan", "wish", "asks", "own", "seller", "goods", "money", "aspects",
)  # fmt: skip
_SHARED: Final = {"benefits": "benefits", "complaints": "complaints", "remove": "remove", "deny": "negation"}

FIRST_LETTER: Final = 0xE100  # private use, as no text holds it once it is normal
_GAP: Final = FIRST_LETTER + len(KINDS)
GAP: Final = chr(_GAP)
LETTER: Final = {kind: chr(FIRST_LETTER + number) for number, kind in enumerate(KINDS)}
_PRIVATE: Final = re.compile("[\ue001-\uf8ff]")  # but the separator of texts
_WIDE: Final = 3  # characters in no list that make a gap

i4, i8 = types.int32, types.int64


@cache
def listed(kind: str) -> frozenset[str]:
    """The words of a kind, in normal form."""
    file = resources.files(__package__) / "words" / f"{kind}.txt"
    own: set[str] = set()
    if file.is_file():
        lines = file.read_text(encoding="utf-8").splitlines()
        own = {normalize(word) for line in lines for word in line.split("#", 1)[0].split()}
    shared = words_of(_SHARED[kind]) if kind in _SHARED else frozenset()
    neutral = listed("aspects") if kind == "benefits" else frozenset()
    return frozenset(own | shared) - neutral - {""}


def normal(texts: Sequence[str]) -> list[str]:
    """The normal form of each text, without characters of private use, which stand for kinds and points here."""
    if not texts:
        return []
    return _PRIVATE.sub("", normalize_joined(texts)).split(SEPARATOR)


def either_way(plain: Sequence[str]) -> Flags:
    """Which texts ask whether or not (透不透, 贵不贵, 掉没掉): a character, a denial, the same character again."""
    letters = np.frombuffer("".join(plain).encode("utf-32-le"), np.int32)
    ends = np.cumsum([len(text) for text in plain], dtype=np.int64)
    found = np.zeros(len(plain), bool)
    if letters.size > 2:  # noqa: PLR2004 - three characters make such a question
        denied = (letters[1:-1] == ord("不")) | (letters[1:-1] == ord("没"))
        begins = np.flatnonzero(denied & (letters[:-2] == letters[2:]) & (letters[:-2] > ord("z")))
        text = np.searchsorted(ends, begins, side="right")
        found[text[begins + 2 < ends[text]]] = True
    return found


@dataclass(frozen=True)
class Trie:
    """Words as a tree of characters.

    Attributes:
        start: Edges ``start[n]`` to ``start[n + 1]`` leave node ``n``, in the order of their letters.
        letter, to: Letter of each edge, and the node it leads to.
        kinds: Of the word that ends at each node, as bits; 0: none does.
    """

    start: Ids
    letter: Ids
    to: Ids
    kinds: Ids

    @classmethod
    def of(cls, words: Iterable[tuple[str, int]]) -> Self:
        """Build it from words with the bits of their kinds."""
        nodes: list[dict[str, int]] = [{}]
        kinds = [0]
        for word, bits in words:
            at = 0
            for letter in word:
                following = nodes[at].get(letter)
                if following is None:
                    following = nodes[at][letter] = len(nodes)
                    nodes.append({})
                    kinds.append(0)
                at = following
            kinds[at] |= bits
        edges = [edge for node in nodes for edge in sorted(node.items())]
        return cls(
            bounds(np.array([len(node) for node in nodes], np.int64)).astype(np.int32),
            np.array([ord(letter) for letter, _ in edges], np.int32),
            np.array([to for _, to in edges], np.int32),
            np.array(kinds, np.int32),
        )


@cache
def _trie() -> Trie:
    return Trie.of((word, 1 << number) for number, kind in enumerate(KINDS) for word in sorted(listed(kind)))


def kinds_of(texts: Sequence[str]) -> list[str]:
    """The kinds of the words of each text, a letter each (:data:`LETTER`, :data:`GAP`).

    Args:
        texts: Texts in normal form.
    """
    trie = _trie()
    letters = np.frombuffer("".join(texts).encode("utf-32-le"), np.int32).copy()
    start = bounds(np.array([len(text) for text in texts], np.int64))
    out = np.empty(2 * letters.size + len(texts), np.int32)
    ends = np.empty(len(texts), np.int64)
    _kinds(start, letters, trie.start, trie.letter, trie.to, trie.kinds, out, ends)
    last = int(ends[-1]) if ends.size else 0
    joined = out[:last].tobytes().decode("utf-32-le")
    places = [0, *ends.tolist()]
    return [joined[places[n] : places[n + 1]] for n in range(len(texts))]


@inlined
def _longest(at: int, end: int, letters: Ids, edges: Ids, letter: Ids, to: Ids, kinds: Ids) -> tuple[int, int]:
    """Kinds of the longest word that begins at a place, and its length; 0 and 1 where none does."""
    node, best, length = 0, 0, 1
    for place in range(at, end):
        low, high = edges[node], edges[node + 1]
        while low < high:
            middle = (low + high) // 2
            if letter[middle] < letters[place]:
                low = middle + 1
            else:
                high = middle
        if low == edges[node + 1] or letter[low] != letters[place]:
            break
        node = to[low]
        if kinds[node] != 0:
            best, length = kinds[node], place + 1 - at
    return best, length


@compiled(i8[::1], i4[::1], i4[::1], i4[::1], i4[::1], i4[::1], i4[::1], i8[::1])
def _kinds(start: Ints, letters: Ids, edges: Ids, letter: Ids, to: Ids, kinds: Ids, out: Ids, ends: Ints) -> None:
    """Write the letters of the kinds of every text; ``ends`` says where those of each text end."""
    filled = 0
    for text in range(start.size - 1):
        at, end, passed = start[text], start[text + 1], 0
        while at < end:
            best, length = _longest(at, end, letters, edges, letter, to, kinds)
            passed = passed + 1 if best == 0 else passed
            if passed >= _WIDE and best != 0:
                out[filled] = _GAP
                filled += 1
            # There is room for two letters a character; words of many kinds are few and long enough.
            written, number = 0, 0
            while best != 0 and written < 2 * length:
                if best & 1 != 0:
                    out[filled] = FIRST_LETTER + number
                    filled += 1
                    written += 1
                    passed = 0
                best >>= 1
                number += 1
            at += length
        if passed >= _WIDE:
            out[filled] = _GAP
            filled += 1
        ends[text] = filled
