"""One segmenter for notes and keywords: the engines behind the stores only split on spaces.

``rjieba`` without its HMM, over its own dictionary and the project's. Its cut equals ``jieba``'s (HMM off), which a
differential test holds for every dictionary. Terms without a word character (punctuation, emoji) are dropped from notes
and keywords alike, so that a phrase may cross a comma on both sides or on neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Final

import rjieba

from indexer.dictionary import Dictionary
from indexer.normalize import NORMALISATION, SEPARATOR, normalize, normalize_joined
from indexer.stores.contract import SegmenterStamp

LONGEST_TERM: Final = 255  # UTF-16 units; Elasticsearch's whitespace tokenizer cuts longer tokens
_WORD: Final = re.compile(r"\w")
# Terms without a word, each with the space before it, where terms are parted by spaces (a space is a term, too).
_WORDLESS: Final = re.compile(rf" [^\w{SEPARATOR}]+(?= )")
# What long terms come from: only Latin letters, digits and the signs among them make terms that no dictionary holds.
_LONG: Final = re.compile(f"[!-~]{{{LONGEST_TERM // 2}}}")
_TOGETHER: Final = 256  # texts, cut in one call: as many as the processor's cache holds
# A space beside a Han character is a typing habit (纸尿裤 推荐), a space between Latin words parts them (iphone case).
_HAN: Final = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN_SPACE: Final = re.compile(f"(?<=[{_HAN}]) | (?=[{_HAN}])")


class Segmenter:
    """Cuts normalised text into terms with one fixed dictionary.

    Args:
        dictionary: The words added to the segmenter's own; its hash is kept with the data.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._jieba = rjieba.Jieba()
        for word, frequency in dictionary.words:
            self._jieba.add_word(word, frequency, None)
        self.dictionary = dictionary
        self.stamp = SegmenterStamp(
            name="rjieba",
            version=version("rjieba"),
            hmm=False,
            dictionary_hash=dictionary.hash,
            normalisation=NORMALISATION,
        )

    def terms(self, text: str) -> list[str]:
        """The terms of one text (normalised here), in order."""
        return [term for term in self._cut(normalize(text)) if _WORD.search(term)]

    def query_terms(self, query: str) -> list[str]:
        """The terms of a query: spaces beside Han characters do not part words there."""
        return self.terms(_HAN_SPACE.sub("", normalize(query)))

    def segment_all(self, texts: Sequence[str]) -> list[str]:
        """Many texts, each as its terms parted by one space (normalised here; few calls into the segmenter)."""
        cut: list[str] = []
        for first in range(0, len(texts), _TOGETHER):
            spaced = f" {' '.join(self._cut(normalize_joined(texts[first : first + _TOGETHER])))} "
            cut += [part.strip(" ") for part in _WORDLESS.sub("", spaced).split(SEPARATOR)]
        return cut

    def segment_queries(self, queries: Sequence[str]) -> list[str]:
        """Many queries in their normal form, each as its :meth:`query_terms` parted by one space."""
        return self.segment_all(_HAN_SPACE.sub("", SEPARATOR.join(queries)).split(SEPARATOR)) if queries else []

    def _cut(self, text: str) -> list[str]:
        terms: list[str] = self._jieba.cut(text, False)  # noqa: FBT003 - the parameter has no name in the extension
        return [piece for term in terms for piece in _pieces(term)] if _LONG.search(text) else terms


def query_key(terms: Iterable[str]) -> str:
    """The key under which queries with the same words fold: distinct terms sorted by code point, space-parted."""
    return " ".join(sorted(set(terms)))


def _pieces(term: str) -> list[str]:
    """Cut a term into pieces of at most ``LONGEST_TERM`` UTF-16 units."""
    if len(term) * 2 <= LONGEST_TERM:
        return [term]
    pieces: list[str] = []
    piece: list[str] = []
    units = 0
    for character in term:
        width = 2 if ord(character) > 0xFFFF else 1  # noqa: PLR2004 - the end of the basic plane
        if units + width > LONGEST_TERM:
            pieces.append("".join(piece))
            piece, units = [], 0
        piece.append(character)
        units += width
    pieces.append("".join(piece))
    return pieces


@lru_cache(maxsize=4)
def segmenter_of(dictionary: Dictionary) -> Segmenter:
    """The segmenter of a dictionary, made once a process (loading takes a seventh of a second)."""
    return Segmenter(dictionary)
