"""The runs that HTTP shows, read once and kept: a request computes no analysis and hardly ever asks the store."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final

from api.answers import Answers
from api.compared import Compared
from api.listing import Listing
from api.market_shown import ShownMarket
from api.mentions_shown import ShownMentions, Wanted
from api.problems import Invalid, Missing, ProblemError, Unavailable
from api.shown import ShownRun, key_of
from gapfinder.backtest.stored import Backtested, load_backtest
from gapfinder.comparing import compare
from gapfinder.history import Moment, history, spellings_of
from gapfinder.market.opened import note_text
from gapfinder.market.passages import Passage
from gapfinder.reporting.beside import Beside
from gapfinder.reporting.html import render_report
from gapfinder.reporting.market_part import market_of
from gapfinder.reporting.privacy import published
from gapfinder.results import Gap
from gapfinder.runs import ANALYSIS, BACKTEST, LATEST, PREVIOUS, Run, only, read_gap, read_gaps
from indexer.errors import GapfinderError, NotFoundError
from indexer.importer import store_dictionary
from indexer.segment import segmenter_of
from indexer.stores.contract import RunInfo, Store

LOG: Final = logging.getLogger("gapfinder.errors")
MOST_KEPT: Final = 4
MOST_HISTORIES: Final = 256
MOST_COMPARED: Final = 2
REFRESH_SECONDS: Final = 2.0
STALE_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A run as it may be shown, and the newest backtest beside it."""

    shown: ShownRun
    backtest: str | None


