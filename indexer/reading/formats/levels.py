"""Catalogues that say a category level by level (一级类目, 二级类目, 叶子类目): the columns become one path."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from indexer.reading.chunks import Chunk, Column
from indexer.reading.personal import folded_name

PATH_COLUMN: Final = "类目路径"
SEPARATOR: Final = " > "
_LEVEL: Final = re.compile("(?:([一二三四五六七八九])级|(叶子|末级))(?:类目|分类|品类)(?:名称)?")
_PLAIN: Final = ("类目", "品类", "分类", "category")
_ORDER: Final = "一二三四五六七八九"
_LEAF: Final = len(_ORDER)  # how far behind the levels that are counted the leaf stands


def is_level(folded: str) -> bool:
    """Whether a column of that folded name holds one level of a category."""
    return _LEVEL.fullmatch(folded) is not None


def with_paths(chunk: Chunk, taken: Collection[str]) -> Chunk:
    """The chunk with the levels of each row as one path in front; the columns themselves stay as they are.

    Args:
        chunk: Rows of a product catalogue.
        taken: Folded names of columns that the user has given another meaning.
    """
    ranked = sorted((rank, name) for name in chunk.columns if (rank := _rank(folded_name(name), taken)) is not None)
    if not any(is_level(folded_name(name)) for _, name in ranked):
        return chunk
    if any(rank == _LEAF for rank, _ in ranked):  # a plain column beside a leaf is another shelf of the shop
        ranked = [(rank, name) for rank, name in ranked if rank <= _LEAF]
    levels = [_listed(chunk.columns[name]) for _, name in ranked]
    paths = [_path(cells) for cells in zip(*levels, strict=True)]
    return Chunk({PATH_COLUMN: paths, **chunk.columns}, chunk.lines, chunk.broken, chunk.passed)


def _rank(folded: str, taken: Collection[str]) -> int | None:
    """Where a column stands in the path; None: it is no level."""
    if folded in taken:
        return None
    found = _LEVEL.fullmatch(folded)
    if found is not None:
        return _ORDER.index(found[1]) if found[1] else _LEAF
    return _LEAF + 1 if folded in _PLAIN else None


def _listed(column: Column) -> list[Any]:
    return column if isinstance(column, list) else list(column.to_pylist())


def _path(cells: Collection[Any]) -> str | None:
    """The levels that are written, a repeated one once and where it stands highest; a single one as it is."""
    written = [text for cell in cells if cell is not None and (text := str(cell).strip())]
    return SEPARATOR.join(dict.fromkeys(written)) or None
