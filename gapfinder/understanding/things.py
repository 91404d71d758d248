"""Words that end like the name of a thing to buy, and other nouns that may be one."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from gapfinder.lexicon import words_of
from gapfinder.texts.speech import tags_of
from indexer.dictionary import function_words

NAMED: Final = 2  # how surely a word names a thing that ends like the name of one
_NO_HEADS: Final = frozenset("mqtpdrucyfeowxs")  # first letters of the tags of words that name no thing
_NO_ENDS: Final = "的地得了着过"
# One character that is a word of its own and begins no name of a thing, unless the dictionary holds it (内裤, 外套).
_APART: Final = frozenset(
    "会能要想涂抹戴穿买选擦敷做后里上下前中内外就还都把给让和与跟对从在到更最再又很太着了过的地得吗呢啊多款系版型牌级"
)


@cache
def suffixes() -> frozenset[str]:
    """Characters that end names of things."""
    return words_of("suffixes")


@lru_cache(maxsize=1 << 18)
def thingness(word: str) -> int:
    """2 for a word that ends like the name of a thing, 1 for another noun, 0 for none."""
    if word in function_words() or word.isascii() or word[0].isdigit() or word in words_of("body") | words_of("vague"):
        return 0
    if word[-1] in _NO_ENDS:
        return 0
    ends = word[-1] in words_of("suffixes") or word in words_of("suffixes")
    tags = tags_of(word)
    tag = tags[-1] if tags else "x"
    whole = len(tags) == 1
    if whole and (tag[0] in _NO_HEADS or tag in ("ns", "nr", "nrt", "a", "ad", "b", "v", "i", "l")):
        return 2 if ends and tag in ("v", "b", "l", "nr") and len(word) > 2 else 0  # noqa: PLR2004 - longer than a pair
    return 2 if ends else 1


def is_thing(word: str) -> bool:
    """Whether a word of two characters and more ends like the name of a thing."""
    return len(word) > 1 and thingness(word) == NAMED


def stands_apart(word: str) -> bool:
    """Whether a character is a word of its own beside the name of a thing (烫染 后 发膜, 能 涂 指甲油)."""
    return word in _APART
