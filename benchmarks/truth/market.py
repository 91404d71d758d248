"""The sample market, whose truth is planted: gaps against answered keywords, and whether intervals hold.

Seed 1 is the market that ships with the product; other seeds write another one of the same kind.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.truth.measures import coverage
from benchmarks.truth.missing import compared
from benchmarks.truth.store import column
from data.samples.generate import SEED, write_market
from gapfinder.analysis import analyze
from gapfinder.runs import load_run
from gapfinder.samples import sample_files
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store


def sample_market(seed: int) -> dict[str, float]:
    """AUC of gaps against answered keywords, coverage of the gaps' intervals, and the error of their sum."""
    with tempfile.TemporaryDirectory(prefix="truth-") as name:
        folder = Path(name) / "market"
        folder.mkdir()
        write_market(folder, SEED + seed - 1)
        truth: dict[str, Any] = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        with open_store(str(Path(name) / "store"), create=True, salt="truth") as store:
            import_files(store, sample_files(folder), processes=0)
            analyze(store, Settings.of())
            rows = {gap["keyword"]: gap for gap in load_run(store).gaps}
    known = [one for one in truth["keywords"] if one["keyword"] in rows and one["kind"] != "unsure"]
    gaps = [rows[one["keyword"]] for one in known]
    lacking = np.array([one["kind"] != "met" for one in known])
    planted = [gap for gap, is_gap in zip(gaps, lacking, strict=True) if is_gap]
    share = np.array([one["unmet_share"] for one in known if one["kind"] != "met"])
    unmet = share * column(planted, "demand_per_week")
    return {
        **compared(gaps, lacking),
        "coverage": coverage(column(planted, "unmet_low"), column(planted, "unmet_high"), unmet),
        "bias": float(column(planted, "unmet_per_week").sum() / unmet.sum() - 1.0),
    }
