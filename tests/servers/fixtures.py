"""Real Elasticsearch for tests: one server for all workers of a run, clusters of their own for faults and security.

Never a silent skip: what is missing fails with ``CI=true``; a bare ``pytest`` on a machine without Java or Maven skips
and says so in one line.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from elasticsearch import Elasticsearch

from tests.servers.cluster import ServerError
from tests.servers.install_elasticsearch import file_lock, installed
from tests.servers.java import OLDEST, find_java
from tests.servers.keeper import Kept, keep, kept, kept_cluster, release

RUN_VARIABLE: Final = "GAPFINDER_TEST_RUN"
OWNER_VARIABLE: Final = "GAPFINDER_TEST_OWNER"
_SHARED: Final = "elasticsearch.json"
_MINE: Final = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of this run; its workers find it, and the process that cleans up, in their environment."""
    if not hasattr(config, "workerinput"):
        config.stash[_MINE] = Path(tempfile.mkdtemp(prefix="gapfinder-tests-"))
        os.environ[RUN_VARIABLE] = str(config.stash[_MINE])
        os.environ[OWNER_VARIABLE] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what the run has started."""
    folder = config.stash.get(_MINE, None)
    if folder is not None:
        release(folder / _SHARED)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def elasticsearch_server() -> Kept:
    """The one server of this run."""
    _require_server()
    folder = Path(os.environ[RUN_VARIABLE])
    file = folder / _SHARED
    try:
        with file_lock(folder / "elasticsearch.lock"):
            return kept(file) if file.exists() else keep(file, int(os.environ[OWNER_VARIABLE]))
    except ServerError as error:
        sentence = str(error)
    pytest.fail(sentence, pytrace=False)


@pytest.fixture(scope="session")
def elasticsearch_url(elasticsearch_server: Kept) -> str:
    """Its address, ``http://127.0.0.1:port``; it is shared: a store in it takes ``elastic_url`` instead."""
    return elasticsearch_server.urls[0]


@pytest.fixture
def elastic_url(elasticsearch_url: str) -> Iterator[str]:
    """Address of a store of this test's own; its indices are removed afterwards."""
    prefix = f"t{secrets.token_hex(6)}"
    yield f"{elasticsearch_url}/{prefix}"
    remove_store(elasticsearch_url, prefix)


@pytest.fixture(scope="module")
def three_nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A cluster of three nodes, one of which a test may kill."""
    yield from _cluster(tmp_path_factory, nodes=3, heap="512m")


@pytest.fixture(scope="module")
def secured_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """A node that asks for user and password; its addresses hold them."""
    yield from _cluster(tmp_path_factory, heap="512m", password=secrets.token_hex(8))


def remove_store(url: str, prefix: str) -> None:
    """Delete all indices and the template of a prefix."""
    with Elasticsearch(url, request_timeout=60) as client:
        found = client.indices.get(index=f"{prefix}-*", expand_wildcards="all")
        if found:
            client.indices.delete(index=list(found))
        client.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}-guard")


def _cluster(
    folders: pytest.TempPathFactory, *, nodes: int = 1, heap: str = "768m", password: str | None = None
) -> Iterator[Kept]:
    _require_server()
    file = folders.mktemp("cluster") / "cluster.json"
    sentence = ""
    try:
        with kept_cluster(file, nodes=nodes, heap=heap, password=password) as cluster:
            yield cluster
    except ServerError as error:
        sentence = str(error)
    if sentence:
        pytest.fail(sentence, pytrace=False)


def _require_server() -> None:
    missing = []
    if find_java() is None:
        missing.append(f"a JDK {OLDEST} or newer")
    if not installed() and shutil.which("mvn") is None:
        missing.append("Maven (mvn)")
    if not missing:
        return
    sentence = f"Elasticsearch can't be started: {' and '.join(missing)} is missing"
    if os.environ.get("CI", "") not in {"", "0", "false"}:
        pytest.fail(sentence, pytrace=False)
    pytest.skip(sentence)
