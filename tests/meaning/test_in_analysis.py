"""Meaning inside an analysis: candidates, a feature of the learned model, and an honest word about what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gapfinder.analysis import analyze
from gapfinder.answers.levels import MEANING
from gapfinder.runs import load_run
from gapfinder.samples import sample_files, samples_folder
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store
from indexer.stores.contract import Store
from tests.meaning.embedding_server import EmbeddingServer, Said, embedding_server

pytestmark = pytest.mark.xdist_group("meaning")


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as made:
        yield made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(str(tmp_path_factory.mktemp("meaning") / "store"), create=True, salt="test") as made:
        import_files(made, sample_files(samples_folder()), processes=0)
        analyze(made, Settings.of(), name="words")
        yield made


def bodies(store: Store, run: str) -> list[str]:
    return [json.dumps(gap, sort_keys=True) for gap in load_run(store, run).gaps]


def test_meaning_joins_the_model_and_the_run_says_what_it_changed(store: Store, server: EmbeddingServer) -> None:
    chosen = Settings.of(embedder=server.spec)
    info = analyze(store, chosen, name="meant").info
    told, effect = info.manifest["embedder"], info.manifest["embedder"]["effect"]
    assert told["used"]
    assert effect["keywords"] == len(load_run(store, "meant").gaps)
    assert 0 < effect["mean_absolute_change"] < 0.2, "words still carry most of it"
    assert info.manifest["model"]["content"]["basis"]["embedder"] == told["name"]
    models = [store.run_rows(kept.run, "model")["body"].to_pylist() for kept in store.runs() if "model-" in kept.run]
    names = [json.loads(body)["pair"]["names"] for (body,) in models]
    assert [MEANING in one for one in names].count(True) == 1
    assert bodies(store, "meant") != bodies(store, "words")
    before, asked = bodies(store, "meant"), len(server.asked)
    analyze(store, chosen, name="meant")
    assert bodies(store, "meant") == before
    assert len(server.asked) == asked, "every vector was kept"


def test_a_server_that_dies_on_the_way_leaves_the_run_to_the_words(store: Store, server: EmbeddingServer) -> None:
    warned: list[str] = []
    begun = len(server.asked)

    def dies(_: object, said: Said) -> Said:
        return Said({}, status=400) if len(server.asked) > begun + 60 else said

    server.fault = dies
    chosen = Settings.of(embedder=server.spec.split("#")[0] + "#another")
    info = analyze(store, chosen, name="died", warn=warned.append).info
    assert len(warned) == 1
    assert not info.manifest["embedder"]["used"]
    assert info.manifest["model"]["content"]["basis"]["embedder"] is None
    assert bodies(store, "died") == bodies(store, "words")
