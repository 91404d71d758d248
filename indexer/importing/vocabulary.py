"""The words of a store's segmenter: the shipped dictionary, the user's catalogue and the user's dictionary files.

Words change how text is cut, so they are fixed when the first text comes into a store and kept in its manifest. Words
that come later wait for ``gapfinder reindex``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa

from indexer.dictionary import DEFAULT_FREQUENCY, Dictionary, read_dictionary, shipped_dictionary
from indexer.errors import DataError
from indexer.normalize import normalize
from indexer.segment import segmenter_of
from indexer.stores.contract import Manifest, Snapshot, Store

Words = tuple[tuple[str, int], ...]
SEGMENTED: Final = ("note", "search", "volume", "ad", "comment")
_ONE_WORD: Final = re.compile(r"[^\W_]{2,12}")
_REINDEX: Final = "run: gapfinder reindex"


def store_dictionary(store: Store | Snapshot | Manifest | None) -> Dictionary:
    """The dictionary that a store's text was cut with: the shipped words and those in its manifest."""
    manifest = store.manifest() if isinstance(store, Store) else store
    if isinstance(manifest, Snapshot):
        manifest = manifest.manifest
    return shipped_dictionary().extended(manifest.words if manifest is not None else ())


def check_stamp(manifest: Manifest | None) -> None:
    """Refuse a store whose text was cut by another segmenter than the one that is here.

    Raises:
        DataError: It was; ``gapfinder reindex`` is the way out.
    """
    if manifest is None or manifest.segmenter is None or not has_text(manifest):
        return
    if segmenter_of(store_dictionary(manifest)).stamp != manifest.segmenter:
        raise DataError("the store was segmented by another segmenter or dictionary than this one's", hint=_REINDEX)


def has_text(manifest: Manifest | None) -> bool:
    """Whether a store holds anything segmented."""
    return manifest is not None and any(manifest.counts.get(record) for record in SEGMENTED)


def catalogue_words(batches: Iterable[pa.RecordBatch | pa.Table]) -> Iterator[tuple[str, int]]:
    """Brands of products, and what is new in their aliases: words of 2 to 12 characters.

    Words stay atomic, so that notes and queries cut alike however they put them together: the brand is taken out of an
    alias, and what is left is no word of its own when known words make it up (云朵熊纸尿裤 is 云朵熊 and 纸尿裤).
    """
    tables = list(batches)
    brands = {normalize(name) for one in tables for name in one.column("brand").to_pylist() if name}
    words = sorted(word for word in brands if _is_word(word))
    yield from ((word, DEFAULT_FREQUENCY) for word in words)
    segmenter = segmenter_of(shipped_dictionary().extended((word, DEFAULT_FREQUENCY) for word in words))
    brand = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)")
    aliases = {normalize(alias) for one in tables for row in one.column("aliases").to_pylist() for alias in row or ()}
    for piece in sorted({piece.strip() for alias in aliases for piece in brand.split(alias)}):
        if _is_word(piece) and any(len(term) == 1 for term in segmenter.terms(piece)):
            yield piece, DEFAULT_FREQUENCY


def _is_word(text: str) -> bool:
    return _ONE_WORD.fullmatch(text) is not None and not text.isdigit()


def file_words(paths: Sequence[Path]) -> Iterator[tuple[str, int]]:
    """Words of dictionary files."""
    for path in paths:
        yield from read_dictionary(path)


def user_words(*sources: Iterable[tuple[str, int]]) -> Words:
    """Words that the user adds to the shipped ones, sorted, later sources winning; words shipped alike are left out."""
    merged: dict[str, int] = {}
    for source in sources:
        merged.update(source)
    shipped = dict(shipped_dictionary().words)
    return tuple(sorted((word, count) for word, count in merged.items() if shipped.get(word) != count))


def waiting_words(manifest: Manifest, catalogue: Iterable[tuple[str, int]], files: Iterable[tuple[str, int]]) -> int:
    """How many catalogue words take effect only at the next reindex.

    Raises:
        DataError: A dictionary file says something else than the store's words: its text would have to be cut anew.
    """
    known = dict(store_dictionary(manifest).words)
    for word, frequency in files:
        if known.get(word) != frequency:
            raise DataError(
                f"the dictionary adds {word!r}, but the text in the store was segmented without it",
                hint="run: gapfinder reindex --dictionary FILE",
            )
    return sum(word not in known for word in dict(catalogue))
