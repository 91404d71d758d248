from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from indexer.errors import NotFoundError, UsageError
from indexer.stores.contract import RUN_ROWS, RunInfo, Store
from tests.contract.rows import STAMP, searches
from tests.contract.subjects import Subject

NOON = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=UTC)


def _info(run: str, minutes: int = 0, **manifest: object) -> RunInfo:
    return RunInfo(run, f"name of {run}", NOON + timedelta(minutes=minutes), manifest)


def _rows(section: str, bodies: list[str]) -> pa.Table:
    rows = [
        {"section": section, "position": position, "key": f"k{position}", "body": body}
        for position, body in enumerate(bodies)
    ]
    return pa.Table.from_pylist(rows[::-1], schema=RUN_ROWS)


def test_a_run_comes_back_by_section_and_position(subject: Subject, store: Store) -> None:
    gaps = [f'{{"keyword":"词{number}"}}' for number in range(2500)]
    rows = pa.concat_tables([_rows("gaps", gaps), _rows("market", ["{}"])])
    info = _info("r1", snapshot="snapshot-1", settings={"weeks": 12, "share": 0.1, "from": None}, versions=["a", 1])
    store.save_run(info, rows)
    again = subject.open() if subject.outlives else store
    assert again.runs() == [info]
    found = again.run_rows("r1", "gaps")
    assert found.schema.equals(RUN_ROWS)
    assert found.column("body").to_pylist() == gaps
    assert found.column("position").to_pylist() == list(range(2500))
    assert again.run_rows("r1", "market").column("key").to_pylist() == ["k0"]
    assert again.run_rows("r1", "nothing").num_rows == 0
    if again is not store:
        again.close()


def test_runs_are_listed_newest_first_then_by_id(store: Store) -> None:
    for run, minutes in (("b", 0), ("c", 5), ("a", 0), ("d", -5)):
        store.save_run(_info(run, minutes), _rows("gaps", []))
    assert [info.run for info in store.runs()] == ["c", "a", "b", "d"]


def test_saving_a_run_again_replaces_it(store: Store) -> None:
    store.save_run(_info("r", turn=1), _rows("gaps", ["1", "2", "3"]))
    store.save_run(_info("other"), _rows("gaps", ["other"]))
    store.save_run(_info("r", 1, turn=2), _rows("gaps", ["4"]))
    assert store.runs() == [_info("r", 1, turn=2), _info("other")]
    assert store.run_rows("r", "gaps").column("body").to_pylist() == ["4"]
    assert store.run_rows("other", "gaps").column("body").to_pylist() == ["other"]


def test_a_deleted_run_is_gone(store: Store) -> None:
    store.save_run(_info("r"), _rows("gaps", ["1"]))
    store.save_run(_info("s"), _rows("gaps", ["2"]))
    store.delete_run("r")
    assert [info.run for info in store.runs()] == ["s"]
    assert store.run_rows("s", "gaps").column("body").to_pylist() == ["2"]
    for use in (lambda: store.run_rows("r", "gaps"), lambda: store.delete_run("r")):
        with pytest.raises(NotFoundError):
            use()


def test_a_store_without_runs(store: Store) -> None:
    assert store.runs() == []
    with pytest.raises(NotFoundError):
        store.run_rows("latest", "gaps")
    with pytest.raises(NotFoundError):
        store.delete_run("latest")


def test_rows_of_another_schema_are_refused(store: Store) -> None:
    with pytest.raises(UsageError):
        store.save_run(_info("r"), pa.table({"section": ["gaps"], "position": [0.5], "key": ["k"], "body": ["{}"]}))
    assert store.runs() == []


def test_runs_lie_outside_snapshots(store: Store) -> None:
    with store.writer(holder="test") as writer:
        writer.write("search", searches(0, 3))
        first = writer.publish(STAMP)
        store.save_run(_info("r", snapshot=first.number), _rows("gaps", ["1"]))
    assert store.manifest() == first
    with store.writer(holder="test") as writer:
        writer.write("search", searches(0, 9, "新"))
    assert store.run_rows("r", "gaps").num_rows == 1


def test_names_and_bodies_are_only_values(store: Store) -> None:
    run = "r'; drop table runs; --\" $1 {{x}} \\ % _ * ?"
    body = '{"keyword":"\\u0000 \' \\" ; ] } 𠮷 ' + "长" * 20_000 + '"}'
    store.save_run(_info(run, note="'\""), _rows("s' or 1=1 --", [body]))
    store.save_run(_info("r"), _rows("gaps", ["1"]))
    assert store.run_rows(run, "s' or 1=1 --").column("body").to_pylist() == [body]
    assert store.run_rows(run, "gaps").num_rows == 0
    with pytest.raises(NotFoundError):
        store.run_rows("r' or '1'='1", "gaps")
    store.delete_run(run)
    assert [info.run for info in store.runs()] == ["r"]


def test_one_row_is_found_by_its_key(subject: Subject, store: Store) -> None:
    gaps = [f'{{"keyword":"词{number}"}}' for number in range(6000)]
    store.save_run(_info("r"), pa.concat_tables([_rows("gaps", gaps), _rows("market", ["m0", "m1"])]))
    store.save_run(_info("other"), _rows("gaps", ["another run"]))
    again = subject.open() if subject.outlives else store
    for number in (0, 1, 4999, 5999):
        assert again.run_row("r", "gaps", f"k{number}") == gaps[number]
    assert again.run_row("r", "market", "k1") == "m1"
    assert again.run_row("other", "gaps", "k0") == "another run"
    for section, key in (("gaps", "k6000"), ("gaps", "K1"), ("gaps", ""), ("market", "k2"), ("nothing", "k0")):
        assert again.run_row("r", section, key) is None
    with pytest.raises(NotFoundError):
        again.run_row("none", "gaps", "k0")
    if again is not store:
        again.close()


def test_of_rows_with_the_same_key_the_first_counts(store: Store) -> None:
    rows = [{"section": "gaps", "position": position, "key": "k", "body": f"body {position}"} for position in (2, 0, 1)]
    store.save_run(_info("r"), pa.Table.from_pylist(rows, schema=RUN_ROWS))
    assert store.run_row("r", "gaps", "k") == "body 0"
    store.save_run(_info("r"), _rows("gaps", ["anew"]))
    assert store.run_row("r", "gaps", "k") is None
    assert store.run_row("r", "gaps", "k0") == "anew"


KEYS = ["k' or '1'='1", "a/b?x=1#y%2F*", "👶🏻纸尿裤 🍼", "\\u0000", "长" * 5_000, "x" * 40_000]


@pytest.mark.parametrize("key", KEYS, ids=range(len(KEYS)))
def test_any_text_can_be_a_key(store: Store, key: str) -> None:
    rows = [{"section": "gaps", "position": n, "key": k, "body": f"b{n}"} for n, k in enumerate(("k", key, "z"))]
    store.save_run(_info("r"), pa.Table.from_pylist(rows, schema=RUN_ROWS))
    assert store.run_row("r", "gaps", key) == "b1"
    assert store.run_row("r", "gaps", key + " ") is None
