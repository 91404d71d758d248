from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.stores.elastic.bulk import CHUNK_BYTES, CHUNK_DOCUMENTS, _requests, put, remove, upsert
from indexer.stores.elastic.room import Room, wait


def test_a_refusal_halves_the_places_and_success_brings_them_back() -> None:
    room = Room(8)
    room.refused()
    assert room.places == 4
    for _ in range(3):
        room.refused()
    assert room.places == 1
    room.refused()
    assert room.places == 1
    grown = []
    for _ in range(40):
        room.went_well()
        grown.append(room.places)
    assert grown == sorted(grown)
    assert room.places == 8


@pytest.mark.parametrize("places", [1, 2, 4])
def test_no_more_requests_are_under_way_than_there_are_places(places: int) -> None:
    room, turn = Room(places), threading.Lock()
    busy = most = 0
    full = threading.Barrier(places)  # all places are taken at once, or this never passes

    def work(_: int) -> None:
        nonlocal busy, most
        with room.place():
            with turn:
                busy += 1
                most = max(most, busy)
            full.wait(20)
            with turn:
                busy -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert most == places
    assert busy == 0


def test_waits_are_drawn_around_what_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("indexer.stores.elastic.room.time.sleep", waited.append)
    for _ in range(200):
        wait(4.0)
    assert 2.0 <= min(waited) < 3.0
    assert 5.0 < max(waited) <= 6.0


def test_requests_are_neither_too_long_nor_too_large() -> None:
    small = [put("x", f"s{number}", {"a": number}) for number in range(2 * CHUNK_DOCUMENTS + 1)]
    assert [len(lines) for lines in _requests(small)] == [CHUNK_DOCUMENTS, CHUNK_DOCUMENTS, 1]
    text = "字" * (CHUNK_BYTES // 7)
    large = [upsert("x", f"l{number}", {"a": text}) for number in range(5)]
    assert [len(lines) for lines in _requests(large)] == [2, 2, 1]
    huge = [put("x", "h", {"a": text * 5}), remove("x", "r")]
    assert [len(lines) for lines in _requests(huge)] == [1, 1]
    assert list(_requests([])) == []
