"""The market part of a run as it may be shown, kept small: rows packed, and beside them what lists are chosen by."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from api.packed import Packed
from api.problems import Missing
from api.product_gaps import ProductGaps
from api.shown import Positions, ShownRun
from gapfinder.market.mentions import POINT
from gapfinder.market.public import (
    Limits,
    PointKey,
    published_audiences,
    published_market,
    published_parts,
    published_points,
    published_product_gaps,
    published_suggestions,
    published_together,
)
from gapfinder.market.recommend import Market, Recommendation, may_hold
from gapfinder.market.results import (
    PARTS,
    PRODUCT_GAPS,
    TOGETHER,
    KeywordAudience,
    MarketRow,
    NameSuggestion,
    QueryParts,
    SearchedTogether,
    SellingPoint,
)
from gapfinder.market.stored import (
    close_names,
    has_market,
    hint_of,
    market_rows,
    read_suggestions,
    stored_audiences,
    stored_points,
    stored_rows,
)
from gapfinder.older import whole_parts
from gapfinder.results import GAP_KINDS
from gapfinder.understanding.catalogue import LEVELS
from indexer.errors import NotFoundError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

T = TypeVar("T", KeywordAudience, SearchedTogether, QueryParts)


class ShownMarket:
    """The market part of one run as it may be shown. Safe for several threads.

    Args:
        store: It is read from there, one row at a time.
        shown: The run; its gaps say which keywords are shown.

    Attributes:
        points, rows, suggestions: What lists are made of, in order.
        product_gaps: Gaps by selling point, keyword and product.
        hidden_points, hidden_product_gaps, hidden_rows, hidden_suggestions: How many were left out.

    Raises:
        Missing: The run has no market.
    """

    def __init__(self, store: Store, shown: ShownRun) -> None:
        info = shown.info
        suggested = _suggestions(store, info)
        limits = Limits.of(info, shown.keywords)
        self._categories: dict[str, int] = {}  # number of each category, by its name
        self.points: Packed[SellingPoint] = Packed()
        self.rows: Packed[MarketRow] = Packed()
        self.suggestions: Packed[NameSuggestion] = Packed()
        total = self._add_points(store, info, limits)
        self.hidden_points = total - len(self.points)
        rows = _Counted(stored_rows(store, info, PRODUCT_GAPS))
        self.product_gaps = ProductGaps(published_product_gaps(rows, limits, self._keys), self._number)
        self.hidden_product_gaps = rows.number - len(self.product_gaps.rows)
        total = self._add_rows(store, info, limits, {one["name"] for one in suggested if one["kind"] == "brand"})
        self.hidden_rows = total - len(self.rows)
        for one in published_suggestions(suggested, limits):
            self.suggestions.append(one)
        self.hidden_suggestions = len(suggested) - len(self.suggestions)
        self._audiences: _OfKeywords[KeywordAudience] = _OfKeywords(shown)
        for row in published_audiences(stored_audiences(store, info), limits):
            self._audiences.add(row)
        self._together: _OfKeywords[SearchedTogether] = _OfKeywords(shown)
        for neighbours in published_together(stored_rows(store, info, TOGETHER), limits):
            self._together.add(neighbours)
        self._parts: _OfKeywords[QueryParts] = _OfKeywords(shown)
        for parts in published_parts(map(whole_parts, stored_rows(store, info, PARTS)), limits):
            self._parts.add(parts)
        pa.default_memory_pool().release_unused()  # the rows that were read; they are many times what is kept of them

    def _add_points(self, store: Store, info: RunInfo, limits: Limits) -> int:
        """Keep the selling points that are shown; how many there are with those that are not."""
        rows = _Counted(stored_points(store, info))
        categories, kinds, underserved = array("i"), array("B"), array("b")
        self._keys: set[PointKey] = set()
        for row in published_points(rows, limits):
            self.points.append(row)
            self._keys.add((row["category"], row["selling_point"]))
            categories.append(self._number(row["category"]))
            kinds.append(GAP_KINDS.index(row["gap_kind"]))
            underserved.append(row["underserved"])
        self._point_categories, self._kinds = np.array(categories), np.array(kinds)
        self._underserved = np.array(underserved, np.bool_)
        return rows.number

    def _add_rows(self, store: Store, info: RunInfo, limits: Limits, suggested: Collection[str]) -> int:
        """Keep the rows of the market that are shown; how many there are with those that are not."""
        rows = _Counted(market_rows(store, info))
        categories, levels, parents, depths = array("i"), array("B"), array("i"), array("B")
        self._named: dict[str, array[int]] = {}
        names: dict[str, None] = {}
        for place, row in enumerate(published_market(rows, limits, self._keys, suggested)):
            self.rows.append(row)
            categories.append(-1 if row["category"] is None else self._number(row["category"]))
            levels.append(LEVELS.index(row["level"]))
            parents.append(-1 if row["parent"] is None else self._number(row["parent"]))
            depths.append(row["depth"])
            for name in {normalize(row["name"]), normalize(row["product_id"] or row["name"])}:
                self._named.setdefault(name, array("i")).append(place)
            names[row["name"]] = None
        self._row_categories, self._levels = np.array(categories), np.array(levels)
        self._parents, self._depths = np.array(parents), np.array(depths)
        self._names = list(names)
        return rows.number

    def _number(self, category: str) -> int:
        return self._categories.setdefault(category, len(self._categories))

    def chosen_points(self, category: str | None, kinds: Collection[str], *, underserved: bool | None) -> Positions:
        """The places of the selling points that fit, in their order.

        Args:
            category: Only of this category, and of those below it.
            kinds: Only these; none means all.
            underserved: Only those that are, or only those that are not.

        Raises:
            Missing: There is no such category; close ones are named.
        """
        fits = np.ones(len(self.points), np.bool_)
        if category is not None:
            fits &= np.isin(self._point_categories, self.below(category))
        if kinds:
            fits &= np.isin(self._kinds, [GAP_KINDS.index(kind) for kind in kinds])
        if underserved is not None:
            fits &= self._underserved == underserved
        return _places(fits)

    def chosen_rows(
        self,
        level: str | None,
        category: str | None,
        name: str | None,
        parent: str | None = None,
        depth: int | None = None,
    ) -> Positions:
        """The places of the market rows that fit, in their order.

        Args:
            level: Only categories, brands or products.
            category: Only of this category, and of those below it.
            name: Only what is called so; a product also by its id.
            parent: Only the categories right below this one.
            depth: Only with so many categories above.

        Raises:
            Missing: There is no such category or name; close ones are named.
        """
        fits = np.ones(len(self.rows), np.bool_)
        if level is not None:
            fits &= self._levels == LEVELS.index(level)
        if category is not None:
            fits &= np.isin(self._row_categories, self.below(category))
        if parent is not None:
            fits &= self._parents == self._category(parent)
        if depth is not None:
            fits &= self._depths == depth
        if name is not None:
            named = self._named.get(normalize(name))
            if named is None:
                raise Missing(f"the run's market has no {name[:100]!r}", hint=hint_of(name, self._names, "names"))
            fits &= np.isin(np.arange(fits.size), named)
        return _places(fits)

    def names(self, level: str, name: str, category: str | None) -> bool:
        """Whether something that texts speak of may be named: crowds and scenes are words of this project's lists."""
        if level == POINT:
            return (category or "", name) in self._keys
        if level not in LEVELS:
            return True
        rows = (self.rows[place] for place in self._named.get(normalize(name), ()))
        return any((row["level"], row["category"]) == (level, category) for row in rows)

    def hint_of(self, name: str) -> str:
        """What of the market and the selling points may have been meant."""
        return hint_of(name, [*self._names, *dict.fromkeys(point for _, point in sorted(self._keys))], "names")

    def all_suggestions(self) -> Positions:
        """The places of all suggestions, in their order."""
        return np.arange(len(self.suggestions), dtype=np.int32)

    def audience(self, place: int) -> KeywordAudience | None:
        """The audiences of the keyword with that place among the gaps; None where the run does not tell."""
        return self._audiences.at(place)

    def together(self, place: int) -> SearchedTogether | None:
        """What people searched before and after that keyword; None where too few did."""
        return self._together.at(place)

    def parts(self, place: int) -> QueryParts | None:
        """That keyword taken apart; None where it is no query of its own."""
        return self._parts.at(place)

    def recommended(
        self, shown: ShownRun, word: str | None, category: str | None, around: int | None
    ) -> list[Recommendation]:
        """Keywords for a launch: by a word, by a category, or around the keyword with that place among the gaps.

        Raises:
            Missing: There is no such category; close ones are named.
        """
        points = [self.points[row] for row in range(len(self.points))] if word is not None else []

        def market(keywords: Iterable[str]) -> Market:
            return Market([shown.at(shown.place_of(one)) for one in keywords], points, _whole)

        if word is not None:
            wanted = normalize(word)
            same = {
                one["keyword"]
                for point in points
                if wanted in {point["selling_point"], *point["variants"]}
                for one in point["keywords"]
            }
            return market(one for one in shown.keywords if wanted in one or one in same).by_word(word)
        if category is not None:
            return market(shown.keywords).by_category(*self.names_below(category))
        together = self.together(around) if around is not None else None
        if together is None:
            return []
        return market(dict.fromkeys(one["keyword"] for one in [*together["before"], *together["after"]])).by_session(
            together
        )

    def narrower(self, category: str) -> list[str]:
        """The names of the categories below one; none where there is no such category."""
        wanted = normalize(category)
        own = next((name for name in self._categories if normalize(name) == wanted), None)
        return [] if own is None else [name for name in self.names_below(own) if name != own]

    def names_below(self, category: str) -> list[str]:
        """The names of a category and of all below it.

        Raises:
            Missing: There is no such category; close ones are named.
        """
        below = set(self.below(category).tolist())
        return [name for name, number in self._categories.items() if number in below]

    def below(self, category: str) -> npt.NDArray[np.int64]:
        """The numbers of a category and of all below it.

        Raises:
            Missing: There is no such category; close ones are named.
        """
        found = np.array([self._category(category)], np.int64)
        while True:
            more = np.union1d(found, self._row_categories[np.isin(self._parents, found)])
            if more.size == found.size:
                return found
            found = more

    def for_note(self, shown: ShownRun, text: str, cut: Callable[[str], Sequence[str]]) -> list[Recommendation]:
        """Keywords for a note: those that it answers by its words, and those that ask for what it offers."""
        plain = normalize(text)
        letters = set(plain)
        points = [self.points[row] for row in range(len(self.points))]
        points = [one for one in points if any(name in plain for name in (one["selling_point"], *one["variants"]))]
        offered = {keyword["keyword"] for point in points for keyword in point["keywords"]}
        places = [shown.place_of(one) for one in shown.keywords if one in offered or may_hold(letters, one)]
        return Market([shown.at(place) for place in places], points, cut).by_note(text)

    def _category(self, category: str) -> int:
        wanted = normalize(category)
        for name, number in self._categories.items():
            if normalize(name) == wanted:
                return number
        hint = hint_of(category, list(self._categories), "categories")
        raise Missing(f"the run has no category {category[:100]!r}", hint=hint)


