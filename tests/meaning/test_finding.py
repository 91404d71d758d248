from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from gapfinder.meaning.address import parse_endpoint
from gapfinder.meaning.cache import PREFIX
from gapfinder.meaning.effect import effect_of
from gapfinder.meaning.endpoint import Endpoint, Limits
from gapfinder.meaning.finding import NOT_USED, Meaning, MeaningPairs, find_by_meaning, need_text, prepare
from gapfinder.meaning.texts import given_texts, note_texts
from gapfinder.settings import Settings
from indexer.errors import EmbedderError, StoreError
from indexer.stores.contract import Store
from tests.meaning.embedding_server import Asked, EmbeddingServer, Said, embedding_server, unreachable_spec
from tests.meaning.notes import NOTES, add, store_with

NEEDS = ["尿不湿怎么选", "防晒霜", "", "奶粉 转奶"]
LIMITS = Limits(texts=16, deadline_seconds=0.3, request_seconds=5.0)


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    with embedding_server() as made:
        yield made


@pytest.fixture(params=["memory", "delta"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with store_with(request.param, tmp_path) as made:
        yield made


def find(store: Store, server: EmbeddingServer, needs: list[str] | None = None) -> MeaningPairs:
    embedder = Endpoint(parse_endpoint(server.spec), LIMITS)
    try:
        with store.snapshot() as snapshot:
            return find_by_meaning(store, snapshot, NEEDS if needs is None else needs, embedder, most=2)
    finally:
        embedder.close()


def listed(pairs: MeaningPairs) -> list[tuple[int, str, int]]:
    return list(zip(pairs.need.tolist(), pairs.note_id.to_pylist(), pairs.cosine.tolist(), strict=True))


def test_the_text_of_a_note_is_title_tags_and_opening(store: Store) -> None:
    with store.snapshot() as snapshot, note_texts(snapshot) as texts:
        keys = texts.keys()
        found = dict(
            pair for keys_, given in texts.of_keys(keys, 2) for pair in zip(keys_.tolist(), given, strict=True)
        )
        ids, places = texts.ids().to_pylist(), texts.places().tolist()
    assert ids == ["n0", "n1", "n2", "n3", "n4", "n5"]
    assert {
        note_id: found[keys[place]] if place >= 0 else None for note_id, place in zip(ids, places, strict=True)
    } == {
        "n0": "防晒霜测评 夏天 不 油腻",
        "n1": "纸尿裤怎么选 育儿 宝宝 " + "透气的最好" * 40,
        "n2": "尿不湿怎么选 育儿 宝宝 " + "透气的最好" * 40,
        "n3": "防晒霜测评 夏天 不 油腻",
        "n4": "奶粉 奶粉转奶攻略",
        "n5": None,
    }
    assert len(keys) == 4, "the same text is one key"


def test_notes_come_by_meaning_under_any_words(store: Store, server: EmbeddingServer) -> None:
    found = listed(find(store, server))
    near = {need: [note for one, note, _ in found if one == need] for need in range(4)}
    assert near[0] == ["n1", "n2"], "a synonym is as near as the word itself, and ties fall to the lower id"
    assert near[1] == ["n0", "n3"]
    assert near[2] == [], "a blank need has no meaning"
    assert near[3][0] == "n4"
    assert len({cosine for need, _, cosine in found if need == 1}) == 1


def test_each_text_is_embedded_once_ever(store: Store, server: EmbeddingServer) -> None:
    first = listed(find(store, server))
    assert len(server.texts) == len(set(server.texts)) == 4 + 3
    asked = len(server.asked)
    assert listed(find(store, server)) == first, "what was kept gives the same numbers"
    assert len(server.asked) == asked, "nothing is asked again"
    add(store, [{"note_id": "n9", "title": "婴儿湿巾"}, {**NOTES[0], "likes": 7}])
    find(store, server, ["纸尿裤"])
    assert sorted(server.texts[7:]) == ["婴儿湿巾", "纸尿裤"], "only new texts are embedded"


def test_all_stores_and_batches_give_the_same_pairs(tmp_path: Path, server: EmbeddingServer) -> None:
    notes = [
        {"note_id": f"n{number}", "title": f"{'纸奶防'[number % 3]}笔记{number * 7919 % 300}"} for number in range(300)
    ]
    needs = [f"纸笔记{number}" for number in range(40)]
    with store_with("memory", tmp_path, notes) as memory:
        first = find(memory, server, needs)
    with store_with("delta", tmp_path, notes[::-1]) as delta:
        other = find(delta, server, needs[::-1])
    mirrored = sorted((39 - need, note, cosine) for need, note, cosine in listed(other))
    assert sorted(listed(first)) == mirrored


def test_other_models_share_nothing(store: Store, server: EmbeddingServer) -> None:
    find(store, server)
    asked = len(server.texts)
    embedder = Endpoint(replace(parse_endpoint(server.spec), model="other", shown="other"), LIMITS)
    with store.snapshot() as snapshot:
        find_by_meaning(store, snapshot, NEEDS, embedder)
    embedder.close()
    assert len(server.texts) == 2 * asked


def test_what_was_embedded_before_a_failure_is_kept(store: Store, server: EmbeddingServer) -> None:
    add(store, [{"note_id": f"m{number}", "title": f"笔记{number}"} for number in range(1500)])

    def late(_: Asked, said: Said) -> Said:
        return said if len(server.asked) <= 64 else Said({}, 400)

    server.fault = late
    with pytest.raises(EmbedderError, match="refuses"):
        find(store, server)
    assert 1024 <= len(server.texts) < 1200
    server.fault = lambda _, said: said
    server.asked.clear()
    find(store, server)
    assert len(server.texts) == 1504 - 1024 + 3


def test_an_exchanged_model_is_asked_anew(store: Store, server: EmbeddingServer) -> None:
    find(store, server)
    add(store, [{"note_id": "n9", "title": "婴儿湿巾"}])
    server.dimensions = 48
    server.asked.clear()
    found = find(store, server)
    assert found.notes.rows.shape == (7, 48)
    assert set(server.texts) >= {"婴儿湿巾", "防晒霜测评 夏天 不 油腻"}
    server.asked.clear()
    assert listed(find(store, server)) == listed(found)
    assert server.asked == []


def test_damaged_and_foreign_vectors_are_made_again(store: Store, server: EmbeddingServer) -> None:
    first = listed(find(store, server))
    server.asked.clear()
    for info in store.runs():
        rows = store.run_rows(info.run, "vectors")
        bodies = [body.replace("A", "B") for body in rows["body"].to_pylist()]
        store.save_run(info, rows.set_column(3, "body", [bodies]))
        store.save_run(replace(info, run=info.run[:-3] + "xyz", manifest={"format": 1}), rows.slice(0, 1))
    assert listed(find(store, server)) == first
    assert len(server.texts) == 7
    server.asked.clear()
    assert listed(find(store, server)) == first
    assert server.asked == []


def test_vectors_that_can_not_be_read_are_made_again(tmp_path: Path, server: EmbeddingServer) -> None:
    with store_with("delta", tmp_path) as store:
        first = listed(find(store, server))
        server.asked.clear()
        spoiled = [file for file in tmp_path.rglob("*.parquet") if "save=" in str(file)]
        for file in spoiled:
            file.write_bytes(b"PAR1 this is no file of vectors PAR1")
        with pytest.raises(StoreError):
            store.run_rows(store.runs()[0].run, "vectors")
        assert listed(find(store, server)) == first
    assert spoiled
    assert len(server.texts) == 7


def test_pairs_found_by_words_get_their_cosine(store: Store, server: EmbeddingServer) -> None:
    found = find(store, server)
    place = found.places(found.note_id)
    assert found.cosines(found.need, place).tolist() == found.cosine.tolist()
    assert found.places(pa.array(["n0", "other", "n5"])).tolist() == [0, -1, 5]
    assert found.cosines(np.array([1, 1, 1]), np.array([0, -1, 5])).tolist() == [found.cosine[2], 0, 0]
    none = MeaningPairs.none()
    assert none.places(found.note_id).tolist() == [-1] * len(place)
    assert none.cosines(found.need, none.places(found.note_id)).tolist() == [0] * len(place)


def test_a_store_without_notes_or_words_has_no_pairs(tmp_path: Path, server: EmbeddingServer) -> None:
    with store_with("memory", tmp_path, [NOTES[4]]) as store:
        assert listed(find(store, server)) == []
        assert listed(find(store, server, [])) == []
        assert listed(find(store, server, [""])) == []


def warned_by(store: Store, spec: str | None) -> tuple[Meaning, list[str]]:
    said: list[str] = []
    with (
        store.snapshot() as snapshot,
        prepare(store, snapshot, Settings.of(embedder=spec), said.append, said.append) as meaning,
    ):
        meaning.find(NEEDS)
    return meaning, said


def test_without_an_embedder_nothing_is_said(store: Store) -> None:
    meaning, said = warned_by(store, None)
    manifest: dict[str, object] = {"notes": ["x"]}
    meaning.tell(manifest)
    assert (said, manifest, meaning.used) == ([], {"notes": ["x"]}, False)
    assert store.runs() == []


def test_an_embedder_that_is_not_there_costs_one_sentence(store: Store) -> None:
    spec = unreachable_spec()
    meaning, (step, warning) = warned_by(store, spec)
    assert step == "计算笔记的语义向量"
    assert warning == f"the embedder {spec} can't be reached: Connection refused; the analysis goes on without it"
    manifest: dict[str, object] = {}
    meaning.tell(manifest)
    reason = f"the embedder {spec} can't be reached: Connection refused"
    assert manifest == {"embedder": {"name": spec, "used": False, "reason": reason}, "notes": [NOT_USED]}


def test_an_embedder_that_goes_away_in_between_costs_one_sentence(store: Store, server: EmbeddingServer) -> None:
    server.fault = lambda asked, said: Said({}, 400) if "防晒霜" in asked.texts else said
    meaning, said = warned_by(store, server.spec)
    assert len(said) == 2
    assert "refuses (400)" in said[1]
    assert not meaning.used
    assert meaning.find(NEEDS).need.size == 0


def test_the_manifest_says_what_was_used(store: Store, server: EmbeddingServer) -> None:
    meaning, said = warned_by(store, server.spec)
    assert len(said) == 1
    manifest: dict[str, object] = {}
    meaning.tell(manifest)
    assert manifest == {"embedder": {"name": server.spec, "used": True, "dimensions": 96}}
    one, other = (np.array([0.9]), ["missing"]), (np.array([0.2]), ["met"])
    meaning.effect = effect_of(["尿不湿"], one, other, np.array([True]))
    meaning.tell(manifest)
    assert isinstance(manifest["notes"], list)
    assert "1 个不再算缺口（“尿不湿”）" in manifest["notes"][0]


def test_vectors_are_no_analyses(store: Store, server: EmbeddingServer) -> None:
    from gapfinder.runs import analyses, find_run
    from indexer.errors import NotFoundError

    find(store, server)
    assert all(info.run.startswith(PREFIX) for info in store.runs())
    assert store.runs()
    assert analyses(store) == []
    with pytest.raises(NotFoundError):
        find_run(store)


@pytest.mark.parametrize(
    ("terms", "text"),
    [(("新生儿", "纸尿裤"), "新生儿纸尿裤"), (("iphone", "15", "壳"), "iphone 15壳"), ((), ""), (("a",), "a")],
)
def test_needs_read_as_people_write(terms: tuple[str, ...], text: str) -> None:
    assert need_text(terms) == text


def test_given_texts_keep_their_order() -> None:
    with given_texts(["b", "", "a", "b", " a\n"]) as texts:
        assert texts.places().tolist()[1] == -1
        first, _, second, third, fourth = texts.places().tolist()
        assert first == third != second == fourth
        assert len(texts.keys()) == 2
