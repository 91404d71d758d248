"""The vectors of an embedder in every store."""

from __future__ import annotations

import numpy as np
import pytest

from gapfinder.meaning import cache
from gapfinder.meaning.cache import VectorCache
from gapfinder.meaning.quantised import Small
from gapfinder.meaning.texts import Keys
from indexer.stores.contract import Store
from tests.contract.subjects import Subject


def rows(first: int, end: int, dimensions: int) -> tuple[Keys, Small]:
    keys = np.array([f"{number:032x}" for number in range(first, end)], "S32")
    vectors = np.random.default_rng(first).integers(-127, 128, (end - first, dimensions)).astype(np.int8)
    return keys, vectors


def kept(store: Store, embedder: str) -> dict[bytes, list[int]]:
    return {
        key: vector
        for keys, vectors in VectorCache(store, embedder).pieces()
        for key, vector in zip(keys.tolist(), vectors.tolist(), strict=True)
    }


@pytest.mark.parametrize("dimensions", [1, 2, 3, 768])
def test_vectors_come_back_as_they_were(
    subject: Subject, store: Store, monkeypatch: pytest.MonkeyPatch, dimensions: int
) -> None:
    monkeypatch.setattr(cache, "PIECE", 100)
    writing = VectorCache(store, "model@somewhere")
    assert writing.dimensions is None
    expected: dict[bytes, list[int]] = {}
    for first in range(0, 250, 50):
        keys, vectors = rows(first, first + 50, dimensions)
        writing.add(keys, vectors)
        expected.update(zip(keys.tolist(), vectors.tolist(), strict=True))
    writing.flush()
    writing.flush()
    assert len(store.runs()) == 3
    again = subject.open() if subject.outlives else store
    assert VectorCache(again, "model@somewhere").dimensions == dimensions
    assert kept(again, "model@somewhere") == expected
    assert kept(again, "another@somewhere") == {}
    if again is not store:
        again.close()
    repeated = VectorCache(store, "model@somewhere")
    repeated.add(*rows(200, 250, dimensions))
    repeated.flush()
    assert len(store.runs()) == 3, "the same piece is written over itself"
