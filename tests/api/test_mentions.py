"""What the route of mentions answers, and what it never shows."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from gapfinder.analysis import analyze
from gapfinder.market.mentioned import StoredMentions
from gapfinder.market.passages import note_passages, query_passages, run_snapshot
from gapfinder.reporting.privacy import MASK
from gapfinder.runs import find_run
from indexer.stores.memory import MemoryStore
from tests.api.made_market import market_store
from tests.api.served import client_of, one_run
from tests.backtest.market import write
from tests.market.made import chosen
from tests.market.made_tree import analyzed as grown
from tests.market.spoken import FEW_POINT, FEW_QUERY, PERSONAL, PHONE, RARE, spoken, spoken_rows

NAMES = ["缓解红屁股", "透气", "纸尿裤", "云朵熊", "p2", "麦洛", "孕妇", "夏天", "新生儿"]


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    found = MemoryStore()
    spoken(found)
    return found


@pytest.fixture(scope="module")
def client(store: MemoryStore) -> TestClient:
    return client_of(store)


def asked(client: TestClient, **params: Any) -> dict[str, Any]:
    answer = client.get("/v1/mentions", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def whole(client: TestClient, limit: int, **params: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        body = asked(client, limit=limit, **params, **({"cursor": cursor} if cursor else {}))
        found += body["items"]
        cursor = body["next_cursor"]
        if cursor is None:
            assert len(found) == body["total"]
            return found


def test_a_note_with_every_place(client: TestClient) -> None:
    body = asked(client, name="云朵熊", level="brand")
    assert (body["total"], body["next_cursor"], body["privacy_floor"]) == (1, None, 5)
    [item] = body["items"]
    assert (item["level"], item["category"], item["note_id"], item["query"]) == ("brand", "纸尿裤", "s0", None)
    assert [(mark["field"], mark["start"], mark["end"]) for mark in item["marks"]] == [
        ("title", 0, 8),
        ("content", 5, 14),
    ]
    assert item["marks"][0] == {
        "field": "title", "start": 0, "end": 8, "before": "", "words": "雲朵熊星空拉拉褲", "after": "測評",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limit", [1, 3, 500])
def test_pages_together_are_all_notes(client: TestClient, store: MemoryStore, name: str, limit: int) -> None:
    info = find_run(store)
    mentions, snapshot = StoredMentions(store, info), run_snapshot(store, info)
    found = [*note_passages(mentions, snapshot, mentions.find(name))]
    shown = whole(client, limit, name=name)
    assert [(one["note_id"], one["category"]) for one in shown] == [(one["note_id"], one["category"]) for one in found]
    spans = [[(mark["field"], mark["start"], mark["end"]) for mark in one["marks"]] for one in shown]
    assert spans == [[(mark["field"], mark["start"], mark["end"]) for mark in one["marks"]] for one in found]


@pytest.mark.parametrize("limit", [1, 3, 500])
def test_queries_that_few_people_searched_or_that_look_personal_are_not_shown(
    client: TestClient, store: MemoryStore, limit: int
) -> None:
    info = find_run(store)
    mentions = StoredMentions(store, info)
    every = [str(one["query"]) for own in mentions.find("纸尿裤") for one in query_passages(mentions, own)]
    assert {RARE, PERSONAL, FEW_QUERY} <= set(every), "the owner's command line shows them"
    shown = whole(client, limit, name="纸尿裤", **{"in": "queries"})
    assert [one["query"] for one in shown] == [query for query in every if query not in {RARE, PERSONAL, FEW_QUERY}]
    assert all(one["searchers"] >= 5 and one["marks"] for one in shown)


def test_what_looks_personal_is_masked_wherever_it_is_cut(client: TestClient) -> None:
    for name in NAMES:
        for side in ("notes", "queries"):
            answer = client.get("/v1/mentions", params={"name": name, "in": side, "limit": 500})
            assert answer.status_code == 200
            for length in (11, 7):
                assert not any(PHONE[at : at + length] in answer.text for at in range(len(PHONE) - length + 1))
    [note] = [one for one in asked(client, name="缓解红屁股")["items"] if one["note_id"] == "s4"]
    assert note["marks"][1]["before"] == f"电话{MASK}"
    assert note["marks"][1]["after"] == f"怎么办{MASK}"
    items = asked(client, name="纸尿裤", level="category", limit=500)["items"]
    [note] = [one for one in items if one["note_id"] == "s5"]
    assert note["title"] == f"纸尿裤{MASK}"


@pytest.mark.parametrize(
    ("params", "detail", "hint"),
    [
        ({"name": "云朵"}, "no note and no query that may be shown speaks of '云朵'", "close: 云朵熊"),
        (
            {"name": "孕妇", "level": "brand"},
            "nothing of that level",
            "there is: crowd in no category; crowd in 洗发水",
        ),
        ({"name": "孕妇", "category": "纸尿裤"}, "nothing of that level", "there is: crowd in no category"),
        ({"name": "纸尿裤", "run": "none"}, "there is no analysis 'none'", "GET /v1/analyses"),
    ],
)
def test_what_is_not_there_is_said(client: TestClient, params: dict[str, str], detail: str, hint: str) -> None:
    answer = client.get("/v1/mentions", params=params)
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith(detail)
    assert answer.json()["hint"].startswith(hint)


@pytest.mark.parametrize(
    "query",
    ["", "name=", *(f"name=x&{more}" for more in ("level=shop", "in=comments", "limit=0", "cursor=AAAA", "q=y"))],
)
def test_wrong_parameters_are_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/mentions?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_runs_without_mentions_say_so(client: TestClient) -> None:
    answer = client_of(one_run()).get("/v1/mentions?name=x")
    assert (answer.status_code, answer.json()["detail"]) == (404, "run run-1 has no market: an older version made it")
    older = client_of(market_store()).get("/v1/mentions?name=x")
    assert older.status_code == 404
    assert older.json()["detail"] == "run run-1 tells no mentions: an older version made it"
    cursor = asked(client, name="纸尿裤", limit=1)["next_cursor"]
    assert client.get("/v1/mentions", params={"name": "透气", "cursor": cursor}).status_code == 422


def test_a_point_that_few_people_searched_is_not_told(client: TestClient, store: MemoryStore) -> None:
    [own] = StoredMentions(store, find_run(store)).find(FEW_POINT)
    assert (own["level"], own["queries"]) == ("point", 1)
    for params in ({"name": FEW_POINT}, {"name": FEW_POINT, "in": "queries"}, {"name": FEW_POINT[:-1]}):
        answer = client.get("/v1/mentions", params=params)
        assert answer.status_code == 404
        assert FEW_POINT not in (answer.json().get("hint") or "")
    assert FEW_POINT not in client.get("/v1/mentions?name=纸尿裤&in=queries&limit=500").text


def test_a_crowd_that_few_people_searched_for_is_not_told_either() -> None:
    """No catalogue names crowds and scenes, so only what is shown of them may say that they are there."""
    made = spoken_rows()
    made["note"] = [note for note in made["note"] if "孕妇" not in note["title"]]
    made["search"] = [search for search in made["search"] if "孕妇" not in search["query"]]
    for number in range(3):
        made["search"].append(
            {**made["search"][0], "search_id": f"few{number}", "query": "孕妇纸尿裤", "user_id": f"f{number}"}
        )
    store = MemoryStore()
    write(store, made)
    analyze(store, chosen(min_searches=1, min_searchers=1))
    assert StoredMentions(store, find_run(store)).called("孕妇"), "the owner is told"
    client = client_of(store)
    for params in ({}, {"in": "queries"}, {"level": "brand"}):
        answer = client.get("/v1/mentions", params={"name": "孕妇", **params})
        unknown = client.get("/v1/mentions", params={"name": "学生", **params})
        assert answer.status_code == unknown.status_code == 404
        assert answer.json()["detail"].replace("孕妇", "学生") == unknown.json()["detail"]


def test_a_category_takes_those_below_it() -> None:
    store = MemoryStore()
    grown(store)
    client = client_of(store)
    below = [asked(client, name="云朵熊", level="brand", category=one)["total"] for one in ("纸尿裤", "湿巾")]
    assert asked(client, name="云朵熊", level="brand", category="母婴")["total"] == sum(below) > 0
    [said] = [one for one in whole(client, 500, name="母婴", level="category") if one["title"] == "母婴日记"][:1]
    assert [(mark["field"], mark["start"], mark["end"]) for mark in said["marks"]] == [("title", 0, 2)]
    [query] = whole(client, 500, **{"name": "母婴", "level": "category", "in": "queries"})[:1]
    assert (query["query"], query["marks"][0]["words"]) == ("母婴用品", "母婴")
