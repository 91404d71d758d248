"""A run that the first version stored is read, listed, explained, compared, exported and served like one of today."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import orjson
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from gapfinder.kinds import VERDICT_OF
from gapfinder.orders import ORDERS
from gapfinder.results import GAP_KINDS, Gap
from gapfinder.runs import Run, load_run
from indexer.stores import open_store
from tests.api.served import client_of, later, store_of
from tests.cli.program import gapfinder
from tests.reporting.made_run import made_info, made_run, run_rows

LATER = (
    "category", "season", "forecast", "authors_effective", "excess", "excess_low", "rank_low", "rank_high", "verdict",
)  # fmt: skip
WORD = "新生儿纸尿裤"


def old_gap(gap: Gap) -> dict[str, Any]:
    """The gap as the first version stored it."""
    known: dict[str, Any] = {name: value for name, value in gap.items() if name not in LATER}
    known["trend"] = {name: value for name, value in gap["trend"].items() if name not in {"surge", "festivals"}}
    known["kind_probabilities"] = {kind: p for kind, p in gap["kind_probabilities"].items() if kind != "unsure"}
    return known


def old_run(run: str = "run-1") -> Run:
    made = made_run(run)
    totals = {"searches": 60214, "keywords": len(made.gaps)}
    return Run(made_info(run, totals=totals), [cast("Gap", old_gap(gap)) for gap in made.gaps])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a run of the first version, and one of today after it."""
    place = tmp_path_factory.mktemp("older")
    old, new = old_run(), later(made_run(), "run-2")
    with open_store(str(place / "gapfinder-data"), create=True) as store:
        for run in (old, new):
            store.save_run(run.info, run_rows(run))
    return place


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(store_of(old_run(), later(made_run(), "run-2")))


def test_all_fields_are_there_and_nothing_looks_measured(folder: Path) -> None:
    with open_store(str(folder / "gapfinder-data")) as store:
        old, new = (load_run(store, run).gaps for run in ("run-1", "run-2"))
    for before, now in zip(old, new, strict=True):
        assert set(before) == set(now) == set(Gap.__annotations__)
        for name in LATER:
            assert before[name] == (VERDICT_OF[before["gap_kind"]] if name == "verdict" else None)  # type: ignore[literal-required]
        assert set(before["trend"]) == set(now["trend"])
        assert before["kind_probabilities"]["unsure"] == 0.0
        assert set(before["kind_probabilities"]) == set(GAP_KINDS)
        assert now == next(gap for gap in made_run().gaps if gap["keyword"] == now["keyword"]), "left as it is"


@pytest.mark.parametrize("order", ORDERS)
def test_it_is_listed_in_every_order(folder: Path, client: TestClient, order: str) -> None:
    listed = gapfinder("gaps", "--run", "run-1", "--order-by", order, "--json", cwd=folder).json
    assert len(listed) == len(made_run().gaps)
    shown = client.get("/v1/gaps", params={"run": "run-1", "order_by": order, "limit": 500})
    assert shown.status_code == 200
    public = {item["keyword"] for item in shown.json()["items"]}
    assert [item["keyword"] for item in shown.json()["items"]] == [
        gap["keyword"] for gap in listed if gap["keyword"] in public
    ]


def test_it_is_explained_without_what_it_does_not_know(folder: Path) -> None:
    told = gapfinder("explain", WORD, "--run", "run-1", cwd=folder)
    assert told.code == 0
    assert "90% 区间" in told.out
    for unknown in ("None", "比平均水平多出", "真实排名", "位作者", "今后每周"):
        assert unknown not in told.out, unknown
    (gap,) = gapfinder("explain", WORD, "--run", "run-1", "--json", cwd=folder).json
    assert gap["rank_low"] is None
    assert gapfinder("gaps", "--run", "run-1", cwd=folder).code == 0


def test_it_is_compared_with_one_of_today(folder: Path, client: TestClient) -> None:
    answer = gapfinder("gaps", "--run", "run-2", "--since", "run-1", "--json", cwd=folder)
    assert answer.code == 0
    assert {change["change"] for change in answer.json} == {"steady"}
    moments = gapfinder("explain", WORD, "--history", "--json", cwd=folder).json
    assert [moment["run"] for moment in moments] == ["run-1", "run-2"]
    assert client.get(f"/v1/gaps/{WORD}/history").json()["total"] == 2
    assert client.get("/v1/analyses/run-2/changes?since=run-1").status_code == 200


def test_it_is_exported_and_reported(folder: Path) -> None:
    for name in ("gaps.csv", "gaps.xlsx", "gaps.parquet", "gaps.json"):
        assert gapfinder("gaps", "--run", "run-1", "--out", name, cwd=folder).code == 0, name
    rows = pq.read_table(folder / "gaps.parquet").to_pylist()
    assert {row["authors_effective"] for row in rows} == {row["excess"] for row in rows} == {None}
    assert orjson.loads((folder / "gaps.json").read_bytes())[0]["season"] is None
    for name in ("report.html", "report.xlsx"):
        assert gapfinder("report", "--run", "run-1", "--out", name, cwd=folder).code == 0, name
    assert "None" not in (folder / "report.html").read_text(encoding="utf-8")


def test_it_is_served(client: TestClient) -> None:
    detail = client.get(f"/v1/gaps/{WORD}?run=run-1")
    assert detail.status_code == 200
    assert detail.json()["excess"] is None
    assert detail.json()["forecast"] is None
    for part in ("evidence", "decomposition"):
        assert client.get(f"/v1/gaps/{WORD}/{part}?run=run-1").status_code == 200
    assert client_of(store_of(old_run())).get("/").status_code == 200