def _whole(text: str) -> list[str]:
    return [normalize(text)]


def place_of(shown: ShownRun, keyword: str) -> int:
    """The place of a keyword among the gaps of a run, by itself or by a variant.

    Raises:
        Missing: The run knows neither, or may not show it; close keywords that are shown are named.
    """
    try:
        return shown.place_of(keyword)
    except Missing as problem:
        names = close_names(keyword, list(shown.keywords))
        if not names:
            raise
        raise Missing(problem.detail, hint="close: " + ", ".join(names)) from problem


class _OfKeywords(Generic[T]):
    """Rows by the place of their keyword among the gaps of a run."""

    def __init__(self, shown: ShownRun) -> None:
        self._shown = shown
        self._rows: Packed[T] = Packed()
        self._at = array("i", [-1]) * len(shown)

    def add(self, row: T) -> None:
        """Keep a row of a keyword that is shown."""
        self._at[self._shown.place_of(row["keyword"])] = len(self._rows)
        self._rows.append(row)

    def at(self, place: int) -> T | None:
        """The row of the keyword with that place."""
        return self._rows[self._at[place]] if self._at[place] >= 0 else None


class _Counted:
    """Rows, and how many of them were gone through."""

    def __init__(self, rows: Iterator[Any]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self._rows:
            self.number += 1
            yield row


def _suggestions(store: Store, info: RunInfo) -> list[NameSuggestion]:
    try:
        return read_suggestions(store, info)
    except NotFoundError as error:
        if has_market(info):  # it was deleted meanwhile
            raise
        raise Missing(error.message, hint=error.hint) from error


def _places(fits: npt.NDArray[np.bool_]) -> Positions:
    return np.flatnonzero(fits).astype(np.int32)
