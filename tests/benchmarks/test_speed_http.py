"""The benchmark of HTTP reads, small: it measures all kinds of requests, and stops at a wrong answer."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from benchmarks.speed import http


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, list[str]]:
    folder = tmp_path_factory.mktemp("http")
    return folder, *http.make_store(folder, notes=400, searches=6_000)


def test_all_kinds_of_requests_are_measured(made: tuple[Path, str, list[str]]) -> None:
    folder, address, keywords = made
    assert len(keywords) > 50
    found = http.measure_store(folder, address, keywords, requests=60, rounds=1)
    assert next(iter(found)) == http.BARE
    assert len(found) == 7
    for name, answered in found.items():
        assert 0 < answered.p50_ms <= answered.p99_ms
        assert answered.per_second > 0
        assert (answered.body_bytes == 0) == name.endswith("known")
    assert found["list of 50"].body_bytes > found["one keyword"].body_bytes
    assert found["list of 50"].body_bytes > 2 * found["list of 50, packed"].body_bytes


def test_a_wrong_answer_is_no_measure(made: tuple[Path, str, list[str]]) -> None:
    folder, address, keywords = made
    with http.serving(folder, "wrong", "gapfinder", "serve", "--store", address, "--port", "0") as port:
        case = http.cases_of(port, port, keywords)["list of 50"]
        assert http.ask("list", case, 10).p99_ms > 0
        with pytest.raises(http.WrongAnswerError, match="404"):
            http.ask("list", replace(case, asked=cycle([("/v1/gaps/unknown", {})])), 10)
        other = http.cases_of(port, port, keywords[::-1])["list of 50"]
        with pytest.raises(http.WrongAnswerError, match="200"):
            http.ask("list", other, 10)


def test_a_server_that_does_not_begin_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(http.WrongAnswerError, match="there is no store"),
        http.serving(tmp_path, "none", "gapfinder", "serve", "--store", str(tmp_path / "none")),
    ):
        pass
