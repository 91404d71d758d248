"""What the routes answer: runs, gaps, evidence, pages."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.library import REFRESH_SECONDS, Library
from api.paging import Place, encode
from api.problems import Missing, Unavailable
from gapfinder.backtest.stored import rows_of
from gapfinder.reporting.privacy import published
from gapfinder.reporting.trust import NO_BACKTEST
from gapfinder.results import PARTS
from gapfinder.runs import Run
from indexer.errors import StoreError
from indexer.stores.contract import RunInfo
from indexer.stores.memory import MemoryStore
from tests.api.served import Clock, client_of, later, one_run, store_of
from tests.reporting.made_run import (
    EMOJI,
    FORMULA,
    LONG,
    MARKUP,
    PHONE,
    PHONE_QUERY,
    RARE,
    SLASH,
    made_backtest,
    made_gap,
    made_info,
    made_run,
)


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(one_run())


def test_health_and_ready(client: TestClient) -> None:
    assert client.get("/v1/health").json()["status"] == "ok"
    assert client.get("/v1/ready").json() == {"status": "ready", "run": "run-1"}


def test_a_server_without_runs_is_healthy_but_not_ready() -> None:
    client = client_of(MemoryStore())
    assert client.get("/v1/health").status_code == 200
    assert client.get("/v1/ready").status_code == 503
    assert client.get("/v1/gaps").status_code == 404
    assert client.get("/v1/analyses").json() == {"items": [], "total": 0, "next_cursor": None}


def test_analyses_are_listed_newest_first_and_paged() -> None:
    run = made_run()
    client = client_of(store_of(run, *(later(run, f"run-{number}", number) for number in range(2, 8))))
    names: list[str] = []
    cursor: str | None = None
    while True:
        answer = client.get("/v1/analyses", params={"limit": 3, **({"cursor": cursor} if cursor else {})}).json()
        names += [item["run"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert names == [f"run-{number}" for number in range(7, 0, -1)]
    one = client.get("/v1/analyses/run-3").json()
    assert one["run"] == "run-3"
    assert one["created_at"].endswith("+08:00")
    assert client.get("/v1/analyses/latest").json()["run"] == "run-7"
    assert client.get("/v1/analyses/nothing").status_code == 404


def test_gaps_come_in_the_default_order_with_their_coverage(client: TestClient) -> None:
    answer = client.get("/v1/gaps", params={"limit": 500}).json()
    shown = published(made_run())
    assert [item["keyword"] for item in answer["items"]] == [gap["keyword"] for gap in shown.gaps]
    assert answer["total"] == len(shown.gaps)
    assert answer["next_cursor"] is None
    assert answer["snapshot"] == "snapshot-3"
    assert answer["coverage"] == {
        "searches": 60214,
        "notes": 3021,
        "privacy_floor": 5,
        "hidden_keywords": 2,
        "hidden_queries": shown.hidden_queries,
        "calibrated": False,
        "backtest": None,
    }


def test_the_newest_backtest_stands_beside_the_gaps() -> None:
    store, clock = one_run(), Clock()
    library = Library(lambda: store, clock)
    assert NO_BACKTEST in library.page()
    for day in (1, 2):
        result = made_backtest(at=f"2026-08-0{day}")
        manifest = {name: result[name] for name in ("at", "until", "weeks", "verdict", "statement")}
        made = made_info().created_at + timedelta(days=day)
        info = RunInfo(f"backtest-{day}", f"b{day}", made, {"snapshot": "snapshot-3", **manifest})
        store.save_run(info, rows_of(result, []))
        clock.now += REFRESH_SECONDS
        assert f"用 2026-08-0{day} 之前的数据" in library.page()
        assert client_of(store).get("/v1/gaps?limit=1").json()["coverage"]["backtest"] == info.run
    for day in (1, 2):
        store.delete_run(f"backtest-{day}")
    assert "用 2026-08-02 之前的数据" in library.page(), "read once"
    clock.now += REFRESH_SECONDS
    assert NO_BACKTEST in library.page()


def test_what_rises_comes_first_when_asked(client: TestClient) -> None:
    items = client.get("/v1/gaps?order_by=rising&limit=500").json()["items"]
    early = [bool(item["trend"]["surge"] and item["trend"]["surge"]["rising_early"]) for item in items]
    assert any(early)
    assert early == sorted(early, reverse=True)
    lows = [item["trend"]["low"] for item in items if not item["trend"]["surge"]]
    known = [low for low in lows if low is not None]
    assert lows == [*sorted(known, reverse=True), *[None] * (len(lows) - len(known))]


@pytest.mark.parametrize("order", ["unmet_low", "unmet_per_week", "unmet_probability", "searches", "excess"])
def test_gaps_are_ordered(client: TestClient, order: str) -> None:
    field = "excess_low" if order == "excess" else order
    values = [item[field] for item in client.get("/v1/gaps", params={"order_by": order, "limit": 500}).json()["items"]]
    assert values == sorted(values, reverse=True)


def test_without_any_note_the_ratio_is_the_largest(client: TestClient) -> None:
    ratios = [item["demand_supply_ratio"] for item in client.get("/v1/gaps?order_by=ratio&limit=500").json()["items"]]
    assert ratios[0] is None
    known = [ratio for ratio in ratios if ratio is not None]
    assert known == sorted(known, reverse=True)
    assert ratios[len(ratios) - len(known) :] == known


def test_gaps_are_filtered(client: TestClient) -> None:
    kinds = client.get("/v1/gaps?kind=stale&kind=weak&limit=500").json()
    assert {item["gap_kind"] for item in kinds["items"]} == {"stale", "weak"}
    assert kinds["total"] == len(kinds["items"])
    assert {item["match"] for item in client.get("/v1/gaps?match=contains").json()["items"]} == {"contains"}
    assert {item["keyword"] for item in client.get("/v1/gaps", params={"q": "尿不湿"}).json()["items"]} >= {
        "新生儿纸尿裤"
    }
    assert client.get("/v1/gaps", params={"q": RARE}).json()["items"] == []
    assert client.get("/v1/gaps", params={"q": PHONE_QUERY}).json()["items"] == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 30), order=st.sampled_from(["unmet_low", "ratio", "searches"]))
def test_pages_together_are_the_list(client: TestClient, limit: int, order: str) -> None:
    whole = client.get("/v1/gaps", params={"order_by": order, "limit": 500}).json()["items"]
    found: list[object] = []
    cursor: str | None = None
    while True:
        params: dict[str, str | int] = {"order_by": order, "limit": limit}
        answer = client.get("/v1/gaps", params=params | ({"cursor": cursor} if cursor else {})).json()
        found += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert found == whole


def test_a_cursor_stays_with_its_run() -> None:
    run = made_run()
    store = store_of(run)
    client = client_of(store)
    first = client.get("/v1/gaps?limit=5").json()
    newer = later(Run(run.info, run.gaps[:3]), "run-2")
    store.save_run(newer.info, _rows(newer))
    client.app.state.library.infos(fresh=True)  # type: ignore[attr-defined]  # the application is fastapi's
    assert client.get("/v1/gaps").json()["run"] == "run-2"
    second = client.get("/v1/gaps", params={"limit": 5, "cursor": first["next_cursor"]}).json()
    assert second["run"] == "run-1"
    assert [item["keyword"] for item in second["items"]] == [gap["keyword"] for gap in published(run).gaps[5:10]]


def _rows(run: Run):  # type: ignore[no-untyped-def]  # noqa: ANN202 - an arrow table
    from tests.reporting.made_run import run_rows

    return run_rows(run)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "", "e30=", "WyJydW4tMSIsLTEsImEiXQ"])
def test_a_made_up_cursor_is_refused(client: TestClient, cursor: str) -> None:
    answer = client.get("/v1/gaps", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == "query.cursor"


@pytest.mark.parametrize("start", [24, 25, 2**63 - 1, 2**64 - 1])
def test_a_cursor_beyond_the_end_gives_an_empty_page(client: TestClient, start: int) -> None:
    question: list[object] = ["gaps", "latest", [], None, "unmet_low", None]
    answer = client.get("/v1/gaps", params={"cursor": encode(Place("run-1", start), question)})
    assert answer.status_code == 200
    assert (answer.json()["items"], answer.json()["next_cursor"]) == ([], None)
    assert answer.json()["total"] == 23


def test_a_cursor_of_another_question_is_refused(client: TestClient) -> None:
    cursor = client.get("/v1/gaps?limit=1").json()["next_cursor"]
    assert client.get("/v1/gaps", params={"limit": 1, "cursor": cursor, "kind": "weak"}).status_code == 422


@pytest.mark.parametrize("keyword", ["新生儿纸尿裤", MARKUP, FORMULA, SLASH, LONG, EMOJI])
def test_any_text_can_be_a_keyword_in_a_path(client: TestClient, keyword: str) -> None:
    path = f"/v1/gaps/{quote(keyword, safe='')}"
    gap = client.get(path).json()
    assert gap["keyword"] == keyword
    assert PHONE_QUERY not in {query["query"] for query in gap["evidence_queries"]}
    evidence = client.get(f"{path}/evidence").json()
    assert evidence["evidence_notes"] == gap["evidence_notes"]
    parts = client.get(f"{path}/decomposition").json()
    assert [part["part"] for part in parts["parts"]] == list(PARTS)
    assert sum(part["per_week"] for part in parts["parts"]) == pytest.approx(gap["unmet_per_week"])


def test_a_variant_finds_its_keyword(client: TestClient) -> None:
    answer = client.get("/v1/gaps/" + quote("新生兒紙尿褲", safe=""))
    assert answer.json()["keyword"] == "新生儿纸尿裤", "traditional script is normalised"
    answer = client.get("/v1/gaps/" + quote("新生儿纸尿裤推荐", safe=""))
    assert answer.json()["keyword"] == "新生儿纸尿裤"


@pytest.mark.parametrize("keyword", [RARE, PHONE, "没人搜过"])
def test_a_hidden_keyword_looks_like_none(client: TestClient, keyword: str) -> None:
    answer = client.get("/v1/gaps/" + quote(keyword, safe=""))
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:gapfinder:problem:not-found"


def test_a_run_is_named_by_id_or_name(client: TestClient) -> None:
    assert client.get("/v1/gaps?run=run-1").json() == client.get("/v1/gaps?run=autumn").json()
    assert client.get("/v1/gaps?run=none").status_code == 404


def test_a_newer_run_appears_and_an_older_is_read_once() -> None:
    run = made_run()
    clock = Clock()
    reads: list[str] = []

    class Counting(MemoryStore):
        def run_rows(self, run: str, section: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base
            reads.append(run)
            return super().run_rows(run, section)

    store = Counting()
    store.save_run(run.info, _rows(run))
    library = Library(lambda: store, clock)
    assert library.shown() is library.shown()
    assert reads == ["run-1"]
    newer = later(run, "run-2")
    store.save_run(newer.info, _rows(newer))
    assert library.shown().info.run == "run-1", "the list of runs is not asked for at every request"
    clock.now += REFRESH_SECONDS
    assert library.shown().info.run == "run-2"
    assert reads == ["run-1", "run-2"]


def test_a_run_saved_again_is_read_again() -> None:
    run = made_run()
    store = store_of(run)
    clock = Clock()
    library = Library(lambda: store, clock)
    before = len(library.shown())
    again = later(Run(run.info, run.gaps[:4]), "run-1")
    store.save_run(again.info, _rows(again))
    clock.now += REFRESH_SECONDS
    assert len(library.shown()) < before


def test_only_a_few_runs_are_kept_in_memory() -> None:
    run = made_run()
    store = store_of(*(later(run, f"run-{number}", number) for number in range(9)))
    library = Library(lambda: store)
    for number in range(9):
        library.shown(f"run-{number}")
    assert len(library._shown) == 4


def test_a_store_that_fails_is_unavailable_and_comes_back() -> None:
    store = one_run()
    down = True

    class Shaky(MemoryStore):
        def runs(self) -> list[RunInfo]:
            if down:
                raise StoreError("http://user:secret@10.0.0.1:9200 does not answer")
            return store.runs()

    library = Library(Shaky)
    with pytest.raises(Unavailable) as caught:
        library.infos()
    assert "secret" not in caught.value.detail
    down = False
    assert [info.run for info in library.infos()] == ["run-1"]


def test_a_run_that_is_gone_is_missing() -> None:
    store = one_run()
    library = Library(lambda: store)
    library.infos()
    store.delete_run("run-1")
    with pytest.raises(Missing):
        library.shown("run-1")


def test_no_request_needs_users_or_totals() -> None:
    gap = made_gap(1, "纸尿裤", "weak", searchers=None)
    client = client_of(store_of(Run(RunInfo("run-bare", "bare", made_info().created_at, {}), [gap])))
    answer = client.get("/v1/gaps").json()
    assert answer["coverage"]["searches"] is None
    assert client.get("/v1/gaps/" + quote("纸尿裤")).status_code == 200
    assert client.get("/").status_code == 200
