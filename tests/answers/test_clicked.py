"""Which notes count as read and which as left, on result lists made by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gapfinder import clicked
from gapfinder.clicked import clicked_notes
from gapfinder.settings import Settings
from gapfinder.window import Window
from indexer.stores import open_store
from indexer.stores.contract import Store
from tests.answers.made import WINDOW, Row, filled, result, search_row
from tests.contract.rows import FIRST_DAY

QUERY = ("婴儿", "湿巾")


@pytest.fixture(params=["memory", "delta"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store | None:
    """None: the store in memory, made when it is filled."""
    return open_store(str(tmp_path / "delta"), create=True) if request.param == "delta" else None


def told(rows: list[Row], store: Store | None = None, window: Window = WINDOW, **settings: Any) -> dict[Any, Any]:
    """``{(query, note): (read, left)}`` of a log; the queries looked at are 婴儿湿巾 (7) and 尿裤 (3)."""
    queries = {"婴儿湿巾": 7, "尿裤": 3}
    with filled({"search": rows}, store) as held, held.snapshot() as snapshot:
        found = clicked_notes(snapshot, window, Settings.of(**settings), queries)
    keys = list(zip(found.query.tolist(), found.note_id.to_pylist(), strict=True))
    assert keys == sorted(keys), "by query, then note"
    return dict(zip(keys, zip(found.read.tolist(), found.left.tolist(), strict=True), strict=True))


def one(*results: Row, **settings: Any) -> dict[str, tuple[int, int]]:
    """Of a single search what its results say that say anything."""
    found = told([search_row("s1", QUERY, results=list(results))], **settings)
    return {note: counts for (_, note), counts in found.items() if counts != (0, 0)}


def test_dwelt_on_for_the_threshold_is_read_and_sooner_closed_is_left() -> None:
    shown = [
        result("long", clicked=True, dwell_seconds=30.0),
        result("short", 2, clicked=True, dwell_seconds=29.9),
        result("unknown", 3, clicked=True),
        result("ignored", 4, clicked=False),
    ]
    assert one(*shown) == {"long": (1, 0), "short": (0, 1)}
    assert one(*shown, dwell_seconds=60.0) == {"long": (0, 1), "short": (0, 1)}


@pytest.mark.parametrize("act", ["liked", "collected", "commented", "shared"])
def test_acted_on_is_read_however_long_it_took(act: str) -> None:
    acted = result("acted", clicked=True, dwell_seconds=2.0, **{act: True})
    assert one(acted, result("other", 2, clicked=False)) == {"acted": (1, 0)}


def test_where_nothing_was_opened_all_that_was_shown_was_left() -> None:
    assert one(result("a", clicked=False), result("b", 2, clicked=False)) == {"a": (0, 1), "b": (0, 1)}


def test_what_the_log_does_not_say_tells_nothing() -> None:
    assert one(result("a"), result("b", 2)) == {}
    assert one(result("a", clicked=False), result("b", 2)) == {}, "the other one may have been opened"
    assert one() == {}
    assert told([search_row("s1", QUERY, results=None)]) == {}


def test_searches_add_up_and_other_queries_and_days_stay_out(store: Store | None) -> None:
    read, short = result("n1", clicked=True, dwell_seconds=90.0), result("n2", 2, clicked=True, dwell_seconds=3.0)
    rows = [
        search_row("s1", QUERY, day=0, results=[read, short]),
        search_row("s2", QUERY, day=27, results=[short, read]),
        search_row("s3", QUERY, day=5, results=[result("n1", clicked=False)]),
        search_row("s4", QUERY, day=28, results=[read]),
        search_row("s5", ("尿裤",), day=1, results=[read]),
        search_row("s6", ("口红",), day=1, results=[read]),
        search_row("s7", QUERY, day=3, results=[]),
    ]
    window = Window(FIRST_DAY, FIRST_DAY + timedelta(days=28))
    assert told(rows, store, window) == {(3, "n1"): (1, 0), (7, "n1"): (2, 1), (7, "n2"): (0, 2)}


def test_adding_up_on_the_way_changes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    rows = [
        search_row(f"s{n}", QUERY, day=n % 28, results=[result(f"n{n % 5}", clicked=True, dwell_seconds=float(n))])
        for n in range(60)
    ]
    whole = told(rows)
    assert sum(read for read, _ in whole.values()) == 30
    monkeypatch.setattr(clicked, "_PENDING", 3)
    assert told(rows) == whole
    assert told(rows, open_store(str(tmp_path / "delta"), create=True)) == whole
