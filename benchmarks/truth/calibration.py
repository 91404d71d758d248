"""With searchers: does what they do sharpen the order of queries, and do probabilities mean what they say?"""

from __future__ import annotations

import numpy as np

from benchmarks.truth.behaviour import few_searches, simulated, unsatisfied_rates
from benchmarks.truth.data import Labelled
from benchmarks.truth.hiding import draw_half, hide_all, unanswered
from benchmarks.truth.measures import auc, calibration_error, coverage, reliability
from benchmarks.truth.missing import compared
from benchmarks.truth.store import WEEKS, analyzed, column, once_each, rows_of

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
    """Answers of half of the queries hidden; some queries are labelled; calibration error on all other queries.

    Returns:
        The error with labels and without, and the curve of the former.
    """
    random = np.random.default_rng([seed, 7])
    hidden = hide_all(data, draw_half(random, data.answered))
    without = unanswered(data, hidden)
    given = frozenset(random.permutation(len(data.queries))[:labels].tolist())
    others = [query for query in range(len(data.queries)) if query not in given]
    names, truth = [data.queries[query] for query in others], without[others].astype(np.float64)
    said = {data.queries[query]: not without[query] for query in sorted(given)}
    searches = once_each(data)
    plain = rows_of(analyzed(data, searches, hidden=hidden, keywords=data.queries), names)
    taught = rows_of(analyzed(data, searches, hidden=hidden, keywords=data.queries, labels=said), names)
    probability = column(taught, "unmet_probability")
    figures = {
        "error": calibration_error(probability, truth),
        "error_without": calibration_error(column(plain, "unmet_probability"), truth),
    }
    return figures, reliability(probability, truth)
