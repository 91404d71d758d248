from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from indexer.errors import NotFoundError, UsageError
from indexer.records import RECORDS
from indexer.stores.contract import Snapshot, Store
from tests.contract.rows import FIRST_DAY, STAMP, note, scanned, search, searches, table


def _filled(store: Store) -> Snapshot:
    rows = [
        search(
            f"s{number:04d}",
            ["纸尿裤", "红屁股", "奶瓶"][number % 3],
            number % 20,
            user_id=None if number % 5 == 0 else f"u{number % 7}",
            result_count=None if number % 4 == 0 else number % 3,
            acted=[True, False, None][number % 3],
        )
        for number in range(400)
    ]
    undated = [search(f"t{number}", day=0, searched_at=None) | {"day": None} for number in range(3)]
    with store.writer(holder="test") as writer:
        writer.write("search", table("search", rows + undated))
        writer.publish(STAMP)
    return store.snapshot()


def test_counts_by_group_are_exact_and_null_is_a_value(store: Store) -> None:
    with _filled(store) as snapshot:
        rows = scanned(snapshot.scan("search"), "search_id")
        for by in (["query_norm"], ["query_norm", "day"], ["user_id", "acted"], ["result_count"], ["day", "user_id"]):
            found: Counter[tuple[object, ...]] = Counter()
            for batch in snapshot.group_counts("search", by):
                assert batch.schema.names == [*by, "n"]
                assert [batch.schema.field(name).type for name in by] == [
                    RECORDS["search"].schema.field(name).type for name in by
                ]
                for row in batch.to_pylist():
                    key = tuple(row[name] for name in by)
                    assert key not in found
                    found[key] = row["n"]
            assert found == Counter(tuple(row[name] for name in by) for row in rows)


def test_counts_within_a_window(store: Store) -> None:
    window = ("day", FIRST_DAY + timedelta(days=3), FIRST_DAY + timedelta(days=6))
    with _filled(store) as snapshot:
        found = [row for batch in snapshot.group_counts("search", ["day"], window=window) for row in batch.to_pylist()]
    assert sorted((row["day"], row["n"]) for row in found) == [
        (FIRST_DAY + timedelta(days=day), 20) for day in (3, 4, 5)
    ]


@pytest.mark.parametrize(("first", "end"), [(0, 1), (0, 20), (5, 12), (19, 40), (-9, 0), (7, 7), (9, 3)])
def test_a_window_is_half_open_and_leaves_out_what_has_no_day(store: Store, first: int, end: int) -> None:
    window = ("day", FIRST_DAY + timedelta(days=first), FIRST_DAY + timedelta(days=end))
    with _filled(store) as snapshot:
        found = scanned(snapshot.scan("search", ["search_id", "day"], window=window), "search_id")
    expected = [f"s{number:04d}" for number in range(400) if first <= number % 20 < end]
    assert [row["search_id"] for row in found] == expected


def test_scans_give_the_columns_that_were_asked_for(store: Store) -> None:
    with _filled(store) as snapshot:
        for batch in snapshot.scan("search", ["day", "search_id", "content_hash"]):
            assert batch.schema.names == ["day", "search_id", "content_hash"]
        for batch in snapshot.scan("search"):
            assert batch.schema.equals(RECORDS["search"].schema)
        assert list(snapshot.scan("note")) == []


def test_rows_by_id_come_in_the_order_of_ids(store: Store) -> None:
    ids = ["b", "a", "é", "Z", "好", "𠮷", "10", "9", "￿"]
    with store.writer(holder="test") as writer:
        writer.write("search", table("search", [search(key, key) for key in ids]))
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        wanted = [*ids, "nobody", "a"]
        assert snapshot.by_id("search", wanted, ["search_id"]).column(0).to_pylist() == sorted(ids)
        assert snapshot.by_id("search", ["好", "10"], ["query"]).to_pylist() == [{"query": "10"}, {"query": "好"}]
        assert snapshot.by_id("search", []).num_rows == 0
        assert snapshot.by_id("note", ["a"]).schema.equals(RECORDS["note"].schema)
        assert snapshot.by_id("search", ["nobody"]).schema.equals(RECORDS["search"].schema)


def test_many_rows_by_id(store: Store) -> None:
    with store.writer(holder="test") as writer:
        writer.write("search", searches(0, 3000))
        writer.publish(STAMP)
    wanted = [f"s{number:06d}" for number in range(0, 6000, 2)]
    with store.snapshot() as snapshot:
        found = snapshot.by_id("search", wanted[::-1], ["search_id"])
    assert found.column(0).to_pylist() == [key for key in wanted if key < "s003000"]


def test_the_extent_of_days_and_times(store: Store) -> None:
    with _filled(store) as snapshot:
        assert snapshot.extent("search", "day") == (FIRST_DAY, FIRST_DAY + timedelta(days=19))
        first = datetime(2026, 1, 1, 4, tzinfo=UTC)
        assert snapshot.extent("search", "searched_at") == (first, first + timedelta(days=19))
        assert snapshot.extent("note", "published_day") is None


def test_the_extent_of_nothing_but_nulls(store: Store) -> None:
    with store.writer(holder="test") as writer:
        writer.write("note", table("note", [note("n", "字")]))
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.extent("note", "published_day") is None


def test_far_days_and_times_are_exact(store: Store) -> None:
    at = datetime(2026, 12, 31, 15, 59, 59, 999_999, tzinfo=UTC)
    days = [date(1999, 12, 31), date(2050, 2, 28)]
    with store.writer(holder="test") as writer:
        rows = [note(f"n{day.year}", "字", published_day=day, published_at=at) for day in days]
        writer.write("note", table("note", rows))
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.extent("note", "published_day") == (days[0], days[1])
        assert snapshot.extent("note", "published_at") == (at, at)


WRONG: list[Callable[[Snapshot], object]] = [
    lambda snapshot: snapshot.count("nothing"),
    lambda snapshot: snapshot.scan("nothing"),
    lambda snapshot: snapshot.scan("search", ["nothing"]),
    lambda snapshot: snapshot.scan("search", ["day", "day"]),
    lambda snapshot: snapshot.scan("search", []),
    lambda snapshot: snapshot.scan("search", window=("query", FIRST_DAY, FIRST_DAY)),
    lambda snapshot: snapshot.scan("search", window=("1=1 or day", FIRST_DAY, FIRST_DAY)),
    lambda snapshot: snapshot.by_id("search", ["a"], ["query; drop table x"]),
    lambda snapshot: snapshot.group_counts("search", ["results"]),
    lambda snapshot: snapshot.group_counts("search", ["longest_dwell"]),
    lambda snapshot: snapshot.group_counts("search", ['day", (select 1) as "x']),
    lambda snapshot: snapshot.group_counts("search", []),
    lambda snapshot: snapshot.extent("search", "query"),
    lambda snapshot: snapshot.extent("search", "nothing"),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_names_are_refused_at_once(store: Store, number: int) -> None:
    with _filled(store) as snapshot, pytest.raises(UsageError):
        WRONG[number](snapshot)


def test_an_empty_store_has_no_snapshot(store: Store) -> None:
    assert store.manifest() is None
    with pytest.raises(NotFoundError):
        store.snapshot()
    with pytest.raises(NotFoundError):
        store.snapshot(1)
