"""Phone numbers, identity numbers and e-mail addresses inside free text are masked before anything is stored."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.importer import import_files
from indexer.reading.personal import CONTACT, MASK, MAYBE_CONTACT
from indexer.stores.memory import MemoryStore

CONTACTS = ("13812345678", "+86 138-1234-5678", "11010519491231002X", "a.b@mail.example.com")


@pytest.mark.parametrize("contact", CONTACTS)
def test_contacts_in_texts_are_masked(tmp_path: Path, contact: str) -> None:
    note = {"note_id": "n", "title": f"找我 {contact}", "content": f"纸尿裤用了三个月，电话{contact}，价格 138 元"}
    (tmp_path / "notes.jsonl").write_text(json.dumps(note), encoding="utf-8")
    (tmp_path / "searches.csv").write_text(f"query,searched_at\n纸尿裤 {contact},2026-06-01\n", encoding="utf-8")
    store = MemoryStore()
    import_files(store, [tmp_path / "notes.jsonl", tmp_path / "searches.csv"], processes=0)
    (kept,) = store.snapshot().by_id("note", ["n"]).to_pylist()
    (search,) = [row for batch in store.snapshot().scan("search") for row in batch.to_pylist()]
    assert contact not in json.dumps([kept, search], default=str)
    assert kept["title"] == f"找我 {MASK}"
    assert kept["content"].endswith("价格 138 元")
    assert search["query_terms"] == "纸尿裤"


@given(st.text(st.sampled_from("0123456789+-. @aXx微"), max_size=30), st.sampled_from(CONTACTS))
def test_the_quick_look_finds_all_that_the_exact_one_finds(text: str, contact: str) -> None:
    import re

    for one in (text, f"{text} {contact} {text}"):
        if CONTACT.search(one):
            assert re.search(MAYBE_CONTACT, one)
