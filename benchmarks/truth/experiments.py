"""What is run: each experiment with the set it needs and the rows it fills; figures are named ``EXPERIMENT.FIGURE``."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from itertools import repeat
from pathlib import Path
from typing import Any, Final

from benchmarks.truth.calibration import Curve, with_labels, with_searchers
from benchmarks.truth.data import ANSWERS, PAIRS, Labelled, read_answers, read_pairs
from benchmarks.truth.market import sample_market
from benchmarks.truth.missing import all_but_one, hidden_answers, near_misses
from benchmarks.truth.planted import MANY, SHARES, SOME, planted_gaps
from benchmarks.truth.rewording import other_words
from benchmarks.truth.table import ROWS

Figures = dict[str, float]
DRAWS: Final = 4  # plantings a seed: five keywords each, so that one more or less is no fifth of a figure
CHOSEN_ON: Final = 2  # made markets on which the weights of kinds were chosen: not the ones to measure on


class UnavailableError(Exception):
    """An experiment can't be run here; the sentence says why."""


@dataclass(frozen=True)
class Sets:
    """The labelled sets in a folder of the user's; read when first asked for.

    Args:
        folder: Where they lie; None: there are none, and only the sample market is measured.
        quick: Fewer draws and shares, to see whether all runs.
    """

    folder: Path | None
    quick: bool = False

    @cached_property
    def pairs(self) -> Labelled:
        """Queries and titles with labels."""
        return read_pairs(self.path(PAIRS))

    @cached_property
    def answers(self) -> Labelled:
        """Queries with several long answers each."""
        return read_answers(self.path(ANSWERS))

    def path(self, name: str) -> Path:
        """Where a set lies.

        Raises:
            UnavailableError: It is not there.
        """
        if self.folder is None:
            raise UnavailableError("no labelled sets were named (--data FOLDER)")
        path = self.folder / name
        if not path.exists():
            raise UnavailableError(f"the folder of labelled sets holds no {name}")
        return path


_WORDING: Final = "benchmarks.truth.wording"

Found = tuple[Figures, Curve]


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment.

    Attributes:
        name: Prefix of its figures.
        row: Name for ``--only`` of the rows it fills.
        run: Gives figures and, where there is one, a reliability curve.
    """

    name: str
    row: str
    run: Callable[[Sets, int], Found]


def _planted(sets: Sets, seed: int) -> Found:
    if sets.quick:
        return planted_gaps(sets.pairs, seed, least=MANY, draws=1), []
    return planted_gaps(sets.pairs, seed, least=MANY, draws=DRAWS), []


def _planted_some(sets: Sets, seed: int) -> Found:
    return planted_gaps(sets.pairs, seed, least=SOME, draws=1, shares=(100,) if sets.quick else SHARES), []


def _module(name: str) -> Any:
    """A module of the benchmarks that brings a row of its own."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise UnavailableError(f"{name} is not there") from error


def _kinds(_: Sets, seed: int) -> Found:
    """Macro F1 on a made market. Its weights were chosen on the markets 1 and 2, so the first seed is the market 3."""
    found = _module("benchmarks.kinds").measure([seed + CHOSEN_ON])
    return {"macro_f1": float(found["mean"])}, []


def _wording(sets: Sets, seed: int) -> Found:
    """The detector of the wording benchmark, which learned without labels."""
    found = _module(_WORDING).measure(sets.path(PAIRS), seed)["no labels"]
    return {"auc": found["auc"], "precision": found["wording_precision"], "recall": found["wording_recall"]}, []


def _reworded(sets: Sets, seed: int) -> Found:
    """The same question put to the product as a whole."""
    return other_words(sets.pairs, _module(_WORDING).equal_words(), seed), []


EXPERIMENTS: Final[tuple[Experiment, ...]] = (
    Experiment("missing", "missing", lambda sets, seed: (hidden_answers(sets.pairs, seed), [])),
    Experiment("answers", "answers", lambda sets, seed: (hidden_answers(sets.answers, seed), [])),
    Experiment("one", "answers", lambda sets, seed: (all_but_one(sets.answers, seed), [])),
    Experiment("near", "near", lambda sets, seed: (near_misses(sets.pairs, seed), [])),
    Experiment("behaviour", "behaviour", lambda sets, seed: with_searchers(sets.pairs, seed)),
    Experiment("planted", "planted", _planted),
    Experiment("planted_some", "planted", _planted_some),
    Experiment("labels", "calibration", lambda sets, seed: with_labels(sets.pairs, seed)),
    Experiment("market", "market", lambda _, seed: (sample_market(seed), [])),
    Experiment("kinds", "kinds", _kinds),
    Experiment("wording", "wording", _wording),
    Experiment("reworded", "wording", _reworded),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What one seed gave: figures and curves by name, why experiments were not run, and seconds of those that were."""

    figures: dict[str, float]
    curves: dict[str, Curve]
    not_run: dict[str, str]
    seconds: dict[str, float]


def measured(
    sets: Sets, seeds: Sequence[int], only: Sequence[str], processes: int = 1
) -> tuple[dict[str, list[float]], dict[str, list[Any]], dict[str, Any]]:
    """Run the experiments for each seed, so many seeds at a time.

    Returns:
        Figures by name and curves by experiment, one value a seed; and what is to be said about the run.
    """
    if processes > 1:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, context) as pool:
            found = list(pool.map(_measured, repeat(sets), seeds, repeat(only)))
    else:
        found = [_measured(sets, seed, only) for seed in seeds]
    figures: dict[str, list[float]] = {}
    curves: dict[str, list[Any]] = {}
    not_run: dict[str, str] = {}
    seconds: dict[str, float] = {}
    for one in found:
        for name, value in one.figures.items():
            figures.setdefault(name, []).append(value)
        for name, curve in one.curves.items():
            curves.setdefault(name, []).append(curve)
        for name, took in one.seconds.items():
            seconds[name] = round(seconds.get(name, 0.0) + took, 1)
        not_run |= one.not_run
    return figures, curves, {"seeds": list(seeds), "seconds": seconds, "not_run": not_run}


def _measured(sets: Sets, seed: int, only: Sequence[str]) -> Measured:
    """Run the experiments for one seed."""
    result = Measured({}, {}, {}, {})
    for one in EXPERIMENTS:
        if one.row not in only:
            continue
        begun = time.monotonic()
        try:
            found, curve = one.run(sets, seed)
        except UnavailableError as error:
            result.not_run[one.name] = str(error)
            continue
        result.seconds[one.name] = round(time.monotonic() - begun, 1)
        result.figures.update({f"{one.name}.{name}": round(value, 6) for name, value in found.items()})
        if curve:
            result.curves[one.name] = [(round(x, 4), round(y, 4)) for x, y in curve]
        _tell(seed, one.name, found, result.seconds[one.name])
    return result


def _tell(seed: int, name: str, found: dict[str, float], took: float) -> None:
    """A line of what the table will show."""
    asked = {goal.figure for row in ROWS for goal in (*row.naive, *row.goals)}
    told = "  ".join(f"{key} {value:.4f}" for key, value in found.items() if f"{name}.{key}" in asked)
    print(f"seed {seed}  {name}: {told}  ({took:.1f} s)", flush=True)
