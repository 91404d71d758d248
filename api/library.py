"""The runs that HTTP shows, read once and kept: a request computes no analysis and hardly ever asks the store."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Final

from api.problems import Invalid, Missing, Unavailable
from gapfinder.backtest.stored import Backtested, backtests, load_backtest
from gapfinder.comparing import Comparison, compare
from gapfinder.history import Moment, history, spellings_of
from gapfinder.orders import ORDERS
from gapfinder.reporting.beside import Beside
from gapfinder.reporting.html import render_report
from gapfinder.reporting.privacy import PublishedRun, published
from gapfinder.results import Gap
from gapfinder.runs import LATEST, PREVIOUS, Run, analyses, load_run, read_gap
from indexer.errors import GapfinderError, NotFoundError
from indexer.normalize import normalize
from indexer.stores.contract import RunInfo, Store

LOG: Final = logging.getLogger("gapfinder.errors")
MOST_KEPT: Final = 4
MOST_HISTORIES: Final = 256
MOST_COMPARED: Final = 2
REFRESH_SECONDS: Final = 2.0


class ShownRun:
    """One run as it may be shown, with what is looked up in it again and again."""

    def __init__(self, run: PublishedRun) -> None:
        self.run = run
        self._orders: dict[str, list[Gap]] = {}

    @cached_property
    def texts(self) -> dict[str, str]:
        """What ``q`` is looked for in, by keyword: the keyword, its variants and synonyms."""
        return {
            gap["keyword"]: "\n".join(
                [gap["keyword"], *(variant["query"] for variant in gap["variants"]), *gap["synonyms"]]
            ).lower()
            for gap in self.run.gaps
        }

    @cached_property
    def _by_text(self) -> dict[str, Gap]:
        found: dict[str, Gap] = {}
        for gap in self.run.gaps:
            if gap["match"] == "exact":
                for variant in gap["variants"]:
                    found.setdefault(variant["query"], gap)
        found.update((gap["keyword"], gap) for gap in self.run.gaps)
        return found

    def gap(self, keyword: str) -> Gap:
        """The gap of a keyword or of the keyword a variant was folded into.

        Raises:
            Missing: The run knows neither, or may not show it.
        """
        found = self._by_text.get(keyword) or self._by_text.get(normalize(keyword))
        if found is None:
            raise Missing(
                f"the run {self.run.info.run} shows no keyword {keyword[:100]!r}",
                hint="GET /v1/gaps?q=... finds keywords; those searched by few people are not shown",
            )
        return found

    def ordered(self, order: str) -> list[Gap]:
        """All gaps, largest first; ties keep the default order."""
        if order not in self._orders:
            self._orders[order] = sorted(self.run.gaps, key=ORDERS[order], reverse=True)
        return self._orders[order]


class Library:
    """The runs of one store. Safe for several threads.

    Args:
        open_store: Opens the store; called when it is first needed, and again after a failure.
        clock: Seconds that only grow; the list of runs is asked for again after ``REFRESH_SECONDS``.
    """

    def __init__(self, open_store: Callable[[], Store], clock: Callable[[], float] = time.monotonic) -> None:
        self._open = open_store
        self._clock = clock
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._infos: list[RunInfo] = []
        self._tested: list[RunInfo] = []
        self._asked: float | None = None
        self._shown: OrderedDict[tuple[str, str], ShownRun] = OrderedDict()
        self._histories: OrderedDict[tuple[str, object], list[Moment]] = OrderedDict()
        self._compared: OrderedDict[object, Comparison] = OrderedDict()
        self._page: tuple[object, str] = (None, "")

    def infos(self, *, fresh: bool = False) -> list[RunInfo]:
        """All runs, newest first."""
        with self._lock:
            now = self._clock()
            if fresh or self._asked is None or now - self._asked >= REFRESH_SECONDS:
                with self._asking() as store:
                    self._infos, self._tested = analyses(store), backtests(store)
                self._asked = now
            return self._infos

    def info(self, run: str = LATEST) -> RunInfo:
        """One run by id or name, the newest by default.

        Raises:
            Missing: There is no such run, or none at all.
        """
        infos = self.infos()
        for info in infos:
            if run in (LATEST, info.run, info.name):
                return info
        if not infos:
            raise Missing("there is no analysis yet", hint="run: gapfinder analyze")
        raise Missing(f"there is no analysis {run[:100]!r}", hint="GET /v1/analyses lists them")

    def backtests(self) -> list[RunInfo]:
        """All backtests, newest first."""
        with self._lock, self._asking() as store:
            return backtests(store)

    def backtest(self, run: str = LATEST) -> Backtested:
        """One backtest by id or name, the newest by default.

        Raises:
            Missing: There is no such backtest, or none at all.
        """
        with self._lock:
            infos = self.backtests()
            if not any(run in (LATEST, info.run, info.name) for info in infos):
                hint = "GET /v1/backtests lists them" if infos else "run: gapfinder backtest"
                raise Missing(f"there is no backtest {run[:100]!r}" if infos else "there is no backtest yet", hint=hint)
            with self._asking() as store:
                return load_backtest(store, run)

    def newest_backtest(self) -> RunInfo | None:
        """The newest backtest; None when there is none."""
        with self._lock:
            self.infos()
            return self._tested[0] if self._tested else None

    def shown(self, run: str = LATEST) -> ShownRun:
        """One run with its gaps, as far as it may be shown."""
        with self._lock:
            info = self.info(run)
            key = (info.run, info.created_at.isoformat())
            if key not in self._shown:
                with self._asking() as store:
                    loaded = load_run(store, info.run)
                self._shown[key] = ShownRun(published(loaded))
                if len(self._shown) > MOST_KEPT:
                    self._shown.popitem(last=False)
            self._shown.move_to_end(key)
            return self._shown[key]

    def page(self) -> str:
        """The report page of the newest run, with what changed since the one before and the newest backtest.

        Raises:
            Missing: There is no run.
        """
        with self._lock:
            shown, infos, tested = self.shown(), self.infos(), self._tested
            key = [(info.run, info.created_at.isoformat()) for info in (*infos[:2], *tested[:1])]
            if self._page[0] == key:
                return self._page[1]
            compared = self.compared(PREVIOUS, shown.run.info.run) if len(infos) > 1 else None
            backtest = self.backtest(tested[0].run).result if tested else None
            self._page = key, render_report(shown.run, Beside(compared, backtest))
            return self._page[1]

    def history(self, keyword: str) -> list[Moment]:
        """A keyword in all runs that may show it, oldest first; of runs that are not in memory one row is read.

        Raises:
            Missing: No run knows it, or none may show it.
        """
        with self._lock:
            infos = self.infos()
            key = (keyword, tuple((info.run, info.created_at.isoformat()) for info in infos))
            if key not in self._histories:
                names = self._spellings(keyword)
                found = [(info, gap) for info in reversed(infos) for gap in self._shown_gap(info, names)]
                self._histories[key] = history(found)
                if len(self._histories) > MOST_HISTORIES:
                    self._histories.popitem(last=False)
            self._histories.move_to_end(key)
            if not self._histories[key]:
                raise Missing(
                    f"no analysis shows a keyword {keyword[:100]!r}",
                    hint="GET /v1/gaps?q=... finds keywords; those searched by few people are not shown",
                )
            return self._histories[key]

    def compared(self, before: str, after: str) -> Comparison:
        """Two runs compared, as far as both may be shown.

        Args:
            before: The earlier run by id or name; ``previous`` is the one made before the later.
            after: The later run.

        Raises:
            Missing: There is no such run.
            Invalid: Both are the same.
        """
        with self._lock:
            later = self.info(after)
            infos = self.infos()
            earlier = next(iter(infos[infos.index(later) + 1 :]), None) if before == PREVIOUS else self.info(before)
            if earlier is None:
                raise Missing("there is no earlier analysis to compare with", hint="GET /v1/analyses lists them")
            if earlier.run == later.run:
                raise Invalid("an analysis can't be compared with itself", hint="GET /v1/analyses lists the others")
            key = tuple((info.run, info.created_at.isoformat()) for info in (earlier, later))
            if key in self._compared:
                self._compared.move_to_end(key)
                return self._compared[key]
            runs = self.shown(earlier.run).run, self.shown(later.run).run
        compared = compare(runs[0].info, runs[0].gaps, runs[1].info, runs[1].gaps)  # others need not wait for it
        with self._lock:
            self._compared[key] = compared
            if len(self._compared) > MOST_COMPARED:
                self._compared.popitem(last=False)
        return compared

    def _spellings(self, keyword: str) -> list[str]:
        """What runs may call a keyword: what the newest folds it into, and itself."""
        names = spellings_of(keyword)
        try:
            return list(dict.fromkeys((self.shown().gap(keyword)["keyword"], *names)))
        except Missing:
            return names

    def _shown_gap(self, info: RunInfo, names: Sequence[str]) -> list[Gap]:
        """The gap of a keyword in one run as it may be shown; empty when there is none."""
        with self._asking() as store:
            try:
                gap = read_gap(store, info.run, names)
            except NotFoundError:  # the run was deleted since the list was asked for
                return []
        return [] if gap is None else published(Run(info, [gap])).gaps

    def readable(self) -> RunInfo:
        """The newest run, asked for anew; its rows were read once, and their table answers now.

        Raises:
            Missing: There is no run.
            Unavailable: The store does not answer, or the rows of the run can't be read.
        """
        with self._lock:
            self.infos(fresh=True)
            info = self.shown().run.info
            with self._asking() as store:
                store.run_rows(info.run, "")  # of no section: asks the table and carries nothing
            return info

    def close(self) -> None:
        """Give back the store's connections."""
        with self._lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    @contextmanager
    def _asking(self) -> Iterator[Store]:
        """The open store; what it says about itself in an error stays in the log, it may name places and hosts."""
        try:
            if self._store is None:
                self._store = self._opened()
            yield self._store
        except NotFoundError as error:
            raise Missing("the analysis is no longer there", hint="GET /v1/analyses lists them") from error
        except GapfinderError as error:
            self._asked = None
            raise _unavailable(error) from error

    def _opened(self) -> Store:
        try:
            return self._open()
        except NotFoundError as error:  # of the store, not of a run
            raise _unavailable(error) from error


def _unavailable(error: GapfinderError) -> Unavailable:
    LOG.error("the store does not answer: %s", error.message.replace("\n", " "))
    return Unavailable("the store does not answer", hint="try again; the server's log says what is wrong")
