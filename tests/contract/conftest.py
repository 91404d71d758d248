from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.stores.contract import Store
from tests.contract.subjects import Delta, Elasticsearch, Memory, Subject

_MARKS = {"elasticsearch": [pytest.mark.elasticsearch]}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "subject" in metafunc.fixturenames:
        names = metafunc.config.getoption("--stores")
        stores = [pytest.param(name, marks=_MARKS.get(name, [])) for name in names]
        metafunc.parametrize("subject", stores, indirect=True)


@pytest.fixture
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    if request.param == "memory":
        return Memory("memory")
    if request.param == "delta":
        return Delta(str(tmp_path / "数据 store"))
    return Elasticsearch(request.getfixturevalue("elastic_url"))


@pytest.fixture
def store(subject: Subject) -> Iterator[Store]:
    with subject.make() as made:
        yield made
