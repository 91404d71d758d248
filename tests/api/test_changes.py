"""What the routes about several runs answer."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.compared import Compared
from api.library import Library
from gapfinder.changes import CHANGE_LABELS
from gapfinder.comparing import compare
from gapfinder.reporting.privacy import published
from gapfinder.runs import Run
from indexer.stores.memory import MemoryStore
from tests.api.served import client_of, later, one_run, store_of, two_runs
from tests.reporting.made_run import NO_USERS, PHONE, RARE, SLASH, made_gap, made_run


def _runs(number: int) -> list[Run]:
    run = made_run()
    return [run, *(later(run, f"run-{n}", n) for n in range(2, number + 1))]


def _history(keyword: str) -> str:
    return f"/v1/gaps/{quote(keyword, safe='')}/history"


@pytest.fixture(scope="module")
def client() -> TestClient:
    return client_of(two_runs())


def test_a_keyword_through_all_runs() -> None:
    client = client_of(store_of(*_runs(3)))
    answer = client.get(_history("新生儿纸尿裤")).json()
    assert [item["run"] for item in answer["items"]] == ["run-1", "run-2", "run-3"]
    assert [item["change"] for item in answer["items"]] == [None, "steady", "steady"]
    assert [item["beyond_noise"] for item in answer["items"]] == [None, False, False]
    assert answer["items"][0]["window"] == {"from": "2026-07-01", "to": "2026-09-23", "days": 84}
    assert answer["total"] == 3
    assert answer["next_cursor"] is None


@pytest.mark.parametrize("keyword", ["新生兒紙尿褲", "新生儿纸尿裤推荐"])
def test_a_variant_finds_the_history_of_its_keyword(keyword: str) -> None:
    client = client_of(store_of(*_runs(2)))
    assert client.get(_history(keyword)).json() == client.get(_history("新生儿纸尿裤")).json()


def test_a_keyword_of_older_runs_only(client: TestClient) -> None:
    gone = published(made_run()).gaps[0]["keyword"]
    answer = client.get(_history(gone)).json()
    assert (answer["keyword"], [item["run"] for item in answer["items"]]) == (gone, ["run-1"])


@pytest.mark.parametrize("keyword", [SLASH, NO_USERS])
def test_any_text_can_be_a_keyword(client: TestClient, keyword: str) -> None:
    assert client.get(_history(keyword)).json()["keyword"] == keyword


@pytest.mark.parametrize("keyword", [RARE, PHONE, "没人搜过"])
def test_a_hidden_keyword_has_no_history(client: TestClient, keyword: str) -> None:
    answer = client.get(_history(keyword))
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:gapfinder:problem:not-found"


def test_a_run_in_which_few_people_searched_is_left_out() -> None:
    rare = later(Run(made_run().info, [made_gap(1, "纸尿裤", "weak", searchers=2)]), "run-2", 1)
    many = later(Run(made_run().info, [made_gap(1, "纸尿裤", "weak", searchers=90)]), "run-3", 2)
    client = client_of(store_of(rare, many))
    assert [item["run"] for item in client.get(_history("纸尿裤")).json()["items"]] == ["run-3"]
    changes = client.get("/v1/analyses/latest/changes").json()
    assert [item["change"] for item in changes["items"]] == ["new"]
    assert changes["items"][0]["searchers_before"] is None


def test_a_history_is_paged() -> None:
    client = client_of(store_of(*_runs(7)))
    whole = client.get(_history("新生儿纸尿裤")).json()["items"]
    found: list[object] = []
    cursor: str | None = None
    while True:
        params: dict[str, str | int] = {"limit": 3, **({"cursor": cursor} if cursor else {})}
        answer = client.get(_history("新生儿纸尿裤"), params=params).json()
        found += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert found == whole
    other = client.get(_history("新生儿纸尿裤"), params={"limit": 3}).json()["next_cursor"]
    assert client.get(_history("缓解红屁股"), params={"cursor": other}).status_code == 422


def test_a_history_is_read_by_the_row_and_kept() -> None:
    rows: list[str] = []
    sections: list[str] = []

    class Counting(MemoryStore):
        def run_row(self, run: str, section: str, key: str) -> str | None:
            rows.append(run)
            found = [row for row in self._runs[run][1].to_pylist() if (row["section"], row["key"]) == (section, key)]
            return found[0]["body"] if found else None

        def run_rows(self, run: str, section: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - as the base
            sections.append(run)
            return super().run_rows(run, section)

    store = Counting()
    filled = store_of(*_runs(6))
    for info in filled.runs():
        store.save_run(info, filled.run_rows(info.run, "gaps"))
    library = Library(lambda: store)
    assert len(library.history("新生儿纸尿裤")) == 6
    assert library.history("新生儿纸尿裤") is library.history("新生儿纸尿裤")
    assert rows == [f"run-{number}" for number in range(1, 7)]
    assert sections == ["run-6"], "of the newest run variants are known; the others give one row each"


def test_a_run_deleted_meanwhile_is_passed_over() -> None:
    store = store_of(*_runs(3))
    library = Library(lambda: store)
    library.infos()
    store.delete_run("run-2")
    assert [moment["run"] for moment in library.history("新生儿纸尿裤")] == ["run-1", "run-3"]


def test_what_changed_since_the_run_before(client: TestClient) -> None:
    answer = client.get("/v1/analyses/latest/changes", params={"limit": 500}).json()
    assert (answer["before"], answer["after"]) == ("run-1", "run-2")
    before, after = published(made_run()), published(Run(made_run().info, made_run().gaps[2:]))
    assert answer["counts"]["gone"] == len(before.gaps) - len(after.gaps)
    assert answer["counts"]["steady"] == len(after.gaps)
    assert answer["total"] == len(answer["items"]) == len(before.gaps)
    assert answer["caveats"] == []
    named = client.get("/v1/analyses/run-2/changes", params={"since": "run-1", "limit": 500}).json()
    assert named == answer
    gone = client.get("/v1/analyses/run-2/changes?since=run-1&change=gone").json()
    assert {item["change"] for item in gone["items"]} == {"gone"}
    assert gone["counts"] == answer["counts"]


def test_changes_are_those_of_the_command_line_as_far_as_they_may_be_shown(client: TestClient) -> None:
    items = client.get("/v1/analyses/run-2/changes", params={"since": "run-1", "limit": 500}).json()["items"]
    run = made_run()
    after = later(Run(run.info, run.gaps[2:]), "run-2")
    shown = [published(one) for one in (run, after)]
    wanted = compare(shown[0].info, shown[0].gaps, shown[1].info, shown[1].gaps)
    assert items == wanted.changes
    assert not {RARE, PHONE} & {item["keyword"] for item in items}


def test_changes_are_paged_and_stay_with_their_runs() -> None:
    run = made_run()
    store = two_runs()
    client = client_of(store)
    whole = client.get("/v1/analyses/latest/changes", params={"limit": 500}).json()["items"]
    first = client.get("/v1/analyses/latest/changes", params={"limit": 10}).json()
    newer = later(run, "run-3", 9)
    store.save_run(newer.info, store_of(newer).run_rows("run-3", "gaps"))
    client.app.state.library.infos(fresh=True)  # type: ignore[attr-defined]  # the application is fastapi's
    second = client.get("/v1/analyses/latest/changes", params={"limit": 10, "cursor": first["next_cursor"]}).json()
    assert second["after"] == "run-2"
    assert first["items"] + second["items"] == whole[:20]
    assert client.get("/v1/analyses/latest/changes").json()["after"] == "run-3"
    other = {"since": "run-1", "cursor": first["next_cursor"]}
    assert client.get("/v1/analyses/latest/changes", params=other).status_code == 422


@given(st.sets(st.sampled_from(sorted(CHANGE_LABELS))))
def test_a_comparison_kept_small_says_the_same(kinds: set[str]) -> None:
    run = made_run()
    other = [gap for gap in later(run, "run-2").gaps[2:] if gap["keyword"] != NO_USERS]
    whole = compare(run.info, run.gaps, later(run, "run-2").info, [*other, made_gap(40, "新词", "weak")])
    assert {change["change"] for change in whole.changes} == {"new", "gone", "steady"}
    small = Compared(whole)
    assert small.whole() == whole
    assert small.counts == whole.counts
    found = [small.at(place) for place in small.chosen(sorted(kinds))]
    assert found == [change for change in whole.changes if not kinds or change["change"] in kinds]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/analyses/run-1/changes", 404),
        ("/v1/analyses/run-2/changes?since=run-2", 422),
        ("/v1/analyses/run-2/changes?since=nothing", 404),
        ("/v1/analyses/nothing/changes", 404),
        ("/v1/analyses/run-2/changes?change=exploded", 422),
        ("/v1/analyses/run-2/changes?until=run-1", 422),
        ("/v1/analyses/run-2/changes?cursor=x", 422),
    ],
)
def test_what_can_not_be_compared(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_answers_carry_an_entity_tag(client: TestClient) -> None:
    for path in (_history("新生儿纸尿裤"), "/v1/analyses/latest/changes"):
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_without_runs_there_is_nothing_to_compare() -> None:
    assert client_of(MemoryStore()).get(_history("纸尿裤")).status_code == 404
    assert client_of(MemoryStore()).get("/v1/analyses/latest/changes").status_code == 404
    assert client_of(one_run()).get("/v1/analyses/latest/changes").status_code == 404
