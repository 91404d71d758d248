from __future__ import annotations

import pyarrow as pa
import pytest

from indexer.errors import UsageError
from indexer.records import CONTENT_HASH, RECORDS
from indexer.stores.contract import Store, Writer, WriteResult
from tests.contract.rows import OTHER_STAMP, STAMP, note, scanned, search, searches, table
from tests.contract.subjects import Subject


def test_writing_twice_changes_nothing(store: Store) -> None:
    rows = searches(0, 300)
    with store.writer(holder="first") as writer:
        assert writer.write("search", rows) == WriteResult(300, 0)
        assert writer.write("search", rows) == WriteResult(0, 300)
        first = writer.publish(STAMP)
    with store.writer(holder="second") as writer:
        assert writer.write("search", rows) == WriteResult(0, 300)
        assert writer.publish(STAMP) == first
    assert store.manifest() == first
    assert dict(first.counts) == {"search": 300}
    assert set(first.versions) == {"search"}


def test_changed_rows_take_the_place_of_the_old(store: Store) -> None:
    with store.writer(holder="old") as writer:
        writer.write("search", searches(0, 200, "旧"))
        writer.publish(STAMP)
    with store.writer(holder="new") as writer:
        assert writer.write("search", searches(100, 300, "新")) == WriteResult(200, 0)
        writer.write("search", searches(110, 120, "更新"))
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        rows = scanned(snapshot.scan("search", ["search_id", "query"]), "search_id")
        assert snapshot.count("search") == 300
    expected = ["旧"] * 100 + ["新"] * 10 + ["更新"] * 10 + ["新"] * 180
    assert [row["query"] for row in rows] == expected
    assert [row["search_id"] for row in rows] == [f"s{number:06d}" for number in range(300)]


def test_the_last_row_of_an_id_counts_and_the_others_are_unchanged(store: Store) -> None:
    batch = table("search", [search("a", "一"), search("b", "二"), search("a", "三"), search("a", "四")])
    with store.writer(holder="test") as writer:
        assert writer.write("search", batch) == WriteResult(2, 2)
        assert writer.write("search", batch) == WriteResult(0, 4)
        assert writer.existing("search", ["a"]).column("query").to_pylist() == ["四"]
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.by_id("search", ["a", "b"], ["query"]).column("query").to_pylist() == ["四", "二"]


def test_a_value_that_comes_or_goes_is_a_change(store: Store) -> None:
    with store.writer(holder="test") as writer:
        writer.write("search", table("search", [search("a", user_id=None), search("b", user_id="u")]))
        rows = table("search", [search("a", user_id="u"), search("b", user_id=None)])
        assert writer.write("search", rows) == WriteResult(2, 0)
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.by_id("search", ["a", "b"], ["user_id"]).column("user_id").to_pylist() == ["u", None]


def test_every_field_comes_back_as_it_went_in(store: Store) -> None:
    results = [
        {
            "note_id": "n1",
            "position": 1,
            "clicked": True,
            "dwell_seconds": 31.5,
            "liked": False,
            "collected": None,
            "commented": None,
            "shared": True,
        },
        dict.fromkeys(["note_id", "position", "clicked", "dwell_seconds", "liked", "collected", "commented", "shared"]),
    ]
    kept = {
        "search": [
            search("full", results=results, result_count=2, clicks=1, longest_dwell=31.5, acted=True, user_id="u"),
            search("none", results=[], result_count=0, clicks=0),
            search("unknown", results=None),
        ],
        "note": [note("n1", "宝宝 红屁股", "好用", headline=1, tags=["母婴", ""], finish_rate=0.25, disclosed=False)],
        "creator": [{"creator_id": "c", "price": 12.5, "followers": 2**53 - 1, "audience": '{"孕妈":0.5}', "tags": []}],
    }
    with store.writer(holder="test") as writer:
        for record, rows in kept.items():
            writer.write(record, table(record, rows))
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        for record, rows in kept.items():
            id_field = RECORDS[record].id_field
            expected = table(record, rows).sort_by(id_field)
            found = snapshot.by_id(record, expected.column(id_field).to_pylist())
            assert found.schema.equals(RECORDS[record].schema)
            assert found.to_pylist() == expected.to_pylist()
            assert scanned(snapshot.scan(record), id_field) == expected.to_pylist()


