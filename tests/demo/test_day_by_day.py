"""A market that is imported and analyzed day by day: the last day costs the day, and gives what a full count gives."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gapfinder.analysis import analyze
from gapfinder.calibration import kept_models
from gapfinder.runs import analyses
from gapfinder.samples import sample_files, samples_folder
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store
from indexer.stores.delta.beside import COUNTS, FORWARD
from tests.demo.market import bodies

pytestmark = pytest.mark.xdist_group("day by day")

LATE = 40  # notes of the last day, and of those that are there already, as many that changed


def lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return file.readlines()


def changed(line: str) -> str:
    """A note that says something else, and was liked otherwise."""
    row = json.loads(line)
    return json.dumps({**row, "title": row["title"] + "红屁股", "likes": 5}, ensure_ascii=False) + "\n"


def split(to: Path) -> tuple[list[Path], list[Path]]:
    """The files of all days but the last, and those of the last: new notes, changed notes, new searches."""
    before: list[Path] = []
    after: list[Path] = []
    for path in map(Path, sample_files(samples_folder())):
        if path.name not in ("notes.jsonl.gz", "searches.jsonl.gz"):
            before.append(path)
            continue
        rows = lines(path)
        notes = path.name.startswith("notes")
        late = LATE if notes else len(rows) // 100
        again = [changed(row) for row in rows[:LATE]] if notes else []
        for name, part, files in (("early", rows[:-late], before), ("late", rows[-late:] + again, after)):
            (to / f"{name}-{path.stem}").write_text("".join(part), encoding="utf-8")
            files.append(to / f"{name}-{path.stem}")
    return before, after


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The market after its last day, analyzed before it and after it."""
    folder = tmp_path_factory.mktemp("days")
    before, after = split(folder)
    url = str(folder / "store")
    with open_store(url, create=True) as store:
        import_files(store, before, processes=0)
        analyze(store, Settings.of())
        import_files(store, after, processes=0)
        analyze(store, Settings.of(), name="second")
    yield url
    shutil.rmtree(url)


def test_a_day_gives_what_a_full_count_gives(market: str) -> None:
    with open_store(market) as store:
        second = analyses(store)[0]
    assert second.name == "second"
    expected = bodies(market)
    for kept in (COUNTS, FORWARD):
        assert list((Path(market) / kept).iterdir())
        shutil.rmtree(Path(market) / kept)
    with open_store(market) as store:
        again = analyze(store, Settings.of(), name="second").info
    assert (again.run, again.manifest) == (second.run, second.manifest)
    assert bodies(market) == expected


def test_terms_keep_the_weights_they_were_learned_with(market: str) -> None:
    with open_store(market) as store:
        assert len(kept_models(store)) == 1
        first, second = (run.manifest["model"]["content"] for run in reversed(analyses(store)[:2]))
    assert first == second
    assert first["basis"]["weights"]
