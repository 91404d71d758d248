"""The main job on real queries and notes, where they lie beside the checkout; docs/real-data.md tells the story."""

from __future__ import annotations

import csv
import json
import random
import re
from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import opencc
import pytest

from gapfinder.analysis import analyze
from gapfinder.results import Gap
from gapfinder.runs import find_run, load_run
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


def texts_of(note: dict[str, Any]) -> list[str]:
    """Title, text and each hashtag of a raw note."""
    return [note["title"] or "", note["content"] or "", *re.findall(r"#([^#\s]+)#?", note["content"] or "")]


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
        held.update({term for text in texts_of(json.loads(line)) for term in segmenter.terms(simplify(text))})
    asked: Counter[str] = Counter()
    with QUERIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            asked.update(set(segmenter.query_terms(row["query"])))
    chosen = [*GAPS, *SERVED, *random.Random(3).sample(sorted(gaps), 1000)]
    assert {term: gaps[term]["notes_matching"] for term in chosen} == {term: held[term] for term in chosen}
    assert {term: gaps[term]["notes_phrase"] for term in chosen} == {term: held[term] for term in chosen}
    # Folding takes typing errors to queries that hold other words, so searches are compared without it.
    with open_store(real_url) as store:
        analyze(store, Settings.of(typo_frequency=1e6), name="unfolded")
        unfolded = {gap["keyword"]: gap for gap in load_run(store, "unfolded").gaps}
        store.delete_run(find_run(store, "unfolded").run)
    assert {term: unfolded[term]["searches"] for term in chosen if term in unfolded} == {
        term: asked[term] for term in chosen if term in unfolded
    }
    assert sum(term in unfolded for term in chosen) > 900


def test_phrases_equal_an_independent_count(real_url: str) -> None:
    """Pairs of words as they stand side by side somewhere, as keywords of a list."""
    with open_store(real_url) as store:
        segmenter = Segmenter(store_dictionary(store))
        notes = [json.loads(line) for line in NOTES.read_text(encoding="utf-8").splitlines()]
        values = [
            [
                segmenter.terms(text or "")
                for text in (note["title"], note["content"], *re.findall(r"#([^#\s]+)#?", note["content"]))
            ]
            for note in notes
        ]
        sides = sorted({pair for cut in values for terms in cut for pair in pairwise(terms)})
        wanted = {a + b: (a, b) for a, b in random.Random(5).sample(sides, 3000)}
        pairs = {text: pair for text, pair in wanted.items() if tuple(segmenter.query_terms(text)) == pair}
        analyze(store, Settings.of(keywords=tuple(pairs)), name="pairs")
        found = {gap["keyword"]: gap for gap in load_run(store, "pairs").gaps}
        store.delete_run(find_run(store, "pairs").run)
    assert len(pairs) > 500
    holding: defaultdict[str, set[int]] = defaultdict(set)
    phrases: Counter[tuple[str, str]] = Counter()
    for note, cut in enumerate(values):
        for term in {term for terms in cut for term in terms}:
            holding[term].add(note)
        phrases.update({pair for terms in cut for pair in pairwise(terms)})
    for text, (a, b) in pairs.items():
        both, phrase = len(holding[a] & holding[b]), phrases[a, b]
        assert (found[text]["notes_matching"], found[text]["notes_phrase"]) == (both, phrase), text


@pytest.mark.elasticsearch
def test_elasticsearch_gives_the_same_rows(real_url: str, elastic_url: str) -> None:
    with open_store(elastic_url, create=True) as store:
        run_on(store)
    assert bodies(elastic_url) == bodies(real_url)