def test_ids_that_no_store_can_keep_are_rejected_and_the_rest_is_written(store: Store) -> None:
    batch = table("search", [search("", "无"), search("好"), search("长" * 171), search("界" * 170 + "ab")])
    with store.writer(holder="test") as writer:
        result = writer.write("search", batch)
        assert (result.written, result.unchanged) == (2, 0)
        assert [key for key, _ in result.rejected] == ["", "长" * 171]
        assert all(reason for _, reason in result.rejected)
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert {row["search_id"] for row in scanned(snapshot.scan("search"), "search_id")} == {"好", "界" * 170 + "ab"}


def _wrong_tables() -> list[pa.Table]:
    good = searches(0, 1)
    position = good.schema.get_field_index("clicks")
    return [
        good.drop_columns(["clicks"]),
        good.append_column("more", pa.array([1])),
        good.set_column(position, "clicks", pa.array([2.7])),
        good.set_column(position, "clicks", pa.array(["7"])),
        good.select(list(reversed(good.column_names))),
        good.set_column(good.schema.get_field_index(CONTENT_HASH), CONTENT_HASH, pa.array([None], pa.string())),
    ]


@pytest.mark.parametrize("number", range(6))
def test_rows_of_another_schema_are_refused(store: Store, number: int) -> None:
    with store.writer(holder="test") as writer, pytest.raises(UsageError):
        writer.write("search", _wrong_tables()[number])
    assert store.manifest() is None


def test_unknown_records_are_refused(store: Store) -> None:
    with store.writer(holder="test") as writer, pytest.raises(UsageError, match="records: note, search"):
        writer.write("searches", searches(0, 1))


def test_existing_shows_what_would_be_published(store: Store) -> None:
    with store.writer(holder="first") as writer:
        assert writer.existing("search", ["s000000"]).num_rows == 0
        writer.write("search", searches(0, 50, "旧"))
        writer.publish(STAMP)
    with store.writer(holder="second") as writer:
        writer.write("search", searches(10, 20, "新"))
        writer.write("search", searches(50, 60, "新"))
        writer.write("search", searches(12, 14, "更新"))
        wanted = ["s000055", "s000001", "s000012", "nobody", "s000010", "s000001"]
        found = writer.existing("search", wanted)
        assert found.schema.equals(RECORDS["search"].schema)
        assert sorted(zip(found["search_id"].to_pylist(), found["query"].to_pylist(), strict=True)) == [
            ("s000001", "旧"),
            ("s000010", "新"),
            ("s000012", "更新"),
            ("s000055", "新"),
        ]
        assert sum(batch.num_rows for batch in writer.scan("search")) == 50


def _replace_and_fail(writer: Writer) -> None:
    writer.replace("search", iter(searches(90, 95).to_batches()))
    raise UsageError("something else went wrong")


def test_leaving_without_publishing_drops_everything(store: Store) -> None:
    with store.writer(holder="first") as writer:
        writer.write("search", searches(0, 10, "旧"))
        first = writer.publish(STAMP)
    with store.writer(holder="second") as writer:
        writer.write("search", searches(5, 20, "新"))
        writer.write("note", table("note", [note("n", "字")]))
        writer.existing("search", ["s000000"])
    with pytest.raises(UsageError), store.writer(holder="third") as writer:
        _replace_and_fail(writer)
    assert store.manifest() == first
    with store.snapshot() as snapshot:
        assert snapshot.count("note") == 0
        assert [row["query"] for row in scanned(snapshot.scan("search"), "search_id")] == ["旧"] * 10
    with store.writer(holder="fourth") as writer:
        assert writer.existing("note", ["n"]).num_rows == 0
        assert writer.write("search", searches(0, 10, "旧")) == WriteResult(0, 10)


def test_what_is_written_after_publishing_waits_for_the_next(store: Store) -> None:
    with store.writer(holder="test") as writer:
        writer.write("search", searches(0, 10))
        first = writer.publish(STAMP)
        writer.write("search", searches(5, 15, "新"))
        second = writer.publish(STAMP)
        writer.write("search", searches(0, 40, "无"))
    assert second.number > first.number
    assert store.manifest() == second
    with store.snapshot() as snapshot:
        queries = [row["query"] for row in scanned(snapshot.scan("search"), "search_id")]
    assert queries == ["纸尿裤"] * 5 + ["新"] * 10


