"""What people say of keywords: read from a file, learned from, kept for the next model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gapfinder.analysis import analyze, calibrate_anew
from gapfinder.answers.reading import Reading
from gapfinder.calibration import kept_labels
from gapfinder.labels import read_labels
from gapfinder.runs import find_run
from gapfinder.samples import sample_files, samples_folder
from gapfinder.settings import Settings
from indexer.errors import DataError, UsageError
from indexer.importer import import_files
from indexer.stores import open_store
from tests.cli.program import gapfinder
from tests.demo.market import truth

pytestmark = pytest.mark.xdist_group("labels")


def written(folder: Path, text: str) -> Path:
    path = folder / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_as_people_write_it(tmp_path: Path) -> None:
    path = written(tmp_path, "answered,keyword,who\n1,纸尿裤,a\n否,新生儿 纸尿裤,b\n\nYES,纸尿裤,c\n")
    assert read_labels(path) == {"纸尿裤": True, "新生儿 纸尿裤": False}
    assert read_labels(written(tmp_path, "\ufeffkeyword\tanswered\n红屁股\t没有\n")) == {"红屁股": False}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("keyword,label\n纸尿裤,1\n", "labels.csv:1: there are no columns keyword and answered"),
        ("keyword,answered\n纸尿裤,1\n奶瓶,maybe\n", "labels.csv:3: 'maybe' does not say"),
        ("keyword,answered\n,1\n", "labels.csv:2: '1' does not say"),
        ("keyword,answered\n", "there is no label in it"),
        ("", "labels.csv:1: there are no columns"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_labels(written(tmp_path, text))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="can't be read"):
        read_labels(tmp_path / "none.csv")
    (tmp_path / "labels.csv").write_bytes("keyword,answered\n纸尿裤,1\n".encode("gb18030"))
    answer = gapfinder("calibrate", "--labels", "labels.csv", cwd=tmp_path)
    assert answer.code == 2
    assert "not UTF-8" in answer.err


def test_labels_correct_the_model_and_are_kept_for_the_next(tmp_path: Path) -> None:
    kinds = {keyword["keyword"]: keyword["kind"] for keyword in truth()["keywords"]}
    planted = {keyword: kind == "met" for keyword, kind in kinds.items() if kind in ("met", "missing")}
    with open_store(str(tmp_path / "store"), create=True, salt="test") as store:
        import_files(store, sample_files(samples_folder()), processes=0)
        plain = calibrate_anew(store, Settings.of()).words
        told = calibrate_anew(store, Settings.of(), labels=planted).words
        assert plain is not None
        assert told is not None
        assert plain.model.reading == Reading()
        assert told.model.reading != Reading()
        lessons = told.basis["lessons"]
        assert 100 < lessons["labels"] <= len(planted)
        assert told.model.figures["labels"]["queries"] == lessons["labels"]
        assert told.model.figures["labels"]["auc"] > 0.8
        assert told.model.figures["labels"]["ece"] < 0.1
        assert kept_labels(store) == planted
        again = calibrate_anew(store, Settings.of()).words
        assert again is not None
        assert again.model == told.model
        analyze(store, Settings.of(calibration_labels=100), name="labelled")
        assert find_run(store, "labelled").manifest["model"]["calibrated"] is True
        assert np.isfinite(told.model.reading.as_json()).all()
