"""The words that make a need, a crowd, a price or a question in any category: lists written by this project.

Each file holds one class of words, parted by white space; ``#`` starts a comment. ``points.txt`` holds one group of
words a line: they stand for one selling point and share too few characters to be folded by them. What belongs to one
category only (parts of the body, claims of its products) is not shipped but learned from the store.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

from indexer.normalize import normalize

CLASSES: Final = (
    "remove", "give", "negation", "degree", "stress", "complaints", "benefits", "ingredients",
    "crowds", "scenes", "price", "choose", "how", "trouble", "buy", "tail", "packing", "places",
    "suffixes", "body", "vague", "attributes",
)  # fmt: skip


@cache
def words_of(name: str) -> frozenset[str]:
    """The words of one class of :data:`CLASSES`."""
    return frozenset(word for line in _lines(name) for word in line)


@cache
def point_groups() -> tuple[tuple[str, ...], ...]:
    """Groups of words that stand for one selling point; a word is in one group at the most."""
    return tuple(line for line in _lines("points") if line)


def _lines(name: str) -> list[tuple[str, ...]]:
    text = (resources.files(__package__) / f"{name}.txt").read_text(encoding="utf-8")
    return [tuple(normalize(word) for word in line.split("#", 1)[0].split()) for line in text.splitlines()]
