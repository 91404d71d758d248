"""A view of the past holds exactly what was known then, and nothing of later days changes a byte of what it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gapfinder.gaps import build_gaps
from gapfinder.measuring import measure
from gapfinder.past import FIGURES, KNOWN_SINCE, PastSnapshot, midnight
from gapfinder.settings import Settings
from indexer.errors import UsageError
from indexer.grams import query_grams
from indexer.records import CONTENT_HASH, RECORDS
from indexer.stores import open_store
from indexer.stores.contract import GRAMS, Snapshot, Store, TermQueries
from indexer.stores.memory import MemoryStore
from tests.backtest.market import DAY, SEGMENTER, Market, Rows, moment, store_of, write

WORDS = ("纸尿裤", "红屁股", "面膜", "补水面膜", "清洁面膜测评", "防侧漏", "洗发水推荐")


@pytest.fixture(params=["memory", "delta"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[Rows], Snapshot]]:
    """Makes a snapshot of rows, in the store of the oracle and in a real one."""
    stores: list[Store] = []
    snapshots: list[Snapshot] = []

    def made(rows: Rows) -> Snapshot:
        if request.param == "memory":
            store: Store = store_of(rows)
        else:
            store = open_store(str(tmp_path / f"store{len(stores)}"), create=True)
            write(store, rows)
        stores.append(store)
        snapshots.append(store.snapshot())
        return snapshots[-1]

    yield made
    for snapshot in snapshots:
        snapshot.close()
    for store in stores:
        store.close()


def everything() -> Rows:
    """Rows of every record on both sides of the day, at its very midnight, and without a day."""
    days = (-40.0, -1.0, -0.001, 0.0, 0.001, 3.0)
    notes: list[dict[str, Any]] = []
    for number, day in enumerate(days):
        for taken in (None, -0.5, 0.0, 2.0):
            note = {"title": WORDS[number % 7], "content": "长一点的内容" * 9, "published_at": moment(day), "likes": 7}
            note |= {"note_id": f"n{len(notes)}", "reads": 100, "updated_at": None if taken is None else moment(taken)}
            notes.append(note)
    notes.append({"note_id": "undated", "title": WORDS[0], "likes": 5})
    each = [(number, moment(day), moment(day).date()) for number, day in enumerate(days)]
    return {
        "note": notes,
        "search": [
            {"search_id": f"s{n}", "query": WORDS[n % 7], "searched_at": at, "user_id": f"u{n}"} for n, at, _ in each
        ],
        "ad": [{"keyword": WORDS[n], "date": on, "clicks": 3, "cost": 2.0} for n, _, on in each],
        "volume": [
            {"keyword": WORDS[n], "volume": 9.0, "unit": "index", "period_end": on} for n, _, on in each
        ]
        + [{"keyword": "没有时间", "volume": 9.0, "unit": "index"}],
        "comment": [
            {"comment_id": f"c{n}", "note_id": "n1", "text": "好用", "commented_at": at} for n, at, _ in each
        ]
        + [{"comment_id": "c9", "note_id": "n1", "text": "不知何时"}],
        "order": [{"order_id": f"o{n}", "product_id": "p0", "ordered_at": at} for n, at, _ in each],
        "product": [{"product_id": f"p{n}", "name": WORDS[n], "launched_at": at} for n, at, _ in each]
        + [{"product_id": "p9", "name": "一直都有"}],
        "audience": [{"user_id": "u1", "groups": ["孕妈"]}],
        "creator": [{"creator_id": "a1", "median_reads": 100.0}],
    }  # fmt: skip


def known(record: str, row: dict[str, Any]) -> bool:
    """What was known at the day, said once more in plain words."""
    if record == "audience":
        return True
    if record == "creator":
        return False
    if record == "product":
        return row.get("launched_at") is None or row["launched_at"] < midnight(DAY)
    if record in ("ad", "volume"):
        day = row.get("date") or row.get("period_end")
        return day is not None and (day <= DAY if record == "volume" else day < DAY)
    column = {"note": "published_at", "search": "searched_at", "comment": "commented_at", "order": "ordered_at"}[record]
    return row.get(column) is not None and row[column] < midnight(DAY)


def sorted_rows(batches: Any, record: str) -> list[dict[str, Any]]:
    rows = pa.Table.from_batches(list(batches), RECORDS[record].schema).drop_columns([CONTENT_HASH]).to_pylist()
    return sorted(rows, key=lambda row: row[RECORDS[record].id_field])


def as_then(record: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Figures that were not taken before the day are unknown."""
    if record == "note":
        for row in rows:
            if row["updated_at"] is None or row["updated_at"] >= midnight(DAY):
                row.update(dict.fromkeys(FIGURES))
    return rows