class Library:
    """The runs of one store. Safe for several threads.

    Args:
        open_store: Opens the store; called when it is first needed, and again after a failure.
        clock: Seconds that only grow; the list of runs is asked for again after ``REFRESH_SECONDS``.
    """

    def __init__(self, open_store: Callable[[], Store], clock: Callable[[], float] = time.monotonic) -> None:
        self._open = open_store
        self._clock = clock
        self._lock = threading.RLock()  # held while the store is asked
        self._guard = threading.Lock()  # held for moments, so that answers at hand need not wait for the store
        self._store: Store | None = None
        self._listing: Listing | None = None
        self._asking_anew = False
        self._shown: OrderedDict[tuple[str, str], ShownRun] = OrderedDict()
        self._markets: dict[tuple[str, str], ShownMarket] = {}  # of runs that are in memory
        self._mentions: dict[tuple[str, str], ShownMentions] = {}  # likewise
        self._histories: OrderedDict[tuple[str, object], list[Moment]] = OrderedDict()
        self._compared: OrderedDict[object, Compared] = OrderedDict()
        self._page_lock = threading.Lock()
        self._page: tuple[object, str] = (None, "")
        self.answers = Answers()

    def infos(self, *, fresh: bool = False) -> list[RunInfo]:
        """All runs, newest first."""
        return self._listed(fresh=fresh).infos

    def _listed(self, *, fresh: bool = False) -> Listing:
        with self._lock:
            known, now = self._listing, self._clock()
            if known is not None and not fresh and now - known.asked < REFRESH_SECONDS:
                return known
            try:
                with self._asking() as store:
                    found = store.runs()
                listing = Listing(now, only(found, ANALYSIS), only(found, BACKTEST))
                self._read_ahead(listing)
                self._listing = listing
            finally:
                self._asking_anew = False
            return listing

    def _read_ahead(self, listing: Listing) -> None:
        """Read a newer run where the newest so far is in memory: its readers are answered from that one meanwhile."""
        known = self._listing
        if known is None or not known.infos or not listing.infos or self._kept(known.infos[0]) is None:
            return
        with suppress(ProblemError):  # who asks for the run is told, as if it had not been tried
            self._read(listing.infos[0])

    def info(self, run: str = LATEST) -> RunInfo:
        """One run by id or name, the newest by default.

        Raises:
            Missing: There is no such run, or none at all.
        """
        return self._listed().found(run)

    def backtests(self) -> list[RunInfo]:
        """All backtests, newest first."""
        with self._lock, self._asking() as store:
            return only(store.runs(), BACKTEST)

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

    def at_hand(self, run: str = LATEST) -> Opened | None:
        """A run that can be shown at once; None where the store has to be asked, which :meth:`opened` does.

        When the list of runs is due, one caller gets None and asks for it; the others are meanwhile answered from the
        list before, unless that is older than ``STALE_SECONDS``.
        """
        with self._guard:
            listing = self._listing
            if listing is None:
                return None
            age = self._clock() - listing.asked
            if age >= REFRESH_SECONDS and (age >= STALE_SECONDS or not self._asking_anew):
                self._asking_anew = True
                return None
        info = listing.find(run)
        shown = self._kept(info) if info else None
        return Opened(shown, listing.newest_backtest) if shown else None

    def opened(self, run: str = LATEST) -> Opened:
        """One run with its gaps, as far as it may be shown.

        Raises:
            Missing: There is no such run, or none at all.
        """
        with self._lock:
            listing = self._listed()
            return Opened(self._read(listing.found(run)), listing.newest_backtest)

    def shown(self, run: str = LATEST) -> ShownRun:
        """One run with its gaps; ``Missing`` as :meth:`opened`."""
        return self.opened(run).shown

    def _read(self, info: RunInfo) -> ShownRun:
        """A run, read where it is not in memory."""
        shown = self._kept(info)
        if shown is None:
            with self._asking() as store:
                shown = ShownRun(info, read_gaps(store, info))
            with self._guard:
                self._shown[key_of(info)] = shown
                if len(self._shown) > MOST_KEPT:
                    gone, _ = self._shown.popitem(last=False)
                    self._markets.pop(gone, None)
                    self._mentions.pop(gone, None)
        return shown

    def _kept(self, info: RunInfo) -> ShownRun | None:
        """A run that is in memory."""
        with self._guard:
            shown = self._shown.get(key_of(info))
            if shown is not None:
                self._shown.move_to_end(key_of(info))
            return shown

    def market_at_hand(self, shown: ShownRun) -> ShownMarket | None:
        """The market part of a run where it is in memory."""
        with self._guard:
            return self._markets.get(shown.key)

    def market(self, shown: ShownRun) -> ShownMarket:
        """The market part of a run: read when it is first asked for, and kept as long as the run.

        Raises:
            Missing: The run has none.
        """
        with self._lock:
            part = self.market_at_hand(shown)
            if part is None:
                with self._asking() as store:
                    part = ShownMarket(store, shown)
                with self._guard:
                    if shown.key in self._shown:
                        self._markets[shown.key] = part
            return part

    def mentions(self, shown: ShownRun, part: ShownMarket, wanted: Wanted) -> tuple[int, list[Passage]]:
        """How many notes or queries speak of something, and those of one page, read from the store.

        Raises:
            Missing: The run tells no mentions, or none of that name that may be shown.
        """
        with self._lock, self._asking() as store:
            found = self._mentions.get(shown.key)
            if found is None:
                found = ShownMentions(store, shown, part)
                with self._guard:
                    if shown.key in self._shown:
                        self._mentions[shown.key] = found
            return found.page(store, wanted)

    def note_text(self, note_id: str) -> str:
        """Title and content of a note of the store, as it is now.

        Raises:
            Missing: There is no such note.
        """
        with self._lock, self._asking() as store:
            text = note_text(store, note_id)
        if text is None:
            raise Missing(f"there is no note {note_id[:100]!r}")
        return text

    def cutter(self) -> Callable[[str], Sequence[str]]:
        """What cuts a text into words as the texts of the store are cut."""
        with self._lock, self._asking() as store, store.snapshot() as snapshot:
            dictionary = store_dictionary(snapshot)
        return segmenter_of(dictionary).query_terms

    def page(self) -> str:
        """The report page of the newest run, with what changed since the one before and the newest backtest.

        Raises:
            Missing: There is no run.
        """
        with self._page_lock:
            with self._lock:
                listing, shown = self._listed(), self.shown()
            newest = [*listing.infos[:2], *listing.tested[:1]]
            key = [key_of(info) for info in newest]
            if self._page[0] == key:
                return self._page[1]
            compared = self.compared(PREVIOUS, shown.info.run).whole() if len(listing.infos) > 1 else None
            backtest = self.backtest(listing.tested[0].run).result if listing.tested else None
            run = shown.for_page()
            with self._lock, self._asking() as store:
                market = market_of(store, run)
            self._page = key, render_report(run, Beside(compared, backtest), market)
            return self._page[1]

    def history(self, keyword: str) -> list[Moment]:
        """A keyword in all runs that may show it, oldest first; of runs that are not in memory one row is read.

        Raises:
            Missing: No run knows it, or none may show it.
        """
        with self._lock:
            infos = self.infos()
            key = (keyword, tuple(key_of(info) for info in infos))
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

    def compared(self, before: str, after: str) -> Compared:
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
            key = tuple(key_of(info) for info in (earlier, later))
            if key in self._compared:
                self._compared.move_to_end(key)
                return self._compared[key]
            runs = self.shown(earlier.run), self.shown(later.run)
        # Others need not wait for it.
        compared = Compared(compare(runs[0].info, runs[0].gaps(), runs[1].info, runs[1].gaps()))
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
            info = self.shown().info
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
            self._listing = None
            raise _unavailable(error) from error

    def _opened(self) -> Store:
        try:
            return self._open()
        except NotFoundError as error:  # of the store, not of a run
            raise _unavailable(error) from error


def _unavailable(error: GapfinderError) -> Unavailable:
    LOG.error("the store does not answer: %s", error.message.replace("\n", " "))
    return Unavailable("the store does not answer", hint="try again; the server's log says what is wrong")
