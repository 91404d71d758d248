"""The sample market, whose truth is planted: its selling points, their shares, and who searches what.

It is analyzed in a temporary store. A group shown as an audience is false when the market itself does not favour it:
the share of a group among the searchers of a keyword is drawn from the very code that drew them, and compared with its
share among all searchers. So a group counts as right, too, that only comes along with the planted one. Who searches
again in other words is left out of what is expected.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.market.literal import Noted, literal_off, noted
from benchmarks.market.measures import recall_at, shares_off
from data.samples.market.people import USERS, People
from gapfinder.analysis import analyze
from gapfinder.market.results import KeywordAudience, SellingPoint
from gapfinder.market.stored import read_audiences, read_points
from gapfinder.runs import find_run
from gapfinder.samples import sample_files, samples_folder
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store

FIRST: Final = 10
MORE: Final = 15
LEAST_GROUPED: Final = 20  # searchers of a keyword whose groups are known
FAVOURED: Final = 1.05  # lift from which the market favours a group
_DRAWS: Final = 50_000
_SEED: Final = 5
_EVERYONE: Final = "everyone"

Truth = Mapping[str, Any]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Category:
    """What was found of a category's planted points.

    Attributes:
        recall: Share of them among the first :data:`FIRST`.
        recall_more: Share of them among the first :data:`MORE`.
        demand_off, supply_off: How far their shares are off.
        literal_off: How far those of notes are that name them in so many words.
        missed: Those that are not among the first.
    """

    recall: float
    recall_more: float
    demand_off: float
    supply_off: float
    literal_off: float
    missed: list[str]


@dataclass
class Audiences:
    """What was found of planted audiences.

    Attributes:
        keywords: Keywords with enough searchers.
        first: Of them, those whose first audience is the planted one.
        shown: Groups that are shown for them.
        false: Of them, those that the market does not favour over all searchers.
        false_within: Of these, those that it does not favour over the searchers of the category either.
        examples: Keyword and group of the false ones, with the lifts to expect over all and within the category.
    """

    keywords: int = 0
    first: int = 0
    shown: int = 0
    false: int = 0
    false_within: int = 0
    examples: list[tuple[str, str, float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Sample:
    """What was found of the sample market."""

    categories: dict[str, Category]
    audiences: Audiences

    def mean(self, figure: str) -> float:
        """The mean of a figure over the categories."""
        total: float = sum(getattr(one, figure) for one in self.categories.values())
        return total / len(self.categories)


def sample_market() -> Sample:
    """Analyze the sample market, and compare it with its truth."""
    folder = samples_folder()
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    with (
        tempfile.TemporaryDirectory(prefix="market-") as name,
        open_store(str(Path(name) / "store"), create=True, salt="market") as store,
    ):
        import_files(store, sample_files(folder), processes=0)
        with noted() as kept:
            analyze(store, Settings.of())
        info = find_run(store)
        points, audiences = read_points(store, info), read_audiences(store, info)
    return Sample(_categories(points, truth, kept), _audiences(audiences, truth, folder))


def _categories(points: Sequence[SellingPoint], truth: Truth, kept: Noted) -> dict[str, Category]:
    ads = {*truth["undisclosed"], *truth["disclosed"]}
    return {
        category: _category(category, [point for point in points if point["category"] == category], planted, kept, ads)
        for category, planted in truth["selling_points"].items()
    }


def _category(
    category: str, points: Sequence[SellingPoint], planted: Sequence[Truth], kept: Noted, ads: set[str]
) -> Category:
    """Compare the points of one category.

    A point is a planted one when one of its wordings holds one of the planted forms; where several are (a planted one
    that was not folded whole), the most searched one is compared.
    """
    named = [
        [
            str(one["selling_point"])
            for one in planted
            if any(form in wording for wording in (point["selling_point"], *point["variants"]) for form in one["forms"])
        ]
        for point in points
    ]
    names = [str(one["selling_point"]) for one in planted]
    demand, supply, standing = [], [], []
    for name in names:
        found = [point for point, own in zip(points, named, strict=True) if name in own]
        best = max(found, key=lambda point: (point["searches"], point["notes"]), default=None)
        demand.append(float(best["searches"]) if best else 0.0)
        supply.append(best["supply"] if best else 0.0)
        standing.append(best["selling_point"] if best else "")
    leading = {name for own in named[:FIRST] for name in own}
    return Category(
        recall_at(named, [[name] for name in names], FIRST),
        recall_at(named, [[name] for name in names], MORE),
        shares_off(demand, [float(one["demand_share"]) for one in planted]),
        shares_off(supply, [float(one["supply_share"]) for one in planted]),
        literal_off(kept, category, standing, planted, ads),
        [name for name in names if name not in leading],
    )


def _audiences(rows: Sequence[KeywordAudience], truth: Truth, folder: Path) -> Audiences:
    expected = _Expected(truth, _people(folder))
    by_keyword = {row["keyword"]: row for row in rows}
    found = Audiences()
    for one in truth["keywords"]:
        row = by_keyword.get(one["keyword"])
        if row is None or row["grouped"] < LEAST_GROUPED:
            continue
        groups = [group["audience"] for group in row["audiences"] if not group["found"]]
        found.keywords += 1
        found.first += groups[:1] == [one["audience"]]
        for group in groups:
            overall, within = expected.lifts(one, group)
            found.shown += 1
            if overall <= FAVOURED:
                found.false += 1
                found.false_within += within <= FAVOURED
                found.examples.append((one["keyword"], group, round(overall, 3), round(within, 3)))
    return found


def _people(folder: Path) -> People:
    """The people of the market whose groups are known."""
    groups: dict[str, list[str]] = {}
    members: dict[str, list[str]] = defaultdict(list)
    with (folder / "audiences.csv").open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            groups[row["user_id"]] = row["groups"].split("|")
            for group in (*groups[row["user_id"]], _EVERYONE):
                members[group].append(row["user_id"])
    return People(groups, dict(members))


class _Expected:
    """How many times as large a group is to be expected among the searchers of a keyword as among others.

    People with the same groups are alike to the market. How often it draws each kind of them is told by drawing; a
    person is a searcher once, however often, so a rate becomes the chance to be seen at all.

    Args:
        truth: Keywords with their planted audiences and searches.
        people: Who searches.
    """

    def __init__(self, truth: Truth, people: People) -> None:
        kinds = Counter(tuple(groups) for groups in people.groups.values())
        self._kinds = list(kinds)
        self._size = np.array([kinds[kind] for kind in self._kinds], np.float64)
        self._known = len(people.groups) / USERS  # searches of people whose groups are known
        self._holds = {
            group: np.array([group in kind for kind in self._kinds], bool) for kind in self._kinds for group in kind
        }
        searches: dict[tuple[str, str], int] = defaultdict(int)
        for one in truth["keywords"]:
            searches[one["audience"], one["category"]] += one["searches"]
        self._drawn = {pair: self._draws(people, *pair) for pair in sorted(searches)}
        rest = truth["searches"] - sum(searches.values())  # of no keyword: by anybody
        rate = np.full(self._size.size, rest / len(people.groups))
        in_category: dict[str, Floats] = {}
        for (audience, category), times in sorted(searches.items()):
            own = times * self._drawn[audience, category]
            rate = rate + own
            in_category[category] = in_category.get(category, np.zeros(own.size)) + own
        self._everywhere, self._in_category = rate, in_category

    def _draws(self, people: People, audience: str, category: str) -> Floats:
        """The chance of one person of each kind to be who searches."""
        rng = Random(f"{_SEED} {audience} {category}")
        drawn = Counter(tuple(people.groups[people.searcher(audience, category, rng)]) for _ in range(_DRAWS))
        return np.array([drawn[kind] for kind in self._kinds], np.float64) / _DRAWS / self._size

    def _share(self, rate: Floats, group: str) -> float:
        seen = self._size * (1.0 - np.exp(-self._known * rate))
        return float(seen[self._holds[group]].sum() / seen.sum())

    def lifts(self, keyword: Truth, group: str) -> tuple[float, float]:
        """The lift of a group among the searchers of a keyword: over all searchers, and over those of the category."""
        category = keyword["category"]
        own = self._share(keyword["searches"] * self._drawn[keyword["audience"], category], group)
        return own / self._share(self._everywhere, group), own / self._share(self._in_category[category], group)
