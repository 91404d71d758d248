"""Three nodes, one of which dies in the middle of an import; and a node that asks who is there."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest

from indexer.errors import StoreError
from indexer.stores import open_store
from tests.elastic.rows import STAMP, table
from tests.servers.keeper import Kept

pytestmark = [pytest.mark.fault, pytest.mark.elasticsearch, pytest.mark.timeout(600)]

BATCH, BATCHES, KILLED_AT = 4_000, 8, 3


def _orders(first: int, count: int) -> pa.Table:
    return table("order", [{"order_id": f"o{n:06d}", "quantity": n} for n in range(first, first + count)])


@pytest.mark.xdist_group("three nodes")
def test_no_record_is_lost_or_doubled_when_a_node_is_killed(three_nodes: Kept) -> None:
    chance = random.Random(5)
    # The address is that of a node that lives: which node a client speaks to is the business of whoever sets it up.
    with open_store(three_nodes.urls[0], create=True) as store:
        with store.writer(holder="import") as writer:
            for number in range(BATCHES):
                if number == KILLED_AT:
                    three_nodes.kill_node(chance.choice([1, 2]))
                result = writer.write("order", _orders(number * BATCH, BATCH))
                assert (result.written + result.unchanged, result.rejected) == (BATCH, ())
            assert writer.publish(STAMP).counts == {"order": BATCH * BATCHES}
        with store.snapshot() as snapshot:
            found = pa.Table.from_batches(snapshot.scan("order", ["order_id", "quantity"])).sort_by("order_id")
        assert found.column("quantity").to_pylist() == list(range(BATCH * BATCHES))
        assert "error" not in {one.level for one in store.check()}


@pytest.mark.xdist_group("secured node")
def test_who_may_not_enter_is_told_so(secured_node: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    password = secured_node.password
    assert password is not None
    url = secured_node.urls[0]
    with open_store(url, create=True) as store:
        assert password not in store.url
        assert {one.level for one in store.check()} <= {"ok", "warning"}
    for wrong in (url.replace(password, "guess"), url.replace(f"elastic:{password}@", "")):
        with pytest.raises(StoreError, match="does not let us in") as caught:
            open_store(wrong)
        assert "guess" not in str(caught.value)
        assert caught.value.exit_code == 4
    monkeypatch.setenv("GAPFINDER_ES_API_KEY", "bm8ta2V5Om5vLXNlY3JldA==")
    with pytest.raises(StoreError, match="does not let us in"):
        open_store(url)
