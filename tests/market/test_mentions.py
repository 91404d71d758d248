"""Where notes and queries speak of something: every place by hand, and every count borne out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.market import mention_rows
from gapfinder.market.mention_rows import MENTION_TEXTS, MENTIONED, MENTIONS, NOTES, QUERIES
from gapfinder.market.mentioned import StoredMentions
from gapfinder.market.mentions import Rows, gathering, sorted_rows
from gapfinder.market.passages import Passage, note_passages, query_passages, run_snapshot
from gapfinder.market.stored import read_market, read_parts, read_points
from indexer.errors import NotFoundError
from indexer.stores.contract import RunInfo, Store
from indexer.stores.memory import MemoryStore
from tests.market.conftest import Tiny
from tests.market.made import analyzed
from tests.market.made_tree import analyzed as grown
from tests.market.spoken import ASKED, SPOKEN, spoken


@pytest.fixture(scope="module")
def told() -> tuple[Store, RunInfo]:
    store = MemoryStore()
    return store, spoken(store)


@pytest.fixture(scope="module")
def mentions(told: tuple[Store, RunInfo]) -> StoredMentions:
    return StoredMentions(*told)


def notes(told: tuple[Store, RunInfo], name: str, **chosen: Any) -> dict[str, Passage]:
    """The notes of this module that speak of something, by id."""
    found = StoredMentions(*told)
    snapshot = run_snapshot(*told)
    passages = note_passages(found, snapshot, found.find(name, **chosen))
    own = {note_id for note_id, *_ in SPOKEN}
    return {str(one["note_id"]): one for one in passages if one["note_id"] in own}


def places(passage: Passage) -> list[tuple[str, int | None, int | None, str]]:
    return [(mark["field"], mark["start"], mark["end"], mark["words"]) for mark in passage["marks"]]


@pytest.mark.parametrize(
    ("name", "note_id", "expected"),
    [
        ("云朵熊星空拉拉裤", "s0", [("title", 0, 8, "雲朵熊星空拉拉褲"), ("content", 5, 14, "雲朵熊\u200b星空拉拉褲")]),
        ("p2", "s0", [("title", 0, 8, "雲朵熊星空拉拉褲"), ("content", 5, 14, "雲朵熊\u200b星空拉拉褲")]),
        ("云朵熊", "s0", [("title", 0, 8, "雲朵熊星空拉拉褲"), ("content", 5, 14, "雲朵熊\u200b星空拉拉褲")]),
        ("透气", "s0", [("content", 20, 22, "透氣")]),
        ("宝宝", "s0", [("content", 15, 17, "寶寶"), ("tag 2", 0, 2, "宝宝")]),
        ("麦洛", "s1", [("brand", 0, 2, "麦洛")]),  # its own field only
        (
            "麦洛",
            "s2",
            [("title", 0, 2, "麦洛"), ("content", 0, 2, "麦洛"), ("content", 5, 7, "麦洛"), ("tag 2", 0, 2, "麦洛")],
        ),
        ("孕妇", "s3", [("title", 0, 2, "孕妇")]),  # of no category
        ("海边", "s3", [("content", 3, 5, "海边")]),
        ("红屁股", "s4", [("title", 3, 6, "红屁股"), ("content", 13, 16, "红屁股")]),  # a wording of 缓解红屁股
        ("透气", "s5", [("content", 10, 12, "透气")]),  # behind signs that are longer once normalised
    ],
)
def test_every_place_of_a_note(
    told: tuple[Store, RunInfo], name: str, note_id: str, expected: list[tuple[str, int, int, str]]
) -> None:
    assert places(notes(told, name)[note_id]) == expected


def test_a_category_that_no_word_names_has_no_place(told: tuple[Store, RunInfo], mentions: StoredMentions) -> None:
    [category] = mentions.find("纸尿裤", "category")
    assert places(notes(told, "纸尿裤")["s0"])[-1] == ("tag 1", 0, 3, "纸尿裤")
    kept = [one for one in notes(told, "洗发水").values() if one["marks"][0]["field"] == "text"]
    assert all(mark == {"field": "text", "start": None, "end": None, "before": "", "words": "", "after": ""}
               for one in kept for mark in one["marks"])  # fmt: skip
    assert category["queries"] == len(list(query_passages(mentions, category)))


def test_what_stands_around_the_words_is_short_and_on_one_line(told: tuple[Store, RunInfo]) -> None:
    [mark] = notes(told, "海边")["s3"]["marks"]
    assert (mark["before"], mark["words"], mark["after"]) == ("夏天在", "海边", "走走。")
    first, second = notes(told, "云朵熊")["s0"]["marks"]
    assert (first["before"], first["after"]) == ("", "測評")
    assert (second["before"], second["after"]) == (" 買了兩包", "，寶寶夏天也透氣。")


@pytest.mark.parametrize(
    ("name", "query", "expected"),
    [
        ("云朵熊", "云朵熊 星空 拉拉裤", (0, 10)),  # by its product
        ("云朵熊星空拉拉裤", "云朵熊 星空 拉拉裤", (0, 10)),
        ("纸尿裤", "新生儿 pk 纸尿裤", (7, 10)),
        ("新生儿", "新生儿 pk 纸尿裤", (0, 3)),
        ("孕妇", "孕妇洗发水", (0, 2)),
        ("缓解红屁股", "缓解红屁股纸尿裤", (0, 5)),
        ("缓解红屁股", "红屁股纸尿裤", (0, 3)),
    ],
)
def test_the_place_in_a_query(mentions: StoredMentions, name: str, query: str, expected: tuple[int, int]) -> None:
    found = {one["query"]: one for own in mentions.find(name) for one in query_passages(mentions, own)}
    assert [(mark["start"], mark["end"]) for mark in found[query]["marks"]] == [expected]
    assert {one["searches"] for one in found.values()} <= {40, 30, 25, 20, 10, *(times for _, times in ASKED)}


@pytest.mark.parametrize("made", ["tiny", "spoken"])
def test_as_many_notes_are_kept_as_are_counted(tiny: Tiny, told: tuple[Store, RunInfo], made: str) -> None:
    store, info = (tiny.store, tiny.info) if made == "tiny" else told
    mentions = StoredMentions(store, info)
    rows = read_market(store, info)
    assert {row["level"] for row in rows if row["notes"]} >= {"category", "brand"}
    expected = {(row["level"], row["category"], row["product_id"] or row["name"]): row["notes"] for row in rows}
    expected |= {("point", row["category"], row["selling_point"]): row["notes"] for row in read_points(store, info)}
    for (level, category, name), counted in expected.items():
        own = [one for one in mentions.called(name) if (one["level"], one["category"]) == (level, category)]
        texts = [int(text) for one in own for block in mentions.blocks(NOTES, one) for text in block.text]
        assert len(texts) == len(set(texts)) == counted, (level, category, name)
    if made == "spoken":
        assert expected["product", "纸尿裤", "p2"] == 1


def test_copies_and_hidden_advertising_are_not_kept(tiny: Tiny) -> None:
    ids = [one for body in tiny.rows(MENTION_TEXTS) if "note_id" in body for one in body["note_id"]]
    assert "n9999" not in ids, "it repeats another note"
    assert ids == sorted(set(ids))


def test_a_name_is_looked_for_by_level_and_category(mentions: StoredMentions) -> None:
    assert [one["category"] for one in mentions.find("孕妇")] == [None, "洗发水"]
    assert [one["category"] for one in mentions.find("孕婦", "crowd", "洗髮水")] == ["洗发水"]
    with pytest.raises(NotFoundError, match="speaks of brand '孕妇' in '纸尿裤'") as error:
        mentions.find("孕妇", "brand", "纸尿裤")
    assert error.value.hint == "there is: crowd in no category; crowd in 洗发水"
    for name, hint in (("云朵", "close: 云朵熊"), ("", "names: "), ("\udcff", "names: "), ("={1+1}", "names: ")):
        with pytest.raises(NotFoundError, match="no note and no query") as error:
            mentions.find(name)
        assert str(error.value.hint).startswith(hint)


def test_older_runs_say_that_they_tell_no_mentions(tiny: Tiny) -> None:
    older = {name: value for name, value in tiny.info.manifest.items() if name != MENTIONS}
    with pytest.raises(NotFoundError, match="an older version made it"):
        StoredMentions(tiny.store, replace(tiny.info, manifest=older))
    with pytest.raises(NotFoundError, match="no market"):
        StoredMentions(tiny.store, replace(tiny.info, manifest={**older, "market": {}}))


def test_a_keyword_says_where_its_parts_stand(told: tuple[Store, RunInfo]) -> None:
    parts = read_parts(*told, "新生儿 pk 纸尿裤")
    assert parts is not None
    assert [(one["part"], one["words"], one["start"], one["end"]) for one in parts["places"]] == [
        ("crowd", "新生儿", 0, 3), ("category", "纸尿裤", 7, 10),
    ]  # fmt: skip
    for body in MemoryRows(told).of("query_parts"):
        assert all(body["keyword"][one["start"] : one["end"]] == one["words"] for one in body["places"])


class MemoryRows:
    """The rows of a section."""

    def __init__(self, told: tuple[Store, RunInfo]) -> None:
        self._tiny = Tiny(*told)

    def of(self, section: str) -> list[dict[str, Any]]:
        return self._tiny.rows(section)


def test_the_same_mentions_twice_and_in_any_order_of_notes(told: tuple[Store, RunInfo]) -> None:
    store, info = told

    class Backwards(MemoryStore):
        def snapshot(self, number: int | None = None) -> Any:
            found = super().snapshot(number)
            scan = found.scan

            def turned(record: str, *given: Any, **named: Any) -> Iterator[pa.RecordBatch]:
                for batch in reversed(list(scan(record, *given, **named))):
                    yield batch.take(pa.array(range(batch.num_rows - 1, -1, -1)))

            found.scan = turned  # type: ignore[method-assign]  # the same notes in another order
            return found

    other = Backwards()
    again = spoken(other)
    for section in (MENTION_TEXTS, MENTIONED, MENTIONS):
        assert other.run_rows(again.run, section).equals(store.run_rows(info.run, section))


def test_a_market_of_nothing_has_no_mentions() -> None:
    store = MemoryStore()
    info = analyzed(store)
    assert info.manifest[MENTIONS]["notes"] > 0
    with gathering() as gathered:
        assert list(mention_rows.mention_batches(gathered, None)) == []  # type: ignore[arg-type]  # nothing is read
        assert gathered.totals() == {"notes": 0, "queries": 0}


ROW = st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 4), st.integers(1, 2))


@given(st.lists(ROW, max_size=60), st.integers(1, 5), st.integers(1, 7))
def test_blocks_hold_all_mentions_whatever_comes_together(
    rows: list[tuple[int, int, int, int]], block: int, together: int
) -> None:
    parts = sorted_rows([tuple(np.array(rows, np.int64).reshape(-1, 4).T)])  # type: ignore[list-item]  # four columns
    whole = np.stack([parts.subject, parts.text, parts.place, parts.length])
    pieces = [Rows(*whole[:, at : at + together]) for at in range(0, whole.shape[1], together)]
    counts: dict[int, list[int]] = {code: [0, 0] for code in range(4)}
    before, mention_rows.BLOCK = mention_rows.BLOCK, block  # type: ignore[misc]  # smaller, to see their ends
    try:
        blocks = list(mention_rows._blocks(NOTES, pieces, counts))
    finally:
        mention_rows.BLOCK = before  # type: ignore[misc]  # as it was
    assert len({key for key, _ in blocks}) == len(blocks)
    found = []
    for key, body in blocks:
        assert 0 < body["texts"].size <= block
        texts = np.repeat(np.cumsum(body["texts"]), body["times"])
        subject = int(key[1:].split(".")[0])
        found += [
            (subject, *one) for one in zip(texts.tolist(), body["place"].tolist(), body["length"].tolist(), strict=True)
        ]
    assert found == sorted(set(rows))
    for code, (texts_of, places_of) in counts.items():
        own = {row for row in rows if row[0] == code}
        assert (texts_of, places_of) == (len({row[1] for row in own}), len(own))


def test_notes_are_found_by_their_place_in_all_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mention_rows, "BLOCK", 5)
    monkeypatch.setattr(mention_rows, "LIST", 3)
    store = MemoryStore()
    info = analyzed(store)
    mentions = StoredMentions(store, info)
    [own] = mentions.find("纸尿裤", "category")
    snapshot = run_snapshot(store, info)
    whole = list(note_passages(mentions, snapshot, [own]))
    assert (own["block"], own["list"]) == (5, 3)
    assert len(whole) == own["notes"] > 20
    for first, most in ((0, 1), (4, 3), (5, 5), (7, 100), (own["notes"], 1)):
        assert list(note_passages(mentions, snapshot, [own], first, most)) == whole[first : first + most]
    every = [*mentions.find("洗发水"), own]
    both = list(note_passages(mentions, snapshot, every))
    assert both[-len(whole) :] == whole
    for first in range(len(both)):
        assert list(note_passages(mentions, snapshot, every, first, 2)) == both[first : first + 2]
    assert sum(len(block) for block in mentions.blocks(QUERIES, own)) == own["queries"]


def test_a_wording_that_only_notes_use_finds_its_point(told: tuple[Store, RunInfo], mentions: StoredMentions) -> None:
    store, info = told
    [point] = [row for row in read_points(store, info) if row["selling_point"] == "缓解红屁股"]
    assert "红屁股" in point["variants"]
    assert mentions.find("红屁股") == mentions.find("缓解红屁股", "point")


def test_what_can_not_be_looked_for_is_said(mentions: StoredMentions) -> None:
    with pytest.raises(NotFoundError, match="no category '没有'") as caught:
        mentions.find("纸尿裤", category="没有")
    assert caught.value.hint == "categories: 纸尿裤, 洗发水"
    with pytest.raises(NotFoundError) as caught:
        mentions.find("%")
    assert caught.value.hint is not None
    assert not {"p1", "p2"} & set(caught.value.hint.removeprefix("names: ").split(", ")), "ids say nothing"


def test_a_category_that_only_holds_others_names_them() -> None:
    store = MemoryStore()
    info = grown(store)
    with pytest.raises(NotFoundError) as caught:
        StoredMentions(store, info).find("个护")
    assert caught.value.hint == "below it: 洗护, 洗发水"
