"""The main job on real queries and notes, where they lie beside the checkout; docs/real-data.md tells the story."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import Counter
from datetime import date
from pathlib import Path

import opencc
import pytest

from gapfinder.analysis import analyze
from gapfinder.results import Gap
from gapfinder.settings import Settings
from indexer.importer import import_files, store_dictionary
from indexer.segment import Segmenter
from indexer.stores import open_store
from indexer.stores.contract import Store
from tests.demo.market import bodies

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
QUERIES, NOTES = DATA / "ecom_queries.tsv", DATA / "xhs_notes_2018.jsonl"
GAPS = ("纸尿裤", "奶粉", "奶瓶", "童装")
SERVED = ("口红", "眼影", "面膜", "精华")

pytestmark = [
    pytest.mark.skipif(not QUERIES.is_file(), reason=f"shared/data is not beside the checkout ({DATA})"),
    pytest.mark.xdist_group("real"),
]


def run_on(store: Store) -> None:
    """The commands of docs/real-data.md."""
    queries = import_files(store, [QUERIES], record="search", searched_at=date(2026, 6, 1))
    assert queries.total["read"] == queries.total["written"] + queries.total["rejected"] == 49_969
    notes = import_files(store, [NOTES], record="note", mapping={"note": "note_id", "author": "author_id"})
    assert notes.total["written"] == 984
    analyze(store, Settings.of())


@pytest.fixture(scope="module")
def real_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = str(tmp_path_factory.mktemp("real") / "store")
    with open_store(url, create=True) as store:
        run_on(store)
    return url


@pytest.fixture(scope="module")
def gaps(real_url: str) -> dict[str, Gap]:
    return {gap["keyword"]: gap for gap in map(json.loads, bodies(real_url))}


@pytest.mark.parametrize("term", GAPS)
def test_what_the_notes_do_not_write_about_is_a_gap(gaps: dict[str, Gap], term: str) -> None:
    assert gaps[term]["match"] == "contains"
    assert gaps[term]["gap_kind"] != "met"
    assert gaps[term]["unmet_probability"] > 0.5


@pytest.mark.parametrize("term", SERVED)
def test_what_they_write_about_is_served(gaps: dict[str, Gap], term: str) -> None:
    assert gaps[term]["match"] == "contains"
    assert gaps[term]["unmet_probability"] <= 0.5


def test_counts_equal_an_independent_count(real_url: str, gaps: dict[str, Gap]) -> None:
    """Straight from the files, with nothing of the project but the segmenter's cut of one text at a time."""
    with open_store(real_url) as store:
        segmenter = Segmenter(store_dictionary(store))
    simplify = opencc.OpenCC("t2s").convert
    held: Counter[str] = Counter()
    for line in NOTES.read_text(encoding="utf-8").splitlines():
        note = json.loads(line)
        hashtags = re.findall(r"#([^#\s]+)#?", note["content"])
        texts = (note["title"], note["content"], *hashtags)
        held.update({term for text in texts for term in segmenter.terms(simplify(text or ""))})
    asked: Counter[str] = Counter()
    with QUERIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            asked.update(set(segmenter.query_terms(row["query"])))
    chosen = [*GAPS, *SERVED, *random.Random(3).sample(sorted(gaps), 1000)]
    assert {term: gaps[term]["notes_matching"] for term in chosen} == {term: held[term] for term in chosen}
    assert {term: gaps[term]["notes_phrase"] for term in chosen} == {term: held[term] for term in chosen}
    for term in chosen:
        # Typing errors are folded into other queries, which may hold the word when the raw query does not.
        assert abs(gaps[term]["searches"] - asked[term]) <= max(2, 0.05 * asked[term]), term


@pytest.mark.elasticsearch
def test_elasticsearch_gives_the_same_rows(real_url: str, elastic_url: str) -> None:
    with open_store(elastic_url, create=True) as store:
        run_on(store)
    assert bodies(elastic_url) == bodies(real_url)
