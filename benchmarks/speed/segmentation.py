"""Notes a second that are cut into terms: jieba, rjieba and the project, all normalising, with the same dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import orjson

from benchmarks.market import notes
from benchmarks.speed.children import Taken, Way, Work, alternating
from indexer.dictionary import shipped_dictionary
from indexer.normalize import normalize
from indexer.segment import segmenter_of

NOTES: Final = 20_000
_TEXTS: Final = "texts.json"
_BATCH: Final = 2_000
_WORD: Final = re.compile(r"\w")


def prepare(folder: Path, count: int) -> None:
    """Write the texts of that many notes."""
    texts = [text for batch in notes(count) for text in batch.column("content").to_pylist()]
    (folder / _TEXTS).write_bytes(orjson.dumps(texts))


def _texts(folder: Path) -> list[str]:
    texts: list[str] = orjson.loads((folder / _TEXTS).read_bytes())
    return texts


def by_jieba(folder: Path) -> Work:
    """Cut by jieba without its HMM, one text at a time."""
    import jieba  # noqa: PLC0415 - in the process that measures it alone

    cutter = jieba.Tokenizer()
    cutter.initialize()
    for word, frequency in shipped_dictionary().words:
        cutter.add_word(word, frequency)
    texts = _texts(folder)
    return lambda: [_kept(cutter.cut(normalize(text), HMM=False)) for text in texts]


def by_rjieba(folder: Path) -> Work:
    """Likewise by rjieba."""
    import rjieba  # noqa: PLC0415 - likewise

    cutter = rjieba.Jieba()
    for word, frequency in shipped_dictionary().words:
        cutter.add_word(word, frequency, None)
    texts = _texts(folder)
    return lambda: [_kept(cutter.cut(normalize(text), False)) for text in texts]  # noqa: FBT003 - it has no name there


def by_us(folder: Path) -> Work:
    """The project's segmenter, as an import calls it."""
    segmenter, texts = segmenter_of(shipped_dictionary()), _texts(folder)
    return lambda: [
        cut for first in range(0, len(texts), _BATCH) for cut in segmenter.segment_all(texts[first : first + _BATCH])
    ]


def _kept(terms: Iterable[str]) -> str:
    return " ".join(term for term in terms if _WORD.search(term))


WAYS: Final[dict[str, Way]] = {"jieba": by_jieba, "rjieba": by_rjieba, "ours": by_us}


def measure(folder: Path, count: int) -> dict[str, Taken]:
    """Time all ways on that many notes."""
    prepare(folder, count)
    return alternating(WAYS, folder)
