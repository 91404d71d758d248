"""Notes a second that are cut into terms: jieba, rjieba and the project, all normalising, with the same dictionary."""

from __future__ import annotations

import multiprocessing
import re
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Final

import orjson

from benchmarks.speed.children import Way, Work, alternating
from benchmarks.speed.part import WAYS as COLUMNS
from benchmarks.speed.part import Goal, Part, way_rows
from benchmarks.synthetic import notes
from indexer.dictionary import shipped_dictionary
from indexer.normalize import normalize
from indexer.segment import segmenter_of
from tests.jieba_reference import add_words

PROCESSES: Final = 2
_TEXTS: Final = "texts.json"
_BATCH: Final = 500  # texts; few, so that both processes end at the same time
_WORD: Final = re.compile(r"\w")
_WHY: Final = (
    "rjieba's own cut is more than half of what a note takes, and jieba's side is about 12 times that by itself; an "
    "import cuts in as many processes as there are processors, which is the next line"
)


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
    add_words(cutter, shipped_dictionary().words)
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
    """The project's segmenter in one process."""
    segmenter, texts = segmenter_of(shipped_dictionary()), _texts(folder)
    return lambda: [
        cut for first in range(0, len(texts), _BATCH) for cut in segmenter.segment_all(texts[first : first + _BATCH])
    ]


def by_our_import(folder: Path) -> Work:
    """The same in two processes, as an import does it; texts and terms go through pipes."""
    texts = _texts(folder)
    pool = ProcessPoolExecutor(PROCESSES, multiprocessing.get_context("spawn"))
    list(pool.map(_cut, [texts[:1]] * 4 * PROCESSES))  # every process has its dictionary
    portions = [texts[first : first + _BATCH] for first in range(0, len(texts), _BATCH)]

    def work() -> list[str]:
        with pool:  # which ends with the work
            return [cut for portion in pool.map(_cut, portions) for cut in portion]

    return work


def _cut(texts: list[str]) -> list[str]:
    return segmenter_of(shipped_dictionary()).segment_all(texts)


def _kept(terms: Iterable[str]) -> str:
    return " ".join(term for term in terms if _WORD.search(term))


WAYS: Final[dict[str, Way]] = {
    "jieba": by_jieba,
    "rjieba": by_rjieba,
    "gapfinder, 1 process": by_us,
    "gapfinder, 2 processes": by_our_import,
}


def measure(folder: Path, count: int, rounds: int) -> Part:
    """Time all ways on that many notes."""
    prepare(folder, count)
    taken = alternating(WAYS, folder, rounds)
    rows = way_rows(taken, lambda _: count, "notes", "jieba")
    alone, together = (taken["jieba"].seconds / taken[way].seconds for way in list(WAYS)[2:])
    return Part(
        about=f"{count:,} notes normalised and cut with the shipped dictionary; all give the same terms.",
        columns=COLUMNS,
        rows=rows,
        goals=(
            Goal("segmenting against jieba, one process each", alone, 12.0, least=True, why=_WHY),
            Goal("segmenting against jieba, on two processors", together, 12.0, least=True),
        ),
        figures={way: asdict(one) for way, one in taken.items()},
        bars={str(row[0]): float(str(row[3])) for row in rows},
    )
