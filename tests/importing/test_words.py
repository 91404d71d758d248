"""The dictionary of a store: shipped words, the catalogue's and the user's; kept, checked, changed by reindexing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from indexer.dictionary import DEFAULT_FREQUENCY, shipped_dictionary
from indexer.errors import DataError, NotFoundError
from indexer.importer import import_files, reindex, store_dictionary
from indexer.segment import Segmenter
from indexer.stores.memory import MemoryStore

BRAND = "柔芽贝"  # a made-up brand that no dictionary knows
NOTE = {"note_id": "n", "title": f"{BRAND}纸尿裤好用"}
PRODUCT = {
    "product_id": "p",
    "name": "超薄",
    "brand": BRAND,
    "aliases": ["小柔 芽", "12345", "柔", "柔芽贝超薄", "柔芽贝朵绵"],
}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def first_terms(store: MemoryStore) -> list[str]:
    terms: list[str] = store.snapshot().by_id("note", ["n"])["text_terms"].to_pylist()[0][0].split()
    return terms


def test_products_of_the_same_import_are_words_at_once(tmp_path: Path) -> None:
    store = MemoryStore()
    report = import_files(store, [write(tmp_path / "notes.jsonl", NOTE), write(tmp_path / "products.jsonl", PRODUCT)])
    assert [one.record for one in report.files] == ["product", "note"]
    assert first_terms(store)[0] == BRAND
    manifest = store.manifest()
    assert manifest is not None
    assert manifest.words == (("朵绵", DEFAULT_FREQUENCY), (BRAND, DEFAULT_FREQUENCY))
    assert Segmenter(store_dictionary(store)).stamp == manifest.segmenter
    assert (
        store_dictionary(store.snapshot()).hash == store_dictionary(manifest).hash == manifest.segmenter.dictionary_hash
    )


def test_later_products_wait_for_reindex(tmp_path: Path) -> None:
    store = MemoryStore()
    import_files(store, [write(tmp_path / "notes.jsonl", NOTE)])
    assert BRAND not in first_terms(store)
    report = import_files(store, [write(tmp_path / "products.jsonl", PRODUCT)])
    assert "reindex" in report.notes[0]
    assert BRAND not in first_terms(store)
    before = store.snapshot().by_id("note", ["n"])["content_hash"].to_pylist()
    done = reindex(store)
    assert (dict(done.rows), done.words) == ({"note": 1}, 2)
    assert first_terms(store)[0] == BRAND
    assert store.snapshot().by_id("note", ["n"])["content_hash"].to_pylist() == before
    assert import_files(store, [tmp_path / "notes.jsonl"]).total["unchanged"] == 1
    assert not import_files(store, [tmp_path / "products.jsonl"]).notes


def test_products_alone_do_not_fix_the_words(tmp_path: Path) -> None:
    store = MemoryStore()
    import_files(store, [write(tmp_path / "products.jsonl", PRODUCT)])
    import_files(store, [write(tmp_path / "notes.jsonl", NOTE)])
    assert first_terms(store)[0] == BRAND


def test_dictionary_files(tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text(f"{BRAND} 5000\n")
    store = MemoryStore()
    notes = write(tmp_path / "notes.jsonl", NOTE)
    import_files(store, [notes], dictionary_paths=[words])
    assert first_terms(store)[0] == BRAND
    assert import_files(store, [notes], dictionary_paths=[words]).total["unchanged"] == 1
    other = tmp_path / "other.txt"
    other.write_text("纸尿裤好用\n")
    with pytest.raises(DataError, match="segmented without it") as caught:
        import_files(store, [notes], dictionary_paths=[other])
    assert "gapfinder reindex" in caught.value.hint
    reindex(store, dictionary_paths=[other])
    assert first_terms(store) == [BRAND, "纸尿裤好用"]
    assert dict(store_dictionary(store).words)[BRAND] == 5000


def test_reindexing_changes_nothing_where_nothing_changed(tmp_path: Path) -> None:
    store = MemoryStore()
    searches = [
        {"query": "奶瓶", "searched_at": "2024-01-05", "user_id": "u", "results": [{"note_id": "n", "clicked": True}]}
    ] * 2
    ad = "时间,关键词,消费,展现量,点击量,创意ID\n2024-01-05,奶瓶,1,1,1,c1\n2024-01-05,奶瓶,2,1,1,c2\n"
    (tmp_path / "ads.csv").write_text(ad)
    import_files(
        store,
        [write(tmp_path / "notes.jsonl", NOTE), write(tmp_path / "searches.jsonl", *searches), tmp_path / "ads.csv"],
    )
    records = ("note", "search", "ad")
    before = {record: list(store.snapshot().scan(record)) for record in records}
    assert dict(reindex(store).rows) == {"note": 1, "search": 2, "ad": 2}
    for record in records:
        assert [batch.to_pylist() for batch in store.snapshot().scan(record)] == [
            batch.to_pylist() for batch in before[record]
        ]


def test_text_of_another_segmenter_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    notes = write(tmp_path / "notes.jsonl", NOTE)
    import_files(store, [notes])
    longer = shipped_dictionary().extended([("好用啊", 10)])
    monkeypatch.setattr("indexer.importing.vocabulary.shipped_dictionary", lambda: longer)
    with pytest.raises(DataError, match="another segmenter or dictionary") as caught:
        import_files(store, [notes])
    assert "reindex" in caught.value.hint
    reindex(store)
    assert import_files(store, [notes]).total["unchanged"] == 1


def test_an_empty_store_can_not_be_reindexed() -> None:
    with pytest.raises(NotFoundError, match="empty"):
        reindex(MemoryStore())
