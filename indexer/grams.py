"""Character 2-grams: what finds a note whose words were cut otherwise, or that says it in nearly the same words.

They are made from segmented text (terms parted by spaces), so punctuation and spaces are out already, and kept in the
order of the characters: the characters can be read back from them. A text of one character is its own gram.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

OPENING: Final = 100  # characters of a note's text that are looked at besides its title and tags


def character_grams(terms: str, most: int | None = None) -> str:
    """The 2-grams of a segmented text, parted by one space.

    Args:
        terms: Terms parted by spaces.
        most: Only so many characters from its start.
    """
    text = terms.replace(" ", "")[:most]
    return " ".join(map("".join, pairwise(text))) if len(text) > 1 else text


def query_grams(terms: Iterable[str]) -> list[str]:
    """The 2-grams of a query's terms in order; a gram may come up twice."""
    return character_grams("".join(terms)).split(" ")