def test_replace_leaves_only_the_new_rows(store: Store) -> None:
    with store.writer(holder="first") as writer:
        writer.write("search", searches(0, 40, "旧"))
        writer.write("note", table("note", [note("n", "字")]))
        writer.publish(STAMP)
    with store.writer(holder="second") as writer:
        writer.write("search", searches(90, 99, "先写"))
        again = searches(30, 60, "新").to_batches(max_chunksize=7)
        assert writer.replace("search", iter(again)) == 30
        assert writer.write("search", searches(59, 61, "新")) == WriteResult(1, 1)
        manifest = writer.publish(OTHER_STAMP)
    assert dict(manifest.counts) == {"search": 31, "note": 1}
    with store.snapshot() as snapshot:
        rows = scanned(snapshot.scan("search"), "search_id")
    assert [(row["search_id"], row["query"]) for row in rows] == [(f"s{n:06d}", "新") for n in range(30, 61)]


def test_replace_may_read_what_it_replaces(store: Store) -> None:
    with store.writer(holder="first") as writer:
        writer.write("search", searches(0, 500))
        writer.publish(STAMP)
    with store.writer(holder="second") as writer:
        assert writer.replace("search", writer.scan("search")) == 500
        writer.publish(OTHER_STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.manifest.segmenter == OTHER_STAMP
        assert scanned(snapshot.scan("search"), "search_id") == searches(0, 500).to_pylist()


def test_replacing_by_nothing_empties_the_record(store: Store) -> None:
    with store.writer(holder="first") as writer:
        writer.write("search", searches(0, 5))
        writer.publish(STAMP)
        assert writer.replace("search", iter(())) == 0
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.count("search") == 0
        assert list(snapshot.scan("search")) == []


def test_segmenter_and_words_are_published_with_the_data(store: Store) -> None:
    words = (("红屁股", 2000), ("防侧漏", 100_000))
    with store.writer(holder="test") as writer:
        writer.write("search", searches(0, 1))
        first = writer.publish(STAMP, words)
        assert writer.publish(STAMP, words) == first
        second = writer.publish(STAMP, words[:1])
        third = writer.publish(OTHER_STAMP, words[:1])
    assert first.words == words
    assert (second.words, second.segmenter) == (words[:1], STAMP)
    assert (third.words, third.segmenter) == (words[:1], OTHER_STAMP)
    assert first.number < second.number < third.number
    assert store.manifest() == third


def test_publishing_nothing_first_makes_an_empty_snapshot(store: Store) -> None:
    with store.writer(holder="test") as writer:
        writer.publish(STAMP)
    with store.snapshot() as snapshot:
        assert snapshot.count("note") == 0
        assert dict(snapshot.manifest.versions) == {}


def test_a_writer_that_was_left_writes_no_more(store: Store) -> None:
    with store.writer(holder="test") as writer:
        pass
    with pytest.raises(UsageError):
        writer.write("search", searches(0, 1))
    with pytest.raises(UsageError):
        writer.publish(STAMP)


def test_a_killed_writer_leaves_the_published_state(subject: Subject, store: Store) -> None:
    if not subject.outlives:
        return  # nothing of a killed process stays
    with store.writer(holder="first") as writer:
        writer.write("search", searches(0, 100, "旧"))
        first = writer.publish(STAMP)
    subject.killed_while_writing(2000)
    with subject.open() as again:
        assert again.manifest() == first
        with again.snapshot() as snapshot:
            assert [row["query"] for row in scanned(snapshot.scan("search"), "search_id")] == ["旧"] * 100
        with again.writer(holder="second", wait_seconds=120) as writer:
            assert writer.write("search", searches(0, 100, "旧")) == WriteResult(0, 100)
            assert writer.write("search", searches(100, 150, "新")) == WriteResult(50, 0)
            assert writer.publish(STAMP).counts["search"] == 150
        with again.snapshot() as snapshot:
            assert snapshot.count("search") == sum(batch.num_rows for batch in snapshot.scan("search")) == 150
