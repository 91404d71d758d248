from __future__ import annotations

import json
import urllib.request

import pytest

pytestmark = pytest.mark.elasticsearch


def test_the_server_is_real_and_shared(elasticsearch_url: str) -> None:
    with urllib.request.urlopen(f"{elasticsearch_url}/_cluster/health") as answer:  # noqa: S310 - our own server
        health = json.load(answer)
    assert health["status"] == "green"
    assert health["number_of_data_nodes"] == 1
