"""What the segmenter's own dictionary knows of a word: its part of speech, and how common it is."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import rjieba

_EVERYDAY: Final = 20  # frequency from which a word is an everyday one, and no name that got into the dictionary


@lru_cache(maxsize=1 << 18)
def tags_of(word: str) -> tuple[str, ...]:
    """The part of speech of each piece that a word is cut into (``n``, ``v``, ``a`` ... as ICTCLAS names them)."""
    return tuple(tag for _, tag in _plain().tag(word, False))  # noqa: FBT003 - the extension's parameter has no name


@lru_cache(maxsize=1 << 18)
def is_everyday(word: str) -> bool:
    """Whether the dictionary holds a word as a common one."""
    return bool(_plain().has_word(word)) and int(_plain().suggest_freq(word)) >= _EVERYDAY


@lru_cache(maxsize=1 << 18)
def is_word(word: str) -> bool:
    """Whether the dictionary holds a word, common or not."""
    return bool(_plain().has_word(word))


@cache
def _plain() -> rjieba.Jieba:
    """The segmenter without a word of this project or of a user."""
    return rjieba.Jieba()
