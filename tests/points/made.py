"""Texts given as words, and the need phrases in them, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from gapfinder.points.grammar import Grammar
from gapfinder.points.phrases import PAIR, Phrases, find_phrases
from gapfinder.points.roles import COMPLAINED, LACKING, PRAISED, PROMISED, SPARED, Roles
from gapfinder.texts.words import Texts, Words

WAYS = {
    PRAISED: "praised",
    COMPLAINED: "complained",
    SPARED: "spared",
    PROMISED: "promised",
    LACKING: "lacking",
}


@dataclass(frozen=True)
class Said:
    """A phrase as one reads it: its words, the words of its core, how it is said."""

    words: str
    core: str
    way: str


def core_of(words: Words, core: int) -> str:
    names = words.names
    return names[core] if core < 1 << PAIR else names[(core >> PAIR) - 1] + names[core & ((1 << PAIR) - 1)]


def read(words: Words, texts: Texts, found: Phrases) -> list[list[Said]]:
    """The phrases of each text, spelled out; their place and length are those of the words."""
    phrases: list[list[Said]] = [[] for _ in range(len(texts))]
    columns = (found.text, found.place, found.length, found.core, found.way)
    for text, place, length, core, way in zip(*(column.tolist() for column in columns), strict=True):
        at = int(texts.start[text]) + place
        own = texts.words[at : at + length].tolist()
        assert min(own) >= 0, "a phrase spans no end of a value"
        phrases[text].append(Said(" ".join(words.names[word] for word in own), core_of(words, core), WAYS[way]))
    return phrases


def phrases_in(*values: str, body: Collection[str] = (), claims: Collection[str] = ()) -> list[Said]:
    """The phrases of one text of these values, whose words are parted by spaces."""
    words = Words.of(sorted(body))
    roles = Roles(words, frozenset(claims))
    texts = words.texts(pa.array([list(values)], pa.list_(pa.string())))
    roles.grown()  # the cores of words that are taken apart make the vocabulary grow
    return read(words, texts, find_phrases(texts, roles, flags(words, body)))[0]


def flags(words: Words, names: Collection[str]) -> np.ndarray:
    """Which words of a vocabulary are among some names."""
    return np.array([name in names for name in words.names], bool)


def said_in(grammar: Grammar, lines: Sequence[Sequence[str]]) -> list[list[Said]]:
    """The phrases that a grammar finds in texts of one value each."""
    texts = grammar.join(grammar.words.lists(lines))
    return read(grammar.words, texts, grammar.find(texts))
