from __future__ import annotations

import threading
import time

import pytest

from indexer.errors import StoreBusyError
from indexer.stores.contract import Store
from tests.contract.rows import STAMP, searches
from tests.contract.subjects import Subject


def test_a_second_writer_is_told_who_holds_the_store(subject: Subject, store: Store) -> None:
    other = subject.open() if subject.outlives else store
    with store.writer(holder="import of notes.jsonl"):
        begun = time.monotonic()
        with pytest.raises(StoreBusyError, match=r"import of notes\.jsonl"):
            other.writer(holder="second").__enter__()
        with pytest.raises(StoreBusyError):
            other.writer(holder="third", wait_seconds=0.3).__enter__()
        assert time.monotonic() - begun >= 0.3
    with other.writer(holder="fourth") as writer:
        writer.write("search", searches(0, 1))
    if other is not store:
        other.close()


def test_a_second_writer_waits_its_turn(subject: Subject, store: Store) -> None:
    other = subject.open() if subject.outlives else store
    holding, order = threading.Event(), []

    def wait_and_write() -> None:
        holding.wait()
        with other.writer(holder="second", wait_seconds=60) as writer:
            order.append("second")
            writer.write("search", searches(5, 15, "二"))
            writer.publish(STAMP)

    thread = threading.Thread(target=wait_and_write)
    thread.start()
    with store.writer(holder="first") as writer:
        holding.set()
        writer.write("search", searches(0, 10, "一"))
        writer.publish(STAMP)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    with store.snapshot() as snapshot:
        assert snapshot.count("search") == 15
    if other is not store:
        other.close()


def test_many_writers_at_once_lose_nothing(subject: Subject, store: Store) -> None:
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            write_in_turn(number)
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)

    def write_in_turn(number: int) -> None:
        mine = subject.open() if subject.outlives else store
        with mine.writer(holder=f"writer {number}", wait_seconds=120) as writer:
            writer.write("search", searches(10 * number, 10 * number + 12, f"第{number}"))
            writer.publish(STAMP)
        if mine is not store:
            mine.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with store.snapshot() as snapshot:
        assert snapshot.count("search") == 62
        assert sum(batch.num_rows for batch in snapshot.scan("search")) == 62


def test_readers_and_runs_need_no_lease(store: Store) -> None:
    with store.writer(holder="first") as writer:
        writer.write("search", searches(0, 4))
        writer.publish(STAMP)
    with store.writer(holder="second"), store.snapshot() as snapshot:
        assert snapshot.count("search") == 4
        assert store.runs() == []
