"""Whether trends, surges and forecasts keep what they promise: ``python -m benchmarks.trend [HOT_TOPICS.tsv.gz]``.

On made-up demand the truth is known. On real topics (a file with the columns ``date`` and ``topic``, tab-separated and
gzipped, one row a topic and day) a series is how many topics hold a word on a day; forecasts are made at many days of
the past from what was known then, and held against what came. The results name no word and no topic.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.record import keep
from gapfinder.keywords import is_topic
from gapfinder.trend.festivals import NAMES, weekly_exposure
from gapfinder.trend.forecast import WEEKS, forecasts_of
from gapfinder.trend.history import history_of, no_history
from gapfinder.trend.outlook import Outlook, outlook_from
from gapfinder.trend.slope import trends_of, weekly_of
from gapfinder.trend.surge import surges_of
from indexer.dictionary import shipped_dictionary
from indexer.segment import segmenter_of

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

WINDOW: Final = 12
WORDS: Final = 3_000
EVERY: Final = 38  # days from one origin to the next: not a multiple of a week
A_YEAR: Final = 364  # 52 weeks: the same weekday
SPEED: Final = 100_000
BANDS: Final = ((0, 2), (2, 10), (10, float("inf")))
FORECAST_HEAD: Final = (
    "series", "coverage, weeks 1-4", "below", "above", "error", "last week", "mean of 12 weeks", "a year ago"
)  # fmt: skip


def main() -> None:
    """Measure and keep the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.trend", description="Measure trends and forecasts.")
    parser.add_argument("topics", nargs="?", type=Path, help="real topics: .tsv.gz with date and topic")
    parser.add_argument("--words", type=int, default=WORDS, help="the commonest words (default: %(default)s)")
    chosen = parser.parse_args()
    figures: dict[str, Any] = {"simulated": simulated(), "festivals": festivals(), "surges": surges(), "speed": speed()}
    if chosen.topics:
        figures["real"] = real(*series_of(chosen.topics, chosen.words))
    rows = [_row(name, found) for name, found in figures["simulated"].items()]
    if "real" in figures:
        rows += [_row(f"real, {name}", found) for name, found in figures["real"]["forecasts"].items()]
    keep(
        "trend",
        "Forecasts of four weeks from twelve, and more where the log is longer: coverage of 90% intervals (of "
        "each of the weeks), how many counts lie below and above, and the sum of absolute errors over that of counts, "
        "beside that of simple rules.",
        figures,
        FORECAST_HEAD,
        rows,
    )
    for name in ("festivals", "surges", "speed", *(("real",) if "real" in figures else ())):
        print(name, {key: value for key, value in figures[name].items() if key != "forecasts"})


def _row(name: str, found: dict[str, Any]) -> list[object]:
    errors = [found["errors"].get(rule) for rule in ("ours", "last_week", "mean", "a_year_ago")]
    shown = ["–" if error is None else f"{error:.3f}" for error in errors]
    coverage = " ".join(f"{week:.3f}" for week in found["coverage"])
    return [name, coverage, f"{found['below']:.3f}", f"{found['above']:.3f}", *shown]


def simulated() -> dict[str, Any]:
    """Coverage and error on series of known making, 4,000 of each."""
    draw = np.random.default_rng(11)
    shape = (4_000, WINDOW + WEEKS)
    steps: dict[str, Callable[[], Floats]] = {
        "still": lambda: np.ones(shape),
        "wandering 10% a week": lambda: np.exp(np.cumsum(draw.normal(0, 0.1, shape), axis=1)),
        "trends of 5% a week": lambda: np.exp(np.arange(shape[1]) * draw.choice([0.05, 0, 0, -0.05], (shape[0], 1))),
    }
    found = {}
    for level in (5, 50, 500):
        for name, make in steps.items():
            for scatter, noise in ((None, "Poisson"), (10, "overdispersed")):
                mean = level * make()
                counts = draw.poisson(mean if scatter is None else mean * draw.gamma(scatter, 1 / scatter, shape))
                forecast = forecasts_of(counts[:, :WINDOW])
                judged = Judged()
                judged.add(forecast, counts[:, :WINDOW], counts[:, WINDOW:])
                found[f"{noise}, level {level}, {name}"] = judged.figures()
    return found


