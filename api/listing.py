"""What a store held when it was asked for its runs."""

from __future__ import annotations

from dataclasses import dataclass

from api.problems import Missing
from gapfinder.runs import LATEST
from indexer.stores.contract import RunInfo


@dataclass(frozen=True, slots=True)
class Listing:
    """Its analyses and backtests, newest first, and when it was asked."""

    asked: float
    infos: list[RunInfo]
    tested: list[RunInfo]

    @property
    def newest_backtest(self) -> str | None:
        """The id of the newest backtest."""
        return self.tested[0].run if self.tested else None

    def find(self, run: str) -> RunInfo | None:
        """One analysis by id or name, or the newest."""
        return next((info for info in self.infos if run in (LATEST, info.run, info.name)), None)

    def found(self, run: str) -> RunInfo:
        """The same.

        Raises:
            Missing: There is no such analysis, or none at all.
        """
        info = self.find(run)
        if info is not None:
            return info
        if not self.infos:
            raise Missing("there is no analysis yet", hint="run: gapfinder analyze")
        raise Missing(f"there is no analysis {run[:100]!r}", hint="GET /v1/analyses lists them")
