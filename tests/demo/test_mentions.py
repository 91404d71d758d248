"""Every count of the sample market is borne out by its mentions: as many notes, and words that say so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gapfinder.market.mention_rows import NOTES, QUERIES
from gapfinder.market.mentioned import Mentioned, StoredMentions
from gapfinder.market.passages import note_passages, query_passages, run_snapshot
from gapfinder.market.stored import read_market, read_points
from gapfinder.runs import analyses
from indexer.errors import NotFoundError
from indexer.normalize import normalize
from indexer.stores import open_store
from indexer.stores.contract import RunInfo, Store

pytestmark = pytest.mark.xdist_group("market")


@pytest.fixture(scope="module")
def store(market_url: str) -> Iterator[Store]:
    with open_store(market_url) as opened:
        yield opened


@pytest.fixture(scope="module")
def info(store: Store) -> RunInfo:
    return analyses(store)[0]


@pytest.fixture(scope="module")
def mentions(store: Store, info: RunInfo) -> StoredMentions:
    return StoredMentions(store, info)


def subject(mentions: StoredMentions, name: str, level: str, category: str | None) -> Mentioned | None:
    """What is spoken of under a name, level and category; None where nobody speaks of it."""
    try:
        found = mentions.find(name, level)
    except NotFoundError:
        return None
    own = [one for one in found if one["category"] == category]
    assert len(own) <= 1
    return own[0] if own else None


def texts_of(mentions: StoredMentions, side: str, own: Mentioned | None) -> list[int]:
    return [] if own is None else [int(text) for block in mentions.blocks(side, own) for text in block.text]


def test_as_many_notes_speak_of_a_category_brand_or_product_as_its_row_counts(
    store: Store, info: RunInfo, mentions: StoredMentions
) -> None:
    rows = read_market(store, info)
    assert {row["level"] for row in rows if row["notes"]} >= {"category", "brand"}
    for row in rows:
        own = subject(mentions, row["product_id"] or row["name"], row["level"], row["category"])
        notes = texts_of(mentions, NOTES, own)
        assert len(set(notes)) == len(notes) == row["notes"] == (own["notes"] if own else 0), row["name"]
        assert bool(texts_of(mentions, QUERIES, own)) == bool(row["searches"]), row["name"]


def test_as_many_notes_speak_of_a_selling_point_as_its_row_counts(
    store: Store, info: RunInfo, mentions: StoredMentions
) -> None:
    rows = read_points(store, info)
    assert sum(row["notes"] > 0 for row in rows) > 50
    for row in rows:
        own = subject(mentions, row["selling_point"], "point", row["category"])
        notes = texts_of(mentions, NOTES, own)
        assert len(set(notes)) == len(notes) == row["notes"], row["selling_point"]
        searches = sum(one["searches"] or 0 for one in query_passages(mentions, own)) if own else 0
        assert searches == row["searches"], row["selling_point"]


@pytest.mark.parametrize(
    ("name", "level"), [("云朵熊", "brand"), ("孕妇", "crowd"), ("夏天", "scene"), ("纸尿裤", None)]
)
def test_the_places_are_those_of_the_words(
    store: Store, info: RunInfo, mentions: StoredMentions, name: str, level: str | None
) -> None:
    found = 0
    with run_snapshot(store, info) as snapshot:
        passages = list(note_passages(mentions, snapshot, mentions.find(name, level)))
        ids = sorted({str(one["note_id"]) for one in passages})
        notes = {row["note_id"]: row for row in snapshot.by_id("note", ids).to_pylist()}
    for passage in passages:
        note = notes[passage["note_id"]]
        spoken = [(mark["field"], mark["start"]) for mark in passage["marks"]]
        assert len(set(spoken)) == len(spoken)
        for mark in passage["marks"]:
            if mark["field"] == "text":
                continue
            name_of, _, number = mark["field"].partition(" ")
            field = note["tags"][int(number) - 1] if number else note[name_of]
            assert field[mark["start"] : mark["end"]] == mark["words"]
            assert field.replace("\n", " ").count(mark["before"] + mark["words"] + mark["after"]) >= 1
            assert level is None or normalize(mark["words"]) == name
            found += 1
    assert found > 20