class Judged:
    """Sums over forecasts that were held against what came."""

    def __init__(self) -> None:
        self.inside, self.below, self.above, self.series = np.zeros(WEEKS), 0, 0, 0
        self.off: defaultdict[str, float] = defaultdict(float)
        self.of: Counter[str] = Counter()

    def add(
        self,
        forecast: Any,
        past: Ints,
        coming: Ints,
        year_ago: Ints | None = None,
        chosen: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """Take in forecasts (of the chosen rows where something was foretold)."""
        known = np.isfinite(forecast.expected[:, 0])
        known = known if chosen is None else known & chosen
        low, high, true = forecast.low[known], forecast.high[known], coming[known]
        self.inside += ((low <= true) & (true <= high)).sum(axis=0)
        self.below += int((true < low).sum())
        self.above += int((true > high).sum())
        self.series += len(true)
        rules = {
            "ours": forecast.expected[known],
            "last_week": past[known, -1:],
            "mean": past[known].mean(axis=1, keepdims=True),
        }
        if year_ago is not None:
            rules |= {"a_year_ago": year_ago[known], "ours_where_a_year_ago": forecast.expected[known]}
        for name, values in rules.items():
            self.off[name] += float(np.abs(values - true).sum())
            self.of[name] += int(true.sum())

    def figures(self) -> dict[str, Any]:
        """What came of it."""
        cells = max(self.series * WEEKS, 1)
        return {
            "forecasts": self.series,
            "coverage": (self.inside / max(self.series, 1)).round(4).tolist(),
            "below": round(self.below / cells, 4),
            "above": round(self.above / cells, 4),
            "errors": {name: round(off / max(self.of[name], 1), 4) for name, off in self.off.items()},
        }


def _market(end: date, before: int, moved: tuple[str, ...], draw: np.random.Generator) -> tuple[Outlook, Ints, Floats]:
    """An outlook on 3,000 keywords without any trend, three in ten moved by each festival; weekly; effects."""
    count, weeks = 3_000, before + WINDOW
    effect = np.zeros((count, len(NAMES)))
    for name in moved:
        rows = draw.random(count) < 0.3
        effect[rows, NAMES.index(name)] = np.maximum(draw.normal(1, 0.3, int(rows.sum())), 0.2)
    mean = draw.lognormal(3, 1, count)[:, None] * np.exp(effect @ weekly_exposure(end, weeks).T)
    counts = draw.poisson(mean * draw.gamma(30, 1 / 30, mean.shape))
    weekly = counts[:, before:]
    daily = draw.multinomial(weekly, np.full(7, 1 / 7)).reshape(count, -1)
    past = history_of(counts[:, :before], end - timedelta(days=7 * WINDOW))
    return outlook_from(weekly, daily, end, past), weekly, effect


def festivals() -> dict[str, Any]:
    """How often a festival is read as a trend by keywords that it moves (by 2.7), with and without a history."""
    found = {}
    for name, end, wrong in (
        ("618", date(2026, 6, 20), "rising"),
        ("618", date(2026, 8, 24), "falling"),
        ("中秋", date(2026, 9, 26), "rising"),
    ):
        for before in (0, 60, 118):
            outlook, weekly, effect = _market(end, before, ("618", "中秋", "双11"), np.random.default_rng(before + 5))
            moved = effect[:, NAMES.index(name)] > 0
            found[f"{name}, window to {end}, {before} weeks before"] = {
                "read as": wrong,
                "festivals ignored": round(float((trends_of(weekly).direction[moved] == wrong).mean()), 4),
                "ours": round(float((outlook.trends.direction[moved] == wrong).mean()), 4),
                "ours, not moved": round(float((outlook.trends.direction[~moved] == wrong).mean()), 4),
                "moved, called rising early": round(float(outlook.surges.flagged[moved].mean()), 4),
            }
    return found


def surges() -> dict[str, Any]:
    """False alarms where nothing rises, and what is found of doubled last weeks in 5% of the keywords."""
    found: dict[str, Any] = {}
    for scatter in (10, 30, 1000):
        draw = np.random.default_rng(scatter)
        level = draw.lognormal(3, 1, (20_000, 1))
        mean = level * draw.gamma(scatter, 1 / scatter, (20_000, WINDOW))
        quiet = surges_of(draw.poisson(mean))
        up = draw.random(20_000) < 0.05
        mean[up, -2:] *= 2
        told = surges_of(draw.poisson(mean)).flagged
        busy = up & (level[:, 0] >= 20)
        found[f"scatter {scatter}"] = {
            "false alarms in 20,000": int(quiet.flagged.sum()),
            "false discoveries": round(float((told & ~up).sum() / max(told.sum(), 1)), 4),
            "found": round(float(told[up].mean()), 4),
            "found, 20 searches a week or more": round(float(told[busy].mean()), 4),
        }
    return found


def speed() -> dict[str, Any]:
    """Seconds for everything about twelve weeks of 100,000 keywords, and of 10,000 with two years and more before."""
    found = {}
    for keywords, before in ((SPEED, 0), (SPEED // 10, 118)):
        draw = np.random.default_rng(0)
        level = draw.lognormal(1.5, 1.2, (keywords, 1))
        daily = draw.poisson(level / 7 * np.ones(7 * WINDOW))
        end = date(2026, 8, 24)
        start = end - timedelta(days=7 * WINDOW)
        history = history_of(draw.poisson(level * np.ones(before)), start) if before else no_history(start)
        began, used = time.perf_counter(), time.process_time()
        outlook_from(weekly_of(daily), daily, end, history)
        found[f"{keywords:,} keywords, {before} weeks before the window"] = {
            "seconds": round(time.perf_counter() - began, 1),
            "processor_seconds": round(time.process_time() - used, 1),
        }
    return found


def series_of(path: Path, words: int) -> tuple[date, Ints]:
    """The first day, and the topics that hold each of the commonest words (rows) on each day (columns)."""
    segmenter = segmenter_of(shipped_dictionary())
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [
            (date.fromisoformat(row["date"]), frozenset(segmenter.query_terms(row["topic"])))
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    first, last = min(day for day, _ in rows), max(day for day, _ in rows)
    often = Counter(term for _, terms in rows for term in terms)
    ranked = sorted((term for term in often if is_topic(term)), key=lambda term: (-often[term], term))
    number = {term: place for place, term in enumerate(ranked[:words])}
    counts = np.zeros((len(number), (last - first).days + 1), np.int64)
    for day, terms in rows:
        for term in terms & number.keys():
            counts[number[term], (day - first).days] += 1
    return first, counts


def real(first: date, counts: Ints) -> dict[str, Any]:
    """Rolling origins: what was foretold from what was known then, against what came."""
    whole, bands = Judged(), {band: Judged() for band in BANDS}
    trends: Counter[str] = Counter()
    surging, going_on, others, origins = 0, 0, [], 0
    span = 7 * WINDOW
    for cut in range(span, counts.shape[1] - 7 * WEEKS + 1, EVERY):
        origins += 1
        end, past = first + timedelta(days=cut), counts[:, :cut]
        weekly = weekly_of(past[:, -span:])
        before = weekly_of(past[:, :-span])
        outlook = outlook_from(weekly, past[:, -span:], end, history_of(before, end - timedelta(days=span)))
        coming = weekly_of(counts[:, cut : cut + 7 * WEEKS])
        ago = cut - A_YEAR
        year_ago = weekly_of(counts[:, ago : ago + 7 * WEEKS]) if ago >= 0 else None
        whole.add(outlook.forecasts, weekly, coming, year_ago)
        for (low, high), judged in bands.items():
            mean = weekly.mean(axis=1)
            judged.add(outlook.forecasts, weekly, coming, year_ago, (mean >= low) & (mean < high))
        trends.update(outlook.trends.direction.tolist())
        level = weekly[:, :-2].mean(axis=1)
        stays = coming[:, :2].sum(axis=1) > 1.25 * 2 * level
        flagged = outlook.surges.flagged
        surging += int(flagged.sum())
        going_on += int((flagged & stays).sum())
        others.append(float(stays[~flagged & (level >= 2)].mean()))
    return {
        "words": len(counts),
        "days": counts.shape[1],
        "origins": origins,
        "forecasts": {
            "all words": whole.figures(),
            **{_band(*band): judged.figures() for band, judged in bands.items()},
        },
        "directions": dict(sorted(trends.items())),
        "rising early": surging,
        "of them still a quarter above their level in the next two weeks": round(going_on / max(surging, 1), 4),
        "the same of words not rising early": round(float(np.mean(others)), 4),
    }


def _band(low: float, high: float) -> str:
    return f"{low:g} topics a week or more" if high == float("inf") else f"{low:g} to {high:g} topics a week"


if __name__ == "__main__":
    main()
