"""Made-up demand whose truth is known: levels, festivals, season, surges, and noise around them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from gapfinder.trend.festivals import NAMES, weekly_exposure
from gapfinder.trend.history import History, history_of
from gapfinder.trend.outlook import Coming, Outlook, outlook_from

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
WEEKS = 12


def coming(outlook: Outlook) -> list[Coming]:
    """What an outlook says of each keyword."""
    return outlook.shown(np.arange(len(outlook.trends.direction)))


@dataclass(frozen=True)
class Market:
    """Weekly demand, daily searches of the window, the weeks before, and what is true of them."""

    end: date
    weekly: Ints
    daily: Ints
    history: History
    effect: Floats  # of each festival (columns) on each keyword, as a logarithm
    surging: npt.NDArray[np.bool_]

    def outlook(self) -> Outlook:
        return outlook_from(self.weekly, self.daily, self.end, self.history)

    def moved_by(self, festival: str) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = self.effect[:, NAMES.index(festival)] > 0
        return found


def market(
    end: date,
    *,
    keywords: int = 1500,
    before: int = 0,
    festivals: tuple[str, ...] = (),
    level: float = 20,
    scatter: float = 30,
    surging: float = 0,
    times: float = 2,
    yearly: float = 0,
    seed: int = 1,
) -> Market:
    """A market.

    Args:
        end: The day after the last week.
        keywords: How many.
        before: Weeks before the window.
        festivals: Each moves three keywords in ten, by a factor around 2.7.
        level: Middle searches a week.
        scatter: Size of the negative binomial: the smaller, the more weeks scatter.
        surging: Share of the keywords whose last two weeks are ``times`` as high.
        times: How high.
        yearly: Height of a yearly wave (as a logarithm) that peaks in July.
        seed: Of everything drawn.
    """
    draw = np.random.default_rng(seed)
    weeks = before + WEEKS
    effect = np.zeros((keywords, len(NAMES)))
    for festival in festivals:
        moved = draw.random(keywords) < 0.3
        effect[moved, NAMES.index(festival)] = np.maximum(draw.normal(1.0, 0.3, int(moved.sum())), 0.2)
    middles = [end - timedelta(days=7 * week - 3) for week in range(weeks, 0, -1)]
    wave = np.cos(2 * np.pi * np.array([(day - date(2025, 7, 15)).days / 365.25 for day in middles]))
    mean = draw.lognormal(np.log(level), 0.8, keywords)[:, None] * np.exp(
        effect @ weekly_exposure(end, weeks).T + yearly * wave
    )
    up = draw.random(keywords) < surging
    mean[up, -2:] *= times
    counts = draw.poisson(mean * draw.gamma(scatter, 1 / scatter, mean.shape))
    weekly = counts[:, before:]
    daily = draw.multinomial(weekly, np.full(7, 1 / 7)).reshape(keywords, WEEKS * 7)
    history = history_of(counts[:, :before], end - timedelta(days=7 * WEEKS))
    return Market(end, weekly, daily, history, effect, up)
