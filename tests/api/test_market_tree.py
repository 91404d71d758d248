"""What the routes about the market answer where categories stand above each other."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from indexer.stores.memory import MemoryStore
from tests.api.served import client_of
from tests.market.made_tree import analyzed


@pytest.fixture(scope="module")
def client() -> TestClient:
    store = MemoryStore()
    analyzed(store)
    return client_of(store)


def items(client: TestClient, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["items"])
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("level=category&parent=母婴", ["尿裤", "湿巾"]),
        ("parent=母嬰", ["尿裤", "湿巾"]),
        ("parent=湿巾", []),
        ("level=category&depth=0", ["母婴", "个护"]),
        ("level=category&depth=2", ["纸尿裤", "洗发水"]),
        ("level=category&category=母婴", ["母婴", "尿裤", "纸尿裤", "湿巾"]),
        ("level=category&category=尿裤", ["尿裤", "纸尿裤"]),
        ("level=brand&category=尿裤", ["云朵熊"]),
        ("level=product&category=母婴", ["云朵熊厚柔湿巾", "云朵熊星空拉拉裤"]),
        ("name=尿裤", ["尿裤"]),
    ],
)
def test_rows_are_chosen_by_where_they_stand(client: TestClient, query: str, names: list[str]) -> None:
    assert [row["name"] for row in items(client, f"/v1/market?{query}")] == names


def test_a_row_says_where_it_stands(client: TestClient) -> None:
    [row] = items(client, "/v1/market?name=纸尿裤")
    assert (row["parent"], row["path"], row["depth"], row["children"]) == ("尿裤", ["母婴", "尿裤", "纸尿裤"], 2, 0)
    [product] = items(client, "/v1/market?name=p3")
    assert (product["parent"], product["path"], product["depth"]) == (None, ["母婴", "湿巾"], 1)
    [mother] = items(client, "/v1/market?name=母婴")
    assert (mother["searches"], mother["searchers"], mother["children"]) == (231, 216, 2)


def test_points_and_keywords_of_a_branch(client: TestClient) -> None:
    points = items(client, "/v1/selling-points?category=母婴")
    assert {row["category"] for row in points} == {"纸尿裤", "湿巾"}
    assert items(client, "/v1/selling-points?category=个护") == items(client, "/v1/selling-points?category=洗发水")
    wide, narrow = (items(client, f"/v1/keywords/recommend?category={name}&limit=500") for name in ("母婴", "湿巾"))
    assert {row["category"] for row in wide} == {"母婴", "纸尿裤", "湿巾"}
    assert {row["keyword"] for row in narrow} < {row["keyword"] for row in wide}


@pytest.mark.parametrize("query", ["parent=口红", "category=口红", "parent=口红&level=brand"])
def test_a_category_that_is_not_there_is_said(client: TestClient, query: str) -> None:
    answer = client.get(f"/v1/market?{query}")
    assert answer.status_code == 404
    assert answer.json()["detail"].endswith("has no category '口红'")


def test_pages_go_on_within_a_branch(client: TestClient) -> None:
    first = client.get("/v1/market?level=category&category=母婴&limit=3").json()
    second = client.get("/v1/market", params={"level": "category", "category": "母婴", "cursor": first["next_cursor"]})
    assert [row["name"] for row in [*first["items"], *second.json()["items"]]] == ["母婴", "尿裤", "纸尿裤", "湿巾"]
    assert client.get("/v1/market?depth=-1").status_code == 422
