"""The market of a run from Python: as the documentation shows it, and what it refuses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gapfinder.market.opened import RunMarket, open_market
from gapfinder.market.stored import read_points
from indexer.errors import NotFoundError, StoreError, UsageError
from indexer.stores import open_store
from tests.market.conftest import Tiny
from tests.market.made import analyzed

PAGE = Path(__file__).parents[2] / "docs" / "market.md"


def test_what_the_page_shows_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(str(tmp_path / "gapfinder-data"), create=True) as store:
        analyzed(store)
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    found: dict[str, Any] = {}
    exec(block, found)  # noqa: S102 - a page of this project
    assert found["points"][0]["selling_point"] == "缓解红屁股"
    assert found["audience"] == [], "of twenty people too few are told apart"
    assert [row["name"] for row in found["brand"]] == ["云朵熊"]
    assert {row["product_id"] for row in found["lacking"]} == {"p2"}
    assert [bool(row["query"]) for row in found["places"]] == [False, False, True, True]
    assert (found["parts"] or {})["needs"] == ["红屁股"]
    assert found["names"] == []
    assert "红屁股纸尿裤" in [row["keyword"] for row in found["keywords"]]


def test_a_note_is_what_its_text_is(tiny: Tiny) -> None:
    market = RunMarket(tiny.store, tiny.info)
    with tiny.store.snapshot() as snapshot:
        (note,) = snapshot.by_id("note", ["n0000"], ["title", "content"]).to_pylist()
    by_text = market.recommend(text=f"{note['title']} {note['content']}")
    assert market.recommend(note="n0000") == by_text
    assert [row["keyword"] for row in by_text][:1] == ["红屁股纸尿裤"]


def test_it_reads_what_is_stored(tiny: Tiny) -> None:
    market = RunMarket(tiny.store, tiny.info)
    assert market.selling_points() == read_points(tiny.store, tiny.info)
    assert {row["level"] for row in market.rows()} == {"category", "brand", "product"}


@pytest.mark.parametrize("asked", [{}, {"word": "纸尿裤", "note": "n0000"}, {"word": " "}, {"text": ""}])
def test_it_wants_one_way_with_words(tiny: Tiny, asked: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        RunMarket(tiny.store, tiny.info).recommend(**asked)


@pytest.mark.parametrize("asked", [{"note": "n-1"}, {"category": "口红"}, {"around": "没有这个词"}])
def test_it_says_what_is_not_there(tiny: Tiny, asked: dict[str, str]) -> None:
    with pytest.raises(NotFoundError):
        RunMarket(tiny.store, tiny.info).recommend(**asked)


def test_no_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError), open_market(str(tmp_path / "none")):
        pass
