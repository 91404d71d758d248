"""Where the words of a text stand in it as it was written, in characters.

Words are cut from the normal form of a text (:mod:`indexer.normalize`), whose characters may be more or fewer than
those that were written: ㎏ becomes kg, a letter and its accent become one, zero-width characters go. So the text is
normalised piece by piece, each piece so small that it becomes what it becomes in the whole text, and every character
of the normal form keeps the piece that it came from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Final

from indexer.normalize import normalize

Span = tuple[int, int]  # first character, and the one behind the last

_FRAME: Final = "|"  # composes with nothing, and is in no word of the script conversion
_KNOWN: Final = 1 << 16  # pieces that are remembered
_HANGUL: Final = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))  # vowels and endings, which join by rule
_COMPOSED: Final = 0x20000  # no character that is composed of two lies beyond


def word_places(raw: str, words: Sequence[str]) -> list[Span]:
    """Where each of the words that a text was cut into stands in it.

    Between the words of a text stands only what holds no character of a word, so each is found as the next occurrence
    behind the one before it.

    Args:
        raw: The text as it was written.
        words: All its words in order, as the segmenter cut them.

    Returns:
        For each word its span. Words of one written character (㍿: 株式, 会社) share its span; a word that is not there
        has an empty one.
    """
    text, spans = _normal(raw)
    found: list[Span] = []
    at = 0
    for word in words:
        start = text.find(word, at)
        if start < 0:
            behind = found[-1][1] if found else 0
            found.append((behind, behind))
            continue
        at = start + len(word)
        found.append((spans[start][0], spans[at - 1][1]))
    return found


def has_words(raw: str) -> bool:
    """Whether a text has any word: terms without a letter, digit or ideograph are dropped."""
    return any(character.isalnum() or character == "_" for character in normalize(raw))


def _normal(raw: str) -> tuple[str, Sequence[Span]]:
    """The normal form of a text without its spaces, and the written characters behind each of its characters."""
    text = normalize(raw).replace(" ", "")
    if text == raw:
        return text, [(place, place + 1) for place in range(len(raw))]
    pieces: list[str] = []
    spans: list[Span] = []
    for piece, start, end in _pieces(raw):
        normal = _normal_piece(piece)
        pieces.append(normal)
        spans += [(start, end)] * len(normal)
    if len(spans) == len(text):  # the script conversion may choose by a whole word, but always as many characters
        return text, spans
    return text, _matched("".join(pieces), text, spans, len(raw))


def _pieces(raw: str) -> Iterator[tuple[str, int, int]]:
    """The parts of a text that no step of the normal form looks beyond, each with its start and end."""
    piece, start, end = "", 0, 0
    for place, character in enumerate(raw):
        if _vanishes(character):
            continue
        if piece and _begins(character):
            yield piece, start, end
            piece = ""
        if not piece:
            start = place
        piece += character
        end = place + 1
    if piece:
        yield piece, start, end


@lru_cache(maxsize=_KNOWN)
def _normal_piece(piece: str) -> str:
    return normalize(f"{_FRAME}{piece}{_FRAME}")[1:-1].replace(" ", "")


@lru_cache(maxsize=_KNOWN)
def _vanishes(character: str) -> bool:
    """Whether a character is taken out before anything is composed."""
    return normalize(f"{_FRAME}{character}{_FRAME}") == _FRAME * 2


@lru_cache(maxsize=_KNOWN)
def _begins(character: str) -> bool:
    """Whether a character can't become one with what stands before it."""
    first = unicodedata.normalize("NFKD", character)[:1]
    return not first or (unicodedata.combining(first) == 0 and first not in _joining())


@cache
def _joining() -> frozenset[str]:
    """Characters of their own that may become one with the character before."""
    decomposed = (unicodedata.decomposition(chr(code)).split(" ") for code in range(_COMPOSED))
    seconds = {chr(int(parts[1], 16)) for parts in decomposed if len(parts) == 2 and not parts[0].startswith("<")}  # noqa: PLR2004 - a pair
    return frozenset(seconds | {chr(code) for code in _HANGUL})


def _matched(pieces: str, text: str, spans: Sequence[Span], end: int) -> list[Span]:
    """The spans of a normal form that its pieces do not make: those of what is alike, and what lies between."""
    found: list[Span] = []
    for tag, first, last, start, stop in SequenceMatcher(None, pieces, text, autojunk=False).get_opcodes():
        if tag == "equal" or last - first == stop - start:
            found += spans[first:last]
            continue
        begin = spans[first][0] if first < len(spans) else end
        finish = spans[last - 1][1] if last > first else begin
        found += [(begin, finish)] * (stop - start)
    return found
