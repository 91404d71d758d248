from __future__ import annotations

import json
import urllib.request

import pytest

from tests.servers import fixtures
from tests.servers.cluster import ServerError, start_cluster
from tests.servers.install_elasticsearch import install
from tests.servers.java import find_java

pytestmark = pytest.mark.elasticsearch


def test_the_server_is_real_and_shared(elasticsearch_url: str) -> None:
    with urllib.request.urlopen(f"{elasticsearch_url}/_cluster/health") as answer:  # noqa: S310 - our own server
        health = json.load(answer)
    assert health["number_of_data_nodes"] == 1


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_a_missing_server_is_said_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setattr(fixtures, "find_java", lambda: None)
    monkeypatch.setattr(fixtures, "installed", lambda: False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome) as caught:
        fixtures._require_server()
    assert str(caught.value) == "Elasticsearch can't be started: a JDK 17 or newer and Maven (mvn) is missing"


def test_a_server_that_does_not_start_shows_its_log() -> None:
    java = find_java()
    assert java is not None
    with pytest.raises(ServerError, match="ended with") as caught:
        start_cluster(install(), java, heap="1k")
    assert "heap" in str(caught.value)
