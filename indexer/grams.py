"""Character 2-grams: what finds a note whose words were cut otherwise, or that says it in nearly the same words.

They are made from segmented text (terms parted by spaces), so punctuation and spaces are out already, and kept in the
order of the characters: the characters can be read back from them. A text of one character is its own gram.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from indexer.normalize import SEPARATOR

OPENING: Final = 100  # characters of a note's text that are looked at besides its title and tags


def character_grams(terms: str, most: int | None = None) -> str:
    """The 2-grams of a segmented text, parted by one space.

    Args:
        terms: Terms parted by spaces.
        most: Only so many characters from its start.
    """
    text = terms.replace(" ", "")[:most]
    return " ".join(map("".join, pairwise(text))) if len(text) > 1 else text


def all_character_grams(texts: Sequence[str], most: int | None = None) -> list[str]:
    """The :func:`character_grams` of many texts in their normal form: ten times faster than one by one."""
    joined = SEPARATOR.join([text.replace(" ", "")[:most] for text in texts])
    points = np.frombuffer(f"{SEPARATOR}{joined}{SEPARATOR}".encode("utf-32-le"), np.uint32)
    breaks = points == ord(SEPARATOR)
    here, after = ~breaks[1:-1], ~breaks[2:]
    paired, alone = here & after, here & ~after & breaks[:-2]
    # A pair takes three places (with the space behind it), a text of one character two, a break one, the last
    # character of a text none.
    places = np.cumsum(3 * paired + 2 * alone + breaks[1:-1])
    grams = np.full(places[-1] if len(places) else 0, ord(" "), np.uint32)
    grams[places[paired] - 3] = points[1:-1][paired]
    grams[places[paired] - 2] = points[2:][paired]
    grams[places[alone] - 2] = points[1:-1][alone]
    grams[places[breaks[1:-1]] - 1] = ord(SEPARATOR)
    return [text.rstrip(" ") for text in grams.tobytes().decode("utf-32-le").split(SEPARATOR)][: len(texts)]


def query_grams(terms: Iterable[str]) -> list[str]:
    """The 2-grams of a query's terms in order; a gram may come up twice."""
    return character_grams("".join(terms)).split(" ")
