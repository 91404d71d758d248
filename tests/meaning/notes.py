"""Stores with a few notes, for comparing meanings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indexer.stores import open_store
from indexer.stores.contract import Store
from indexer.stores.memory import MemoryStore
from tests.contract.rows import STAMP, table

NOTES: list[dict[str, Any]] = [
    {"note_id": "n1", "title": "纸尿裤怎么选", "content": "透气的最好" * 100, "tags": ["育儿", "宝宝"]},
    {"note_id": "n2", "title": "尿不湿怎么选", "content": "透气的最好" * 100, "tags": ["育儿", "宝宝"]},
    {"note_id": "n3", "title": "防晒霜测评", "content": "夏天\n不  油腻\u0000", "tags": None},
    {"note_id": "n4", "title": None, "content": "奶粉转奶攻略", "tags": [None, "奶粉"]},
    {"note_id": "n5", "title": "  ", "content": None, "tags": []},
    {"note_id": "n0", "title": "防晒霜测评", "content": "夏天 不 油腻", "tags": None},
]


@contextmanager
def store_with(kind: str, folder: Path, notes: Iterable[Mapping[str, Any]] = NOTES) -> Iterator[Store]:
    """A store of that kind that holds these notes."""
    made: Store = MemoryStore() if kind == "memory" else open_store(str(folder / "store"), create=True)
    with made as store:
        add(store, notes)
        yield store


def add(store: Store, notes: Iterable[Mapping[str, Any]]) -> None:
    """Import notes."""
    with store.writer(holder="test") as writer:
        writer.write("note", table("note", [{"engagement": 0, **note} for note in notes]))
        writer.publish(STAMP)
