"""The regression: it finds what made the data, and is the same every time."""

from __future__ import annotations

import numpy as np
import orjson
import pytest
from scipy.special import expit

from gapfinder.answers.logistic import Floats, Logistic

NAMES = ("one", "two", "flat")


def drawn(rows: int, seed: int = 1) -> tuple[Floats, Floats]:
    """Rows of two features on different scales and a constant one, with labels of known log-odds."""
    random = np.random.default_rng(seed)
    values = np.column_stack([random.normal(3.0, 2.0, rows), random.uniform(0.0, 0.1, rows), np.full(rows, 0.3)])
    log_odds = -1.0 + 0.7 * values[:, 0] - 12.0 * values[:, 1]
    return values, (random.random(rows) < expit(log_odds)).astype(np.float64)


def test_known_coefficients_are_found_again() -> None:
    values, target = drawn(40_000)
    found = Logistic.fit(NAMES, values, target, np.ones(target.size), 0.1)
    slopes = np.array(found.weight) / np.array(found.scale)
    assert slopes[0] == pytest.approx(0.7, abs=0.03)
    assert slopes[1] == pytest.approx(-12.0, abs=1.0)
    assert found.intercept - float(slopes @ np.array(found.mean)) == pytest.approx(-1.0, abs=0.1)
    assert found.score(values) == pytest.approx(-1.0 + 0.7 * values[:, 0] - 12.0 * values[:, 1], abs=0.4)


def test_a_feature_that_never_varies_says_nothing() -> None:
    values, target = drawn(500)
    found = Logistic.fit(NAMES, values.astype(np.float32), target, np.ones(500), 0.1)
    assert abs(found.weight[2]) < 1e-3
    assert np.isfinite(found.score(values)).all()


def test_mass_counts_as_repetition_does() -> None:
    values, target = drawn(300)
    times = np.random.default_rng(2).integers(0, 4, 300)
    weighed = Logistic.fit(NAMES, values, target, times.astype(np.float64), 1.0)
    repeated = Logistic.fit(
        NAMES, np.repeat(values, times, axis=0), np.repeat(target, times), np.ones(times.sum()), 1.0
    )
    assert weighed.weight == pytest.approx(repeated.weight, abs=5e-4)
    assert weighed.intercept == pytest.approx(repeated.intercept, abs=5e-4)
    assert weighed.mean == pytest.approx(repeated.mean, abs=2e-4)


def test_a_share_counts_as_its_labels_do() -> None:
    values, _ = drawn(200)
    yes = np.random.default_rng(3).integers(0, 5, 200)
    shares = Logistic.fit(NAMES, values, yes / 4, np.full(200, 4.0), 1.0)
    labels = np.concatenate([np.ones(200), np.zeros(200)])
    apart = Logistic.fit(NAMES, np.tile(values, (2, 1)), labels, np.concatenate([yes, 4.0 - yes]), 1.0)
    assert shares.weight == pytest.approx(apart.weight, abs=5e-4)


def test_a_stronger_ridge_says_less() -> None:
    values, target = drawn(200)
    loose, tight = (Logistic.fit(NAMES, values, target, np.ones(200), ridge) for ridge in (0.1, 1000.0))
    assert abs(tight.weight[0]) < abs(loose.weight[0]) / 2


def test_the_same_data_gives_the_same_bytes_and_survives_json() -> None:
    values, target = drawn(3000)
    first, second = (Logistic.fit(NAMES, values, target, np.ones(3000), 0.1) for _ in range(2))
    kept = orjson.dumps(first.as_json())
    assert orjson.dumps(second.as_json()) == kept
    again = Logistic.from_json(orjson.loads(kept))
    assert again == first
    assert again.score(values).tolist() == first.score(values).tolist()
