"""With searchers: does what they do sharpen the order of queries, and do probabilities mean what they say?"""

from __future__ import annotations

import numpy as np

from benchmarks.truth.behaviour import READ, few_searches, passed_over, shown_notes, simulated, unsatisfied_rates
from benchmarks.truth.data import Labelled
from benchmarks.truth.hiding import draw_half, hide_all, unanswered
from benchmarks.truth.measures import auc, calibration_error, coverage, reliability
from benchmarks.truth.missing import compared
from benchmarks.truth.store import WEEKS, Result, Search, analyzed, column, once_each, rows_of

LABELS = 300
Curve = list[tuple[float, float]]


def with_searchers(data: Labelled, seed: int) -> tuple[dict[str, float], Curve]:
    """Two to five simulated searches a query, answers of half of the queries hidden.

    Returns:
        AUC of ours and of the plain share of unsatisfied searches, among the answered queries; calibration error of the
        unmet probability and coverage of the intervals over all queries, against the true share of searches that stay
        unmet; and the curve of the former.
    """
    random = np.random.default_rng([seed, 4])
    hidden = hide_all(data, draw_half(random, data.answered))
    without = unanswered(data, hidden)
    rates = unsatisfied_rates(random, without)
    counts = few_searches(random, len(data.queries))
    searches, unsatisfied = simulated(random, data, hidden, counts, rates)
    rows = rows_of(analyzed(data, searches, hidden=hidden, keywords=data.queries), data.queries)
    answered = data.answered
    figures = compared([rows[query] for query in answered], without[answered])
    share = unsatisfied / counts
    figures["clicks"] = auc(share[answered], without[answered])
    probability, truth = column(rows, "unmet_probability"), without * rates
    figures["error"] = calibration_error(probability, truth)
    low, high = column(rows, "unmet_low"), column(rows, "unmet_high")
    figures["coverage"] = coverage(low, high, truth * counts / WEEKS)
    return figures, reliability(probability, truth)


def with_labels(data: Labelled, seed: int, labels: int = LABELS) -> tuple[dict[str, float], Curve]:
    """Answers of half of the queries hidden; labels of some come as clicks; calibration error on all other queries.

    A labelled query with an answer in sight shows it among other notes, and it was read; one without shows the notes
    that share most with it, and none was opened.

    Returns:
        The error with labels and without, and the curve of the former.
    """
    random = np.random.default_rng([seed, 7])
    hidden = hide_all(data, draw_half(random, data.answered))
    without = unanswered(data, hidden)
    given = frozenset(random.permutation(len(data.queries))[:labels].tolist())
    others = [query for query in range(len(data.queries)) if query not in given]
    names, truth = [data.queries[query] for query in others], without[others].astype(np.float64)
    shown = shown_notes(data, hidden)
    told = once_each(data)
    for query in given:
        told[query] = passed_over(data, shown, query)
        seen = [note for note in data.relevant[query] if note not in hidden]
        if seen:
            told[query] = _read(data, query, seen[0], shown[query].tolist())
    plain = rows_of(analyzed(data, once_each(data), hidden=hidden, keywords=data.queries), names)
    taught = rows_of(analyzed(data, told, hidden=hidden, keywords=data.queries), names)
    probability = column(taught, "unmet_probability")
    figures = {
        "error": calibration_error(probability, truth),
        "error_without": calibration_error(column(plain, "unmet_probability"), truth),
    }
    return figures, reliability(probability, truth)


def _read(data: Labelled, query: int, answer: int, shown: list[int]) -> Search:
    """A search that showed the answer, first, among others, and it was read."""
    others = [place for place in shown if place != answer]
    results = (
        Result(data.notes[answer].note_id, clicked=True, dwell_seconds=READ),
        *(Result(data.notes[place].note_id) for place in others),
    )
    return Search(data.queries[query], results)