@pytest.mark.parametrize("record", sorted(RECORDS))
def test_it_holds_what_was_known_and_nothing_else(make: Callable[[Rows], Snapshot], record: str) -> None:
    rows = everything()
    assert set(KNOWN_SINCE) == set(RECORDS)
    past = PastSnapshot(make(rows), DAY)
    then = make({name: [row for row in values if known(name, row)] for name, values in rows.items()})
    wanted = as_then(record, sorted_rows(then.scan(record), record))
    assert sorted_rows(past.scan(record), record) == wanted
    assert past.count(record) == len(wanted)
    assert 0 < len(wanted) < len(rows[record]) or record in ("audience", "creator")
    ids = [row[RECORDS[record].id_field] for row in sorted_rows(make(rows).scan(record), record)]
    found = past.by_id(record, [*ids, "nobody"])
    assert as_then(record, sorted_rows(found.to_batches(), record)) == wanted
    assert found.column(RECORDS[record].id_field).to_pylist() == sorted(
        found.column(RECORDS[record].id_field).to_pylist()
    )


def test_counts_by_day_extents_and_windows(make: Callable[[Rows], Snapshot]) -> None:
    past = PastSnapshot(make(everything()), DAY)
    yesterday = DAY - timedelta(days=1)
    assert past.extent("search", "day") == (DAY - timedelta(days=40), yesterday)
    assert past.extent("note", "published_day") == (DAY - timedelta(days=40), yesterday)
    first, last = past.extent("search", "searched_at") or (None, None)
    assert (first, last) == (moment(-40), moment(-0.001))
    counted = {row["day"]: row["n"] for batch in past.group_counts("search", ["day"]) for row in batch.to_pylist()}
    assert counted == {DAY - timedelta(days=40): 1, yesterday: 2}
    window = ("day", yesterday, DAY + timedelta(days=9))
    assert sum(batch.num_rows for batch in past.scan("search", window=window)) == 2
    assert (
        sum(n for batch in past.group_counts("search", ["query_norm"], window=window) for n in batch["n"].to_pylist())
        == 2
    )
    likes = {row["likes"]: row["n"] for batch in past.group_counts("note", ["likes"]) for row in batch.to_pylist()}
    assert likes == {7: 3, None: 9}, "figures taken later are unknown"
    by_product = list(past.group_counts("product", ["product_id"]))
    assert sum(sum(batch["n"].to_pylist()) for batch in by_product) == past.count("product") == 4
    assert past.count("creator") == 0
    assert past.undated_notes == 1
    with pytest.raises(UsageError):
        past.extent("search", "query")


