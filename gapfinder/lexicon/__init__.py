"""The words that make a need, a crowd, a price or a question in any category: lists written by this project.

Each file holds one class of words, parted by white space; ``#`` starts a comment. ``points.txt`` holds one group of
words a line: they stand for one selling point and share too few characters to be folded by them. What belongs to one
category only (parts of the body, claims of its products) is not shipped but learned from the store. ``sayings.txt``
holds how people paraphrase a need: each belongs to the group of the need, and to its complaints or benefits.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from indexer.normalize import normalize

CLASSES: Final = (
    "remove", "give", "negation", "degree", "stress", "complaints", "benefits", "ingredients",
    "crowds", "scenes", "price", "choose", "how", "trouble", "buy", "tail", "packing", "places",
    "suffixes", "body", "vague", "attributes", "parcel", "general",
)  # fmt: skip
_SIGNS: Final = {"complaints": "-", "benefits": "+"}


@cache
def words_of(name: str) -> frozenset[str]:
    """The words of one class of :data:`CLASSES`."""
    said = (phrases for _, sign, *phrases in _sayings() if sign == _SIGNS.get(name))
    return frozenset(word for line in (*_lines(name), *said) for word in line)


@cache
def point_groups() -> tuple[tuple[str, ...], ...]:
    """Groups of words that stand for one selling point; a word is in one group at the most."""
    groups = [list(line) for line in _lines("points") if line]
    of_word = {word: group for group in groups for word in group}
    for head, _, *phrases in _sayings():
        if head not in of_word:
            groups.append(of_word.setdefault(head, [head]))
        new = [phrase for phrase in phrases if phrase not in of_word]
        of_word[head].extend(new)
        of_word |= dict.fromkeys(new, of_word[head])
    return tuple(tuple(group) for group in groups)


def _sayings() -> list[tuple[str, ...]]:
    """Lines of a word of a point, a sign and phrases."""
    return [line for line in _lines("sayings") if line]


def _lines(name: str) -> list[tuple[str, ...]]:
    text = (resources.files(__package__) / f"{name}.txt").read_text(encoding="utf-8")
    return [tuple(normalize(word) for word in line.split("#", 1)[0].split()) for line in text.splitlines()]
