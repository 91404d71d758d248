from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.ranking import Unsure, rank_ranges

Floats = npt.NDArray[np.float64]


def drawn(unsure: Unsure, draws: int) -> Floats:
    """Values of all keywords (rows), drawn independently."""
    rng = np.random.default_rng(11)
    shape = (unsure.mean.size, draws)
    value = np.clip(unsure.mean[:, None] + unsure.deviation[:, None] * rng.normal(size=shape), 0, unsure.most[:, None])
    return np.where(rng.random(shape) < unsure.nothing[:, None], 0.0, value)


@pytest.fixture(scope="module")
def market() -> Unsure:
    rng = np.random.default_rng(5)
    mean = np.exp(rng.normal(1.0, 1.5, 300))
    return Unsure(rng.beta(0.3, 0.6, 300), mean, 0.25 * mean, np.full(300, 1e9))


def test_ranges_are_those_of_draws(market: Unsure) -> None:
    order = np.argsort(-market.mean * (1 - market.nothing), kind="stable")
    found = rank_ranges(market, order)
    values = drawn(market, 2000)
    above = np.stack([(values > row).sum(axis=0) + 0.5 * ((values == row).sum(axis=0) - 1) for row in values])
    # Where nothing may be unmet with about the probability of an end, the end jumps: those are left out.
    clear = (np.abs(market.nothing - 0.05) > 0.02) & (np.abs(market.nothing - 0.95) > 0.02)
    best, worst = np.quantile(above + 1, [0.05, 0.95], axis=1)
    assert np.abs(found.best - best)[clear].mean() < 6
    assert np.abs(found.worst - worst)[clear].mean() < 6
    held = (found.best[:, None] - 1 <= above + 1) & (above + 1 <= found.worst[:, None] + 1)
    assert 0.87 <= held.mean() <= 0.99
    top = values[order[:10]] >= np.sort(values, axis=0)[-10]
    assert found.stable[10] == pytest.approx(top.mean(), abs=0.06)


def test_sure_values_have_one_rank() -> None:
    sure = Unsure(np.zeros(100), np.arange(100.0, 0.0, -1.0), np.full(100, 1e-3), np.full(100, 1e9))
    found = rank_ranges(sure, np.arange(100))
    assert found.best.tolist() == found.worst.tolist() == list(range(1, 101))
    assert found.stable == {10: 1.0, 50: 1.0}


def test_twins_share_their_places() -> None:
    same = Unsure(np.zeros(100), np.full(100, 50.0), np.full(100, 5.0), np.full(100, 1e9))
    found = rank_ranges(same, np.arange(100))
    assert found.best == pytest.approx(np.full(100, 6), abs=3)
    assert found.worst == pytest.approx(np.full(100, 95), abs=3)
    assert found.stable[10] == pytest.approx(0.1, abs=0.05)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1e4), st.floats(0, 1e3)), min_size=1, max_size=30))
def test_ranges_are_ranks_of_any_list(rows: list[tuple[float, float, float]]) -> None:
    nothing, mean, deviation = (np.array(column) for column in zip(*rows, strict=True))
    found = rank_ranges(Unsure(nothing, mean, deviation, mean + 3 * deviation), np.arange(len(rows)))
    assert (found.best >= 1).all()
    assert (found.best <= found.worst).all()
    assert (found.worst <= len(rows)).all()
    assert all(0 <= share <= 1 for share in found.stable.values())
