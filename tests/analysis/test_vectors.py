from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gapfinder import neighbours
from gapfinder.neighbours import MOST_NEIGHBOURS, Neighbours, nearest_words
from gapfinder.vectors import train_neighbours
from indexer.stores import open_store
from indexer.stores.contract import Snapshot, Store
from indexer.stores.memory import MemoryStore
from tests.contract.rows import STAMP, market, note, table, words

COMPANY = {"纸尿裤": "防漏 夜用 透气 柔软 新生儿", "洗发水": "控油 去屑 留香 头皮 蓬松"}
ALIKE = {"纸尿裤": "尿不湿", "洗发水": "洗头膏"}


def snapshot_of(rows: list[dict[str, object]], store: Store | None = None) -> Snapshot:
    store = store or MemoryStore()
    with store.writer(holder="a test") as writer:
        writer.write("note", table("note", rows))
        writer.publish(STAMP)
    return store.snapshot()


def notes(seed: int, count: int = 400) -> list[dict[str, object]]:
    """Two topics; in each, two words stand in the same company and never together."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        topic = ("纸尿裤", "洗发水")[number % 2]
        subject = draw.choice((topic, ALIKE[topic]))
        company = draw.sample(COMPANY[topic].split(), 3)
        rows.append(note(f"n{number:04d}", f"{subject} {company[0]}", f"{company[1]} {subject} {company[2]} 分享"))
    return rows


def test_words_in_like_company_are_near() -> None:
    found = train_neighbours(snapshot_of(notes(1)), [("纸尿裤", "推荐")] * 3, [1, 1, 1])
    for topic, alike in ALIKE.items():
        cosine = {other: cosine for other, _, cosine in found.of(topic)}
        other_topic = next(word for word in COMPANY if word != topic)
        assert found.of(topic)[0][0] == alike
        assert cosine.get(other_topic, 0) < cosine[alike] / 2
    assert found.of("从未见过") == []


def test_queries_teach_as_well() -> None:
    queries = [
        (subject, word)
        for topic, alike in ALIKE.items()
        for subject in (topic, alike)
        for word in COMPANY[topic].split()
    ]
    found = train_neighbours(snapshot_of([note("n1", "无关")]), queries, [5] * len(queries))
    assert found.of("纸尿裤")[0][0] == "尿不湿"


@pytest.mark.parametrize("count", range(9))
def test_a_store_of_fewer_words_than_the_window_teaches_nothing(count: int) -> None:
    query = tuple(f"词{number}" for number in range(count))
    for texts in ([], [note("n1", "面膜 好用")]):
        assert len(train_neighbours(snapshot_of(texts), [query][:count], [1][:count])) == 0


def test_a_store_too_small_teaches_nothing() -> None:
    found = train_neighbours(snapshot_of([note("n1", "纸尿裤 夜用")]), [], [])
    assert len(found) == 0
    assert found.as_rows() == {}


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(600, 4000))
def test_neither_order_nor_batches_change_anything(draw: random.Random, most: int) -> None:
    rows = market(150, words(60), 3).to_pylist()
    turned = rows.copy()
    draw.shuffle(turned)
    one, other = (train_neighbours(snapshot_of(each), [], [], most_tokens=most) for each in (rows, turned))
    assert one.as_rows() == other.as_rows()
    assert len(one) > 0


def test_both_stores_teach_the_same(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "store"), create=True) as store:
        one = train_neighbours(snapshot_of(notes(2), store), [("尿不湿", "夜用")], [4])
    assert one.as_rows() == train_neighbours(snapshot_of(notes(2)), [("尿不湿", "夜用")], [4]).as_rows()


def test_fewer_tokens_leave_out_whole_notes() -> None:
    everything = train_neighbours(snapshot_of(notes(1)), [], [])
    part = train_neighbours(snapshot_of(notes(1)), [], [], most_tokens=600)
    assert len(part) > 0
    assert part.as_rows() != everything.as_rows()


def test_kept_neighbours_come_back() -> None:
    found = train_neighbours(snapshot_of(notes(3)), [], [])
    again = Neighbours.from_rows(found.as_rows())
    assert again.as_rows() == found.as_rows()
    assert again.of("洗发水") == found.of("洗发水")
    only = found.only({"洗发水"})
    assert set(only.word) == {"洗发水"}
    assert only.of("洗发水") == found.of("洗发水")


@pytest.mark.parametrize("seed", range(3))
def test_nearest_words_equal_their_definition(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against plain Python, in blocks that do not divide the number of words."""
    monkeypatch.setattr(neighbours, "_ROWS", 7)
    known = words(90)
    random.Random(seed).shuffle(known)
    vectors = np.random.default_rng(seed).standard_normal((90, 3)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = np.rint(vectors @ vectors.T * 1000).astype(int).tolist()
    expected: dict[str, list[list[object]]] = {}
    for place, word in enumerate(known):
        rows: list[tuple[int, str, int]] = []
        for number, other in enumerate(known):
            common, held = len(set(word) & set(other)), len(set(word)) + len(set(other))
            alike = cosine[place][number] + 1400 * common // held
            if other != word and cosine[place][number] > 0 and alike >= 300:
                rows.append((-alike, other, cosine[place][number]))
        if rows:
            expected[word] = [[other, -alike, near] for alike, other, near in sorted(rows)[:MOST_NEIGHBOURS]]
    assert nearest_words(known, vectors, None).as_rows() == dict(sorted(expected.items()))
    assert set(nearest_words(known, vectors, known[:5]).word) == set(expected) & set(known[:5])