def test_words_are_counted_in_the_notes_of_then(make: Callable[[Rows], Snapshot]) -> None:
    rows = everything()
    past = PastSnapshot(make(rows), DAY)
    then = make({"note": [row for row in rows["note"] if known("note", row)]})
    terms = sorted({term for word in WORDS for term in SEGMENTER.query_terms(word)})
    assert (
        past.document_frequency([*terms, "没有的词", ""]).tolist()
        == then.document_frequency([*terms, "没有的词", ""]).tolist()
    )
    queries = TermQueries([SEGMENTER.query_terms(word) for word in WORDS], dict.fromkeys(terms, 1000))
    one, other = (view.match(queries, fresh_since=DAY - timedelta(days=20)) for view in (past, then))
    for name in ("matching", "phrase", "headline", "fresh", "best_query", "best_weight"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert one.best_note.to_pylist() == other.best_note.to_pylist()
    assert one.matching.sum() > 0
    grams = [query_grams(terms) for terms in queries.terms]
    distinct = sorted({gram for each in grams for gram in each})
    assert (
        past.document_frequency(distinct, column=GRAMS).tolist()
        == then.document_frequency(distinct, column=GRAMS).tolist()
    )
    by_grams = TermQueries(grams, dict.fromkeys(distinct, 500))
    near, nearest = (view.best_by_grams(by_grams, floor_per_mille=300, best=5) for view in (past, then))
    assert near.note.to_pylist() == nearest.note.to_pylist()
    assert near.weight.tolist() == nearest.weight.tolist()
    assert len(near.note) > 0


def test_a_view_of_some_days(make: Callable[[Rows], Snapshot]) -> None:
    days = PastSnapshot(make(everything()), DAY + timedelta(days=2), since=DAY)
    assert days.count("note") == 8
    assert days.count("search") == 2
    assert {row["published_day"] for batch in days.scan("note") for row in batch.to_pylist()} == {DAY}


def analysis_of(store: MemoryStore) -> bytes:
    """The gaps of the past, byte for byte."""
    with store.snapshot() as snapshot:
        past, chosen = PastSnapshot(snapshot, DAY), Settings.of(end=DAY)
        return b"\n".join(orjson.dumps(gap) for gap in build_gaps(measure(past, chosen, SEGMENTER), past, chosen))


BASE = Market(gaps=6, met=8, weeks_before=5).rows()
KNOWN = analysis_of(store_of(BASE))
QUERIES = st.sampled_from([*sorted({row["query"] for row in BASE["search"]}), "zq000", "全新的需求", "面膜"])
LATER = st.floats(0, 400, allow_nan=False)


@st.composite
def later_rows(draw: st.DrawFn) -> Rows:
    """Anything that may come in of the day and of days after it, and figures taken anew of notes from before."""
    moments = st.builds(moment, LATER)
    note = st.fixed_dictionaries(
        {"title": QUERIES, "content": QUERIES, "published_at": st.one_of(st.none(), moments)},
        optional={
            "likes": st.integers(0, 10**6),
            "reads": st.integers(0, 10**7),
            "author_id": st.sampled_from(["a001"]),
        },
    )
    search = st.fixed_dictionaries(
        {"query": QUERIES, "searched_at": moments, "user_id": st.sampled_from(["u1", "u2", "u3"])}
    )
    ad = st.fixed_dictionaries({"keyword": QUERIES, "date": st.builds(_day_after, LATER), "clicks": st.integers(0, 99)})
    ends = st.builds(_day_after, st.floats(1, 400, allow_nan=False))
    index = {"keyword": QUERIES, "volume": st.just(9.0), "unit": st.just("index"), "period_end": ends}
    volume: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(index)
    figures = st.fixed_dictionaries({"likes": st.integers(0, 10**6), "updated_at": moments})
    made: Rows = {
        "note": [{**row, "note_id": f"later{n}"} for n, row in enumerate(draw(st.lists(note, max_size=6)))],
        "search": [{**row, "search_id": f"later{n}"} for n, row in enumerate(draw(st.lists(search, max_size=40)))],
        "ad": draw(st.lists(ad, max_size=3)),
        "volume": draw(st.lists(volume, max_size=3)),
    }
    made["note"] += [{**row, **draw(figures)} for row in draw(st.lists(st.sampled_from(BASE["note"]), max_size=4))]
    return made


def _day_after(days: float) -> date:
    return DAY + timedelta(days=int(days))


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(later_rows())
def test_nothing_of_later_days_changes_a_byte(later: Rows) -> None:
    store = store_of(BASE)
    write(store, later)
    assert analysis_of(store) == KNOWN
