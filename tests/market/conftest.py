from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from indexer.stores.contract import RunInfo, Store
from indexer.stores.memory import MemoryStore
from tests.market.made import analyzed, read


@dataclass(frozen=True)
class Tiny:
    """The tiny market, analyzed in a store in memory."""

    store: Store
    info: RunInfo

    def rows(self, section: str) -> list[dict[str, Any]]:
        return read(self.store, self.info.run, section)


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    store = MemoryStore()
    return Tiny(store, analyzed(store))
