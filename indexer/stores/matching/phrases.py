"""How many notes hold each keyword as a phrase: one walk over the notes through a tree of all keywords.

A node of the tree is a sequence of terms with which a keyword begins; a term alone is the node with its own number.
From each place of a note the walk goes down as far as the tree does, so all phrases that begin there are met at once,
however many keywords there are (a trie of sequences, as in Fredkin 1960).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numba import types

from indexer.stores.matching.bits import U8, signed
from indexer.stores.matching.compiled import compiled, inlined
from indexer.stores.matching.plan import I4, I8, Keywords

_NONE: Final = -1
_HINT_BITS: Final = 2
_HINTS: Final = 1 << _HINT_BITS
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio parts neighbours (Knuth, TAOCP 6.4)

_I4 = types.int32[::1]
_I8 = types.int64[::1]
_READ_I4 = types.Array(types.int32, 1, "C", readonly=True)


class Tree(NamedTuple):
    """The edges of the tree, in a hash table with open addressing.

    Attributes:
        keys: ``parent * terms + term`` of each edge, -1 where the slot is free; a power of two, half full or less.
        children: The node each edge leads to.
        hint: Bits, four for each slot, set where the spread key of an edge begins with that number. Most terms that
            follow each other are no edge, and these bits say so from the processor's cache (Bloom 1970).
        shift: How far a spread key is shifted to give its first slot.
        terms: Number of terms, which are the first nodes.
    """

    keys: I8
    children: I4
    hint: U8
    shift: int
    terms: int


_TREE = types.NamedTuple([_I8, _I4, types.uint64[::1], types.int64, types.int64], Tree)  # type: ignore[no-untyped-call]


class Phrases(NamedTuple):
    """The tree of some keywords, the node each of them ends at, and the number of nodes."""

    tree: Tree
    ends: I8
    nodes: int


def phrases_of(keywords: Keywords, terms: int) -> Phrases:
    """The tree of the keywords (``terms``: how many terms there are)."""
    ends = keywords.terms[keywords.starts[:-1]].astype(np.int64)
    lengths = np.diff(keywords.starts)
    edges: list[I8] = []
    nodes = terms
    going = np.flatnonzero(lengths > 1)
    depth = 1
    while len(going):
        key = ends[going] * terms + keywords.terms[keywords.starts[going] + depth]
        order = np.argsort(key, kind="stable")
        new = np.diff(key[order], prepend=-1) > 0
        ends[going[order]] = nodes + np.cumsum(new) - 1
        edges.append(key[order][new])
        nodes += len(edges[-1])
        depth += 1
        going = going[lengths[going] > depth]
    every = np.concatenate([np.zeros(0, np.int64), *edges])
    bits = max(1, int(2 * len(every)).bit_length())
    slots = np.full(1 << bits, _NONE, np.int64), np.empty(1 << bits, np.int32)
    tree = Tree(*slots, np.zeros(max(1, (_HINTS << bits) // 64), np.uint64), 64 - bits, terms)
    _fill(every, tree)
    return Phrases(tree, ends, nodes)


def count_phrases(starts: I4, ids: I4, phrases: Phrases) -> I4:
    """In how many of these notes each node of the tree is met; 0 for the nodes that are single terms."""
    counts, seen = np.zeros((2, phrases.nodes), np.int32)
    _walk(starts, ids, phrases.tree, seen, counts)
    return counts


@inlined
def _slot(tree: Tree, key: int, spread: np.uint64) -> int:
    """The slot of an edge: where it is, or where it would be put."""
    slot = signed(spread >> np.uint64(tree.shift))
    while tree.keys[slot] != key and tree.keys[slot] != _NONE:
        slot = (slot + 1) & (len(tree.keys) - 1)
    return slot


@compiled(_I8, _TREE)
def _fill(edges: I8, tree: Tree) -> None:
    """Put the edges into the table; they lead to the nodes that follow the terms, in order."""
    for number in range(len(edges)):
        spread = np.uint64(edges[number]) * _SPREAD
        slot = _slot(tree, edges[number], spread)
        tree.keys[slot] = edges[number]
        tree.children[slot] = tree.terms + number
        hint = spread >> np.uint64(tree.shift - _HINT_BITS)
        tree.hint[hint >> np.uint64(6)] |= np.uint64(1) << (hint & np.uint64(63))


@inlined
def _child(tree: Tree, parent: int, term: int) -> int:
    """The node that a term leads to, or a negative number."""
    key = signed(parent) * tree.terms + term
    spread = np.uint64(key) * _SPREAD
    hint = spread >> np.uint64(tree.shift - _HINT_BITS)
    if tree.hint[hint >> np.uint64(6)] >> (hint & np.uint64(63)) & np.uint64(1) == 0:
        return signed(_NONE)
    slot = _slot(tree, key, spread)
    return signed(tree.children[slot]) if tree.keys[slot] == key else signed(_NONE)


@compiled(_READ_I4, _READ_I4, _TREE, _I4, _I4)
def _walk(starts: I4, ids: I4, tree: Tree, seen: I4, counts: I4) -> None:
    """Count each node once for each note in which it is met (``seen`` and ``counts``: a zero for each node)."""
    for note in range(len(starts) - 1):
        for first in range(starts[note], starts[note + 1] - 1):
            node = signed(ids[first])
            after = first + 1
            while node >= 0 and after < starts[note + 1] and ids[after] >= 0:
                node = _child(tree, node, ids[after])
                if node >= 0 and seen[node] != note + 1:
                    seen[node] = note + 1
                    counts[node] += 1
                after += 1
