from __future__ import annotations

import json
from typing import Any

import pytest

from gapfinder.results import Gap
from tests.demo.market import analyzed_market, bodies, folder, truth


@pytest.fixture(scope="session")
def market_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = folder(tmp_path_factory.mktemp("market"))
    analyzed_market(url)
    return url


@pytest.fixture(scope="session")
def gaps(market_url: str) -> list[Gap]:
    return [json.loads(body) for body in bodies(market_url)]


@pytest.fixture(scope="session")
def planted() -> dict[str, Any]:
    return truth()
