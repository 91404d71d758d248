from __future__ import annotations

import inspect

import pytest

from indexer.stores import contract, memory
from indexer.stores.delta import snapshot as delta_snapshot
from indexer.stores.delta import store as delta_store
from indexer.stores.delta import writer as delta_writer
from indexer.stores.elastic import snapshot as elastic_snapshot
from indexer.stores.elastic import store as elastic_store
from indexer.stores.elastic import writer as elastic_writer

PAIRS = [
    (contract.Store, memory.MemoryStore),
    (contract.Snapshot, memory.MemorySnapshot),
    (contract.Writer, memory.MemoryWriter),
    (contract.Store, delta_store.DeltaStore),
    (contract.Snapshot, delta_snapshot.DeltaSnapshot),
    (contract.Writer, delta_writer.DeltaWriter),
    (contract.Store, elastic_store.ElasticStore),
    (contract.Snapshot, elastic_snapshot.ElasticSnapshot),
    (contract.Writer, elastic_writer.ElasticWriter),
]


@pytest.mark.parametrize(("base", "made"), PAIRS, ids=lambda made: made.__name__)
def test_a_store_takes_what_the_contract_says(base: type, made: type) -> None:
    names = [name for name, member in vars(base).items() if inspect.isfunction(member) and not name.startswith("_")]
    assert names
    for name in names:
        wanted = inspect.signature(getattr(base, name)).parameters
        found = inspect.signature(getattr(made, name)).parameters
        assert [(p.name, p.kind, p.default) for p in found.values()] == [
            (p.name, p.kind, p.default) for p in wanted.values()
        ], name


@pytest.mark.parametrize(("base", "made"), PAIRS, ids=lambda made: made.__name__)
def test_a_store_offers_nothing_that_the_others_lack(base: type, made: type) -> None:
    used_inside = {"open", "take_lease", "give_lease_back", "state", "lease", "publish"}
    offered = {name for name, member in vars(made).items() if callable(member) and not name.startswith("_")}
    assert offered - used_inside <= set(dir(base))
