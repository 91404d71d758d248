"""Learn the content model from the user's own store, without anybody labelling anything.

* *Pairs*: a query made from a note is answered by that note; its other candidates are not, but for those that match it
  as well (they may answer just as well, so they say nothing). Notes that people read at length after searching, and
  those they were shown and left, are labels as well and weigh more.
* *Needs*: for half of the queries, chosen at random, the answers are hidden. Of a made query that is its note; of a
  query of the log, its nearest notes. What the candidates look like with and without their answers is what the
  regression of needs learns. Searches that ended satisfied or not are labels as well.

Hidden and left halves are equal, so probabilities are relative to a store in which half of all needs are unmet; what
searchers did moves them to where they belong (:mod:`gapfinder.behaviour`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit
from scipy.stats import rankdata

from gapfinder.answers.levels import BENT, LEVELS, MEANING, TOLD, Levels, Sizes, best_of, levels_of
from gapfinder.answers.logistic import Logistic
from gapfinder.answers.model import LEARNED, MOST, AnswerModel, pair_names, pair_rows
from gapfinder.answers.reading import fit_reading
from gapfinder.answers.together import Groups
from gapfinder.settings import SETTINGS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

FEWEST: Final = 200  # usable queries of a training; with fewer the shipped model stays
FEWEST_ANSWERED: Final = 50  # of them made from notes that are among their candidates; likewise
ENOUGH_LABELS: Final = int(SETTINGS["calibration_labels"].default)  # queries whose known outcomes calibrate a model
LABELLED_MASS: Final = 300.0  # what the rows made by the project weigh together where there are as many labels
LEAST_AUC: Final = 0.6  # a model that tells hidden answers from left ones hardly better than chance is not used
LEAST_MASS: Final = 100.0  # and at the least
MANY_LABELS: Final = 1_000  # labels from which how features bend is learned, too
_BENT_RIDGE: Final = 3.0
_SEED: Final = 4_017
_NEAR: Final = 0.7  # of the best overlap: notes as near as that are hidden together
_MOST_NEAR: Final = 40  # a query with more of them has answers beyond its candidates; hiding some hides nothing
_EQUAL: Final = 0.9  # of the own note's overlap: what matches as well is no counter-example
_EQUAL_WORDS: Final = 0.95
READ_SHARE: Final = 0.25  # of the telling showings of a note that must be readings for it to count as an answer
_PAIR_RIDGE: Final = 0.1
_LEVEL_RIDGE: Final = 10.0
_TRUST: Final = 0.5  # in the regression of needs beside that of pairs
_TRUST_TOLD: Final = 0.85  # where enough labels taught it
_TRUST_MANY: Final = 0.95  # where many did
FEWEST_LABELS: Final = 50  # labels below which they correct nothing
_HELD_OUT: Final = 5  # every fifth query


@dataclass(frozen=True)
class Lessons:
    """What is learned from: candidate pairs of some queries, by need.

    Attributes:
        names: Names of the features.
        features: Pairs x features.
        pattern: Which terms of the query the note holds, as bits.
        need: Query of each pair, ascending.
        sizes: Sizes of the queries.
        made: Which queries were made from a note.
        own: Pairs of a made query and its own note (or a copy of it).
        read, left: How often the note of a pair was read at length after its query, and how often left.
        unsatisfied, known: Outcomes of each query; 0 where nothing is known.
        labelled: Queries of which somebody said whether they are answered; their outcomes are that label.
    """

    names: tuple[str, ...]
    features: npt.NDArray[Any]
    pattern: Ints
    need: Ints
    sizes: Sizes
    made: Flags
    own: Flags
    read: Floats
    left: Floats
    unsatisfied: Floats
    known: Floats
    labelled: Flags


def learn(lessons: Lessons) -> AnswerModel | None:
    """The model of a store, with figures measured on queries that were held out; None where there is too little."""
    hidden = _hidden(lessons)
    usable = int(hidden.usable.sum())
    answered = np.unique(lessons.need[lessons.own]).size
    if usable < FEWEST or answered < FEWEST_ANSWERED:
        return None
    held_out = np.arange(len(lessons.sizes)) % _HELD_OUT == 0
    tried = _fitted(lessons, hidden, ~held_out)
    model = _fitted(lessons, hidden, np.ones(len(lessons.sizes), bool))
    figures: dict[str, Any] = {
        "queries": usable,
        "made": int((hidden.usable & lessons.made).sum()),
        **_figures(lessons, hidden, tried, held_out),
    }
    told_apart = figures["hidden_made"]["auc"]
    if told_apart is not None and told_apart < LEAST_AUC:
        return None  # notes that are all alike teach nothing
    model = _corrected(lessons, hidden, model, figures)
    return replace(model, origin=LEARNED, figures=figures)


@dataclass(frozen=True)
class _Hidden:
    """Which answers are hidden.

    Attributes:
        pair: Pairs that are hidden.
        need: Queries whose answers are hidden.
        usable: Queries that can be learned from.
    """

    pair: Flags
    need: Flags
    usable: Flags


def _hidden(lessons: Lessons) -> _Hidden:
    """Hide the answers of half of the queries: their own note, or the nearest ones, with all that are as near."""
    needs = len(lessons.sizes)
    overlap = lessons.features[:, lessons.names.index("overlap")].astype(np.float64)
    told = lessons.read + lessons.left
    known = lessons.own | ((lessons.read > 0) & (lessons.read >= READ_SHARE * told))
    best = _most(np.where(known, overlap, 0.0), lessons.need, needs)
    nearest = _most(overlap, lessons.need, needs)
    reference = np.where(best > 0, best, np.where(lessons.made, 0.0, nearest))
    near = (known | (overlap >= _NEAR * reference[lessons.need])) & (reference[lessons.need] > 0)
    count = np.bincount(lessons.need, near, needs)
    usable = (reference > 0) & (count <= _MOST_NEAR)
    need = np.random.default_rng(_SEED).random(needs) < 0.5  # noqa: PLR2004 - half of them
    return _Hidden(near & need[lessons.need], need, usable)


def _most(value: Floats, need: Ints, needs: int) -> Floats:
    best = np.zeros(needs)
    np.maximum.at(best, need, value)
    return best


def _fitted(lessons: Lessons, hidden: _Hidden, taken: Flags) -> AnswerModel:
    """A model fitted to the queries that are taken."""
    pair = _fit_pairs(lessons, taken)
    probability = _answers(lessons, pair)
    groups = Groups.of(lessons.need, lessons.pattern, len(lessons.sizes))
    left = np.flatnonzero(~hidden.pair)
    labelled = np.flatnonzero((lessons.known > 0) & taken)
    labels = int(np.count_nonzero(lessons.known > 0))  # of all, so that held-out fits follow the same recipe
    told, many = labels >= ENOUGH_LABELS, labels >= MANY_LABELS
    known = (*TOLD, *BENT) if many else TOLD if told else LEVELS
    wanted = (*known, *(name for name in lessons.names if name == MEANING))
    needs = len(lessons.sizes)
    best = best_of(lessons.features[left], lessons.need[left], needs)
    levels = levels_of(wanted, lessons.names, best, probability[left], groups.taken(left), lessons.sizes)
    rows = [levels.rows[hidden.usable & taken]]
    target = [hidden.need[hidden.usable & taken].astype(np.float64)]
    mass = [np.full(rows[0].shape[0], _mass(rows[0].shape[0], labels))]
    if labelled.size:
        best = best_of(lessons.features, lessons.need, needs)
        whole = levels_of(wanted, lessons.names, best, probability, groups, lessons.sizes)
        rows.append(whole.rows[labelled])
        target.append(lessons.unsatisfied[labelled] / lessons.known[labelled])
        mass.append(np.ones(labelled.size))
    ridge = _BENT_RIDGE if many else _LEVEL_RIDGE
    level = Logistic.fit(wanted, np.concatenate(rows), np.concatenate(target), np.concatenate(mass), ridge)
    return AnswerModel(pair, level, _TRUST_MANY if many else _TRUST_TOLD if told else _TRUST)


def _corrected(lessons: Lessons, hidden: _Hidden, model: AnswerModel, figures: dict[str, Any]) -> AnswerModel:
    """The model with its log-odds read as labels bear them out, each label judged by a model that lacks it."""
    rows = np.flatnonzero(lessons.labelled)
    if rows.size < FEWEST_LABELS:
        return model
    groups = Groups.of(lessons.need, lessons.pattern, len(lessons.sizes))
    fold = np.arange(len(lessons.sizes)) % _HELD_OUT
    odds = np.zeros(len(lessons.sizes))
    for number in range(_HELD_OUT):
        part = _fitted(lessons, hidden, fold != number)
        own = rows[fold[rows] == number]
        levels = part.levels(lessons.names, lessons.features, groups, lessons.sizes)
        odds[own] = logit(part.none_answers(_of(levels, own)))
    truth = lessons.unsatisfied[rows]
    corrected = replace(model, reading=fit_reading(odds[rows], truth))
    figures["labels"] = measured(corrected.reading.probability(odds[rows]), truth)
    return corrected


def _fit_pairs(lessons: Lessons, taken: Flags) -> Logistic:
    """The regression of pairs."""
    needs = len(lessons.sizes)
    overlap = lessons.features[:, lessons.names.index("overlap")].astype(np.float64)
    coverage = lessons.features[:, lessons.names.index("coverage")].astype(np.float64)
    own = _most(np.where(lessons.own, overlap, 0.0), lessons.need, needs)
    words = _most(np.where(lessons.own, coverage, 0.0), lessons.need, needs)
    equal = (overlap >= _EQUAL * own[lessons.need]) & (coverage >= _EQUAL_WORDS * words[lessons.need])
    has_own = own > 0
    counter = ~lessons.own & ~equal & (lessons.made & has_own)[lessons.need]
    here = taken[lessons.need]
    made = np.flatnonzero((lessons.own | counter) & here)
    told = lessons.read + lessons.left
    labelled = np.flatnonzero((told > 0) & here)
    rows = np.concatenate([made, labelled])
    share = lessons.read[labelled] / told[labelled]
    sure = told[labelled] / (told[labelled] + 1.0)
    target = np.concatenate([lessons.own[made].astype(np.float64), share])
    made_mass = _mass(int(lessons.own[made].sum()), int((share * sure).sum()))
    mass = np.concatenate([np.full(made.size, made_mass), sure])
    columns = pair_rows(lessons.features[rows], lessons.sizes.terms[lessons.need[rows]])
    return Logistic.fit(pair_names(lessons.names), columns, target, mass, _PAIR_RIDGE)


def _mass(made: int, labels: int) -> float:
    """Weight of a row made by the project: together they weigh as 300 labels beside so many, as 100 beside 900."""
    if labels < ENOUGH_LABELS:
        return 1.0
    together = max(LEAST_MASS, LABELLED_MASS * ENOUGH_LABELS / labels)
    return min(1.0, together / max(made, 1))


def _answers(lessons: Lessons, pair: Logistic) -> Floats:
    rows = pair_rows(lessons.features, lessons.sizes.terms[lessons.need])
    return cast("Floats", np.minimum(expit(pair.score(rows)), MOST))


def _figures(lessons: Lessons, hidden: _Hidden, model: AnswerModel, held_out: Flags) -> Mapping[str, Any]:
    """How well a model tells hidden from left answers, and unsatisfied from satisfied queries, it has not seen."""
    groups = Groups.of(lessons.need, lessons.pattern, len(lessons.sizes))
    left = np.flatnonzero(~hidden.pair)
    seen = model.levels(lessons.names, lessons.features[left], groups.taken(left), lessons.sizes)
    figures: dict[str, Any] = {}
    for name, chosen in (("log", ~lessons.made), ("made", lessons.made)):
        rows = np.flatnonzero(hidden.usable & held_out & chosen)
        figures[f"hidden_{name}"] = measured(model.none_answers(_of(seen, rows)), hidden.need[rows].astype(np.float64))
    rows = np.flatnonzero((lessons.known > 0) & held_out)
    if rows.size:
        whole = model.levels(lessons.names, lessons.features, groups, lessons.sizes)
        figures["outcomes"] = measured(
            model.none_answers(_of(whole, rows)), lessons.unsatisfied[rows] / lessons.known[rows]
        )
    return figures


def _of(levels: Levels, rows: Ints) -> Levels:
    return Levels(levels.rows[rows], levels.log_none[rows])


def measured(probability: Floats, truth: Floats) -> dict[str, float | int | None]:
    """Queries, ROC AUC (null with one class only), Brier score and expected calibration error in 10 equal parts."""
    if probability.size == 0:
        return {"queries": 0, "auc": None, "brier": None, "ece": None}
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, 10) if part.size]
    error = sum(abs(float(probability[part].mean() - truth[part].mean())) * part.size for part in parts)
    return {
        "queries": int(probability.size),
        "auc": _auc(probability, truth),
        "brier": round(float(((probability - truth) ** 2).mean()), 4),
        "ece": round(error / probability.size, 4),
    }


def _auc(score: Floats, truth: Floats) -> float | None:
    """Probability that a missing one is ranked above a met one (Mann-Whitney), by labels from one half on."""
    positive = truth >= 0.5  # noqa: PLR2004 - the larger share
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return None
    ranks = rankdata(score)
    return round(float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros)), 4)
