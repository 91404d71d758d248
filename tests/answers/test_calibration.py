"""The model of a store: learned once, kept, found again, and left when it is stale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest

from gapfinder import calibration
from gapfinder.analysis import analyze, calibrate_anew
from gapfinder.answers.shipped import SHIPPED
from gapfinder.calibration import (
    MOST_KEPT,
    Calibration,
    basis_of,
    forget_models,
    keep_calibration,
    kept_calibration,
    kept_models,
)
from gapfinder.neighbours import Neighbours
from gapfinder.runs import analyses, find_run
from gapfinder.settings import Settings
from indexer.errors import DataError, NotFoundError
from indexer.stores import open_store
from indexer.stores.contract import RUN_ROWS, RunInfo, Store
from indexer.stores.memory import MemoryStore
from tests.answers.made import (
    Row,
    asked,
    calibrated,
    filled,
    log_of,
    made_notes,
    result,
    searches,
    stamp,
    topics,
)
from tests.contract.rows import FIRST_DAY, STAMP, note, table

ABOUT = topics(25)
LOG = asked(120, ABOUT)
NOTES = made_notes(300, ABOUT)
LESSONS = {"log": 0, "made": 0, "outcomes": 0, "labels": 0, "clicked": 0}


@pytest.fixture(params=["memory", "delta"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return open_store(str(tmp_path / "store"), create=True) if request.param == "delta" else MemoryStore()


def kept_in(store: Store, number: int = 0, **changes: Any) -> Calibration:
    """A model of the store as it is, put there by hand."""
    manifest = store.manifest()
    assert manifest is not None
    near = Neighbours.from_rows({"纸尿裤": [["尿不湿", 900, 700], ["尿裤", 800, 300]], "𠮷": [["吉", 400, 300]]})
    model = replace(SHIPPED, origin="learned", trust=0.5 + number / 100, figures={"queries": 400})
    made = Calibration(model, near, {**basis_of(manifest), "lessons": LESSONS, **changes})
    keep_calibration(store, made)
    return made


def test_a_model_is_kept_and_found_again(store: Store) -> None:
    filled({"note": NOTES[:20], "search": searches(LOG[:3])}, store)
    made = kept_in(store)
    with store.snapshot() as snapshot:
        found = kept_calibration(store, snapshot)
    assert found is not None
    assert found.model == made.model
    assert found.as_json() == made.as_json()
    assert found.neighbours.as_rows() == made.neighbours.as_rows()
    assert [other for other, _, _ in found.neighbours.of("纸尿裤")] == ["尿不湿", "尿裤"]
    (info,) = kept_models(store)
    assert info.manifest["model"] == made.model.name
    assert info.manifest["origin"] == "learned"
    with pytest.raises(NotFoundError, match="no analysis"):
        find_run(store)


def test_a_model_without_near_words_is_kept_too(store: Store) -> None:
    filled({"note": NOTES[:20]}, store)
    manifest = store.manifest()
    assert manifest is not None
    keep_calibration(store, Calibration(SHIPPED, Neighbours.none(), {**basis_of(manifest), "lessons": LESSONS}))
    with store.snapshot() as snapshot:
        found = kept_calibration(store, snapshot)
    assert found is not None
    assert len(found.neighbours) == 0


def test_the_newest_that_fits_is_used() -> None:
    store = filled({"note": NOTES[:20]})
    first, second = kept_in(store, 1), kept_in(store, 2)
    kept_in(store, 3, version=calibration.VERSION + 1)
    with store.snapshot() as snapshot:
        found = kept_calibration(store, snapshot)
    assert found is not None
    assert found.model.name == second.model.name != first.model.name


@pytest.mark.parametrize(
    ("notes", "asked_for", "fits"), [(39, 3, True), (40, 3, False), (20, 5, True), (20, 6, False), (10, 3, True)]
)
def test_a_store_outgrows_its_model(notes: int, asked_for: int, fits: bool) -> None:  # noqa: FBT001 - a column of a table
    store = filled({"note": NOTES[:notes], "search": searches(LOG[:asked_for], times=1)})
    kept_in(store, notes=20, searches=3)
    with store.snapshot() as snapshot:
        assert (kept_calibration(store, snapshot) is not None) == fits


def test_text_cut_otherwise_needs_another_model() -> None:
    store = filled({"note": NOTES[:20]})
    kept_in(store)
    with store.writer(holder="a test") as writer:
        writer.publish(STAMP)
    assert stamp() != STAMP
    with store.snapshot() as snapshot:
        assert kept_calibration(store, snapshot) is None


def test_only_the_newest_models_stay(store: Store) -> None:
    filled({"note": NOTES[:20]}, store)
    names = [kept_in(store, number).model.name for number in range(MOST_KEPT + 2)]
    assert [info.manifest["model"] for info in kept_models(store)] == names[::-1][:MOST_KEPT]
    assert forget_models(store) == MOST_KEPT
    assert kept_models(store) == []
    assert forget_models(store) == 0


def _without(body: str, *path: str) -> str:
    whole = orjson.loads(body)
    inner = whole
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return orjson.dumps(whole).decode()


DAMAGES: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "no rows": lambda rows: rows[:0],
    "no near words": lambda rows: rows[:1],
    "no model": lambda rows: rows[1:],
    "two models": lambda rows: [rows[0], *rows],
    "wrong JSON": lambda rows: [{**rows[0], "body": "{"}, *rows[1:]],
    "no JSON": lambda rows: [{**rows[0], "body": ""}, *rows[1:]],
    "a list": lambda rows: [{**rows[0], "body": "[]"}, *rows[1:]],
    "no regression": lambda rows: [{**rows[0], "body": _without(rows[0]["body"], "pair")}, *rows[1:]],
    "no weights": lambda rows: [{**rows[0], "body": _without(rows[0]["body"], "level", "weight")}, *rows[1:]],
    "another weight": lambda rows: [{**rows[0], "body": rows[0]["body"].replace("4.136", "-4.136")}, *rows[1:]],
    "an infinite weight": lambda rows: [{**rows[0], "body": rows[0]["body"].replace("4.136", "1e999")}, *rows[1:]],
    "another origin": lambda rows: [{**rows[0], "body": rows[0]["body"].replace("learned", "given")}, *rows[1:]],
    "wrong near words": lambda rows: [rows[0], {**rows[1], "body": "[1]"}, *rows[2:]],
    "near words beyond numbers": lambda rows: [rows[0], {**rows[1], "body": '[["a",99999999,1]]'}, *rows[2:]],
    "fewer near words": lambda rows: rows[:2],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_is_not_used_and_learned_anew(damage: str, store: Store) -> None:
    filled({"note": NOTES[:20], "search": searches(LOG[:3])}, store)
    kept_in(store)
    (info,) = kept_models(store)
    rows = [row for section in ("model", "neighbours") for row in store.run_rows(info.run, section).to_pylist()]
    store.save_run(info, pa.Table.from_pylist(DAMAGES[damage](rows), RUN_ROWS))
    told: list[str] = []
    done = analyze(store, Settings.of(min_searches=1, min_searchers=1), warn=told.append)
    (sentence,) = told
    assert sentence.startswith(f"the stored {info.run} is damaged (")
    assert done.info.manifest["model"]["content"]["basis"]["lessons"] != LESSONS
    assert analyze(store, Settings.of(min_searches=1, min_searchers=1), warn=told.append).info.run == done.info.run
    assert told == [sentence]  # the one learned anew is found first


@pytest.mark.parametrize("basis", [None, 5, [], {}, {"version": calibration.VERSION}])
def test_a_model_that_does_not_say_what_it_is_of_fits_nothing(basis: object, store: Store) -> None:
    filled({"note": NOTES[:20]}, store)
    manifest = {} if basis is None else {"basis": basis}
    store.save_run(RunInfo("model-1", "model-1", datetime.now(UTC), manifest), RUN_ROWS.empty_table())
    with store.snapshot() as snapshot:
        assert kept_calibration(store, snapshot) is None
    assert forget_models(store) == 1


def test_a_model_deleted_between_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled({"note": NOTES[:20]})
    first = kept_in(store, 1)
    second = kept_in(store, 2)
    listed = store.runs()
    store.delete_run(listed[0].run)
    monkeypatch.setattr(store, "runs", lambda: listed)
    told: list[str] = []
    with store.snapshot() as snapshot:
        found = kept_calibration(store, snapshot, warn=told.append)
    assert found is not None
    assert found.model.name == first.model.name != second.model.name
    assert told == []
    assert forget_models(store) == 1  # the other is gone already


def test_models_with_an_embedder_are_kept_beside_those_without() -> None:
    store = filled({"note": NOTES[:20]})
    plain = kept_in(store, 1)
    meant = [kept_in(store, number, embedder="bge") for number in range(2, 2 + MOST_KEPT + 1)]
    assert len(kept_models(store)) == 1 + MOST_KEPT
    with store.snapshot() as snapshot:
        by_words, by_meaning = kept_calibration(store, snapshot), kept_calibration(store, snapshot, "bge")
        assert kept_calibration(store, snapshot, "another") is None
    assert by_words is not None
    assert by_meaning is not None
    assert by_words.model.name == plain.model.name
    assert by_meaning.model.name == meant[-1].model.name


def parts_of(made: Calibration) -> bytes:
    """A model and its near words, byte for byte."""
    return orjson.dumps([made.as_json(), made.model.as_json(), made.neighbours.as_rows()])


def test_every_store_learns_the_same_bytes(tmp_path: Path) -> None:
    known = np.full(len(LOG), 6.0).tolist()
    log = log_of(LOG, (np.arange(len(LOG)) % 7.0).tolist(), known)
    found = []
    for store in (
        filled({"note": NOTES, "search": clicks_of(LOG)}),
        filled({"note": NOTES[::-1], "search": clicks_of(LOG)[::-1]}, parts=3),
        filled({"note": NOTES, "search": clicks_of(LOG)}, open_store(str(tmp_path / "delta"), create=True), parts=4),
    ):
        with store, store.snapshot() as snapshot:
            made = calibrated(snapshot, log)
        found.append(replace(made, basis={**made.basis, "snapshot": "snapshot"}))
    assert found[0].model.origin == "learned"
    assert found[0].basis["lessons"]["outcomes"] == len(LOG)
    assert found[0].basis["lessons"]["clicked"] > 50
    assert parts_of(found[0]) == parts_of(found[1]) == parts_of(found[2])


def clicks_of(queries: list[tuple[str, ...]]) -> list[Row]:
    """Searches whose users read the first note that holds all words at length, and left another at once."""
    rows = []
    for place, terms in enumerate(queries):
        holding = [row["note_id"] for row in NOTES if set(terms) <= set(" ".join(row["text_terms"]).split(" "))]
        other = NOTES[(7 * place) % len(NOTES)]["note_id"]
        shown = [result(other, clicked=True, dwell_seconds=3.0)]
        shown += [result(holding[0], 2, clicked=True, dwell_seconds=80.0)] if holding else []
        dwell = 80.0 if holding else 3.0
        counts: Row = {"result_count": len(shown), "clicks": len(shown), "longest_dwell": dwell}
        rows += searches([terms], first=place, results=shown, **counts)
    return rows


def bodies(store: Store) -> list[str]:
    """The stored gaps of the newest run."""
    found: list[str] = store.run_rows(find_run(store).run, "gaps")["body"].to_pylist()
    return found


def test_the_first_analysis_learns_and_the_second_uses_what_was_kept(store: Store) -> None:
    filled({"note": NOTES, "search": clicks_of(LOG)}, store)
    told: list[str] = []
    first = analyze(store, Settings.of(), step=told.append)
    before, (kept,) = bodies(store), kept_models(store)
    assert "用您的笔记和日志校准模型" in told
    told.clear()
    second = analyze(store, Settings.of(), step=told.append)
    assert "用您的笔记和日志校准模型" not in told
    assert second.info.manifest == first.info.manifest
    assert second.info.run == first.info.run
    assert bodies(store) == before
    assert kept_models(store) == [kept]
    content = first.info.manifest["model"]["content"]
    assert content["name"] == kept.manifest["model"]
    assert content["basis"]["lessons"]["clicked"] > 50
    assert content["basis"]["lessons"]["log"] == len(LOG)


def test_an_analysis_of_some_keywords_learns_from_the_whole_log() -> None:
    rows = {"note": NOTES, "search": clicks_of(LOG)}
    whole, some = filled(rows), filled(rows)
    analyze(whole, Settings.of())
    analyze(some, Settings.of(keywords=("".join(LOG[0]),)))
    assert find_run(some).manifest["totals"]["keywords"] == 1
    assert kept_models(some)[0].manifest == kept_models(whole)[0].manifest


def test_named_keywords_of_a_thin_log_are_all_there_is_to_learn_from() -> None:
    queries = LOG[:30]
    store = filled({"note": NOTES, "search": searches(queries, times=1)})
    with pytest.raises(DataError, match="no keyword has enough searches"):
        analyze(store, Settings.of())
    analyze(store, Settings.of(keywords=tuple("".join(terms) for terms in queries[:4])))
    assert kept_models(store)[0].manifest["basis"]["lessons"]["made"] == 300


def anew(store: Store, **settings: Any) -> Calibration:
    """The model that is learned anew."""
    found = calibrate_anew(store, Settings.of(**settings))
    assert found.words is not None
    assert found.meaning is None
    return found.words


def test_calibrating_anew_replaces_what_analyses_use() -> None:
    store = filled({"note": NOTES, "search": clicks_of(LOG)})
    analyze(store, Settings.of())
    made = anew(store, first=day(7), end=day(28))
    assert made.basis["window"] == {"from": "2026-01-08", "to": "2026-01-29"}
    second = analyze(store, Settings.of())
    assert second.info.manifest["model"]["content"]["name"] == made.model.name
    assert second.info.manifest["model"]["content"]["basis"]["window"] == made.basis["window"]
    assert len(kept_models(store)) == 2
    assert len(analyses(store)) == 2
    again = anew(store, first=day(7), end=day(28))
    assert parts_of(again) == parts_of(made)
    assert len(kept_models(store)) == 2, "the same model replaces itself"


def day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number)


@pytest.mark.parametrize(
    "notes",
    [[], [note("a"), note("b", ""), note("c", "")], NOTES[:1]],
    ids=["no notes", "notes without text", "one note"],
)
def test_a_store_too_small_uses_the_shipped_model(notes: list[Row], store: Store) -> None:
    filled({"note": notes, "search": searches(LOG[:10])}, store)
    found = analyze(store, Settings.of()).info.manifest
    assert found["model"]["content"]["name"] == SHIPPED.name
    assert found["model"]["content"]["origin"] == "shipped"
    gaps = [orjson.loads(body) for body in bodies(store)]
    assert len(gaps) >= 10
    assert all(gap["unmet_probability"] > 0.5 for gap in gaps if gap["notes_matching"] == 0)


def test_a_log_without_results_teaches_by_hidden_answers_alone() -> None:
    store = filled({"note": NOTES, "search": searches(LOG)})
    made = anew(store)
    assert made.model.origin == "learned"
    assert made.basis["lessons"] == {"log": len(LOG), "made": 300, "outcomes": 0, "labels": 0, "clicked": 0}
    assert "outcomes" not in made.model.figures
    assert not made.calibrated()


def test_without_searches_there_is_nothing_to_calibrate() -> None:
    store = MemoryStore()
    with pytest.raises(NotFoundError):
        calibrate_anew(store, Settings.of())
    with store.writer(holder="a test") as writer:
        writer.write("note", table("note", NOTES[:3]))
        writer.publish(stamp())
    with pytest.raises(DataError, match="no searches"):
        calibrate_anew(store, Settings.of())
