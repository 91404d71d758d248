"""What is run: each experiment with the set it needs and the rows it fills; figures are named ``EXPERIMENT.FIGURE``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Final, cast

from benchmarks.truth.calibration import Curve, with_labels, with_searchers
from benchmarks.truth.data import ANSWERS, PAIRS, Labelled, read_answers, read_pairs
from benchmarks.truth.market import sample_market
from benchmarks.truth.missing import all_but_one, hidden_answers, near_misses
from benchmarks.truth.planted import MANY, SHARES, SOME, planted_gaps

Figures = dict[str, float]
DRAWS: Final = 3  # plantings a seed


class Unavailable(Exception):
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
        return read_pairs(self._path(PAIRS))

    @cached_property
    def answers(self) -> Labelled:
        """Queries with several long answers each."""
        return read_answers(self._path(ANSWERS))

    def _path(self, name: str) -> Path:
        if self.folder is None:
            raise Unavailable("no labelled sets were named (--data FOLDER)")
        path = self.folder / name
        if not path.exists():
            raise Unavailable(f"the folder of labelled sets holds no {name}")
        return path


Found = tuple[Figures, Curve]


@dataclass(frozen=True, slots=True)
class Experiment:
    """One experiment.

    Attributes:
        name: Prefix of its figures.
        row: Key of the rows it fills.
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


def _of_module(name: str) -> Callable[[Sets, int], Found]:
    """An experiment that another module brings: ``figures(seed, folder of labelled sets or None)``."""

    def run(sets: Sets, seed: int) -> Found:
        try:
            figures = import_module(name).figures
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise Unavailable(f"{name} is not there") from error
        return cast("Figures", figures(seed, sets.folder)), []

    return run


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
    Experiment("kinds", "kinds", _of_module("benchmarks.kinds")),
    Experiment("wording", "wording", _of_module("benchmarks.truth.wording")),
)
