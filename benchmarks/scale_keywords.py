"""A hundred thousand keywords analyzed by one node of Elasticsearch and by three, beside the embedded store.

:mod:`benchmarks.scale` measures each kind of work by itself, on few keywords. This is one analysis of very many, with
all it asks of a store, on fewer notes; a first analysis of a hundredth of the keywords learned the model before. As
there, all nodes share one machine, and processor seconds are what counts. All stores have to give the same run.

    python -m benchmarks.scale_keywords --notes 20000 --searches 40000 --keywords 100000
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.kernel import keywords
from benchmarks.record import keep
from benchmarks.scale import Measured, Meter, Sizes, asked_sizes, in_each_store, names_of_stores
from benchmarks.synthetic import NOTES, SEARCHES, notes, searches, write
from gapfinder.analysis import analyze
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store

SIZES: Final = {"notes": 20_000, "searches": 40_000, "keywords": 100_000}
_FEW: Final = 100  # of so many keywords one is in the analysis that learns
_LEARNS: Final = "first analysis, which learns"
_ALL: Final = "analysis"


def analyzed(url: str, groups: Sequence[int], files: Sequence[Path], names: Sequence[str]) -> Measured:
    """The figures of one store.

    Args:
        url: Address of the store; there is nothing in it.
        groups: Process numbers of its nodes.
        files: Notes and searches.
        names: The keywords.
    """
    found = Measured(len(groups))
    meter = Meter(found, groups)
    with open_store(url, create=True, salt="scale") as store:
        import_files(store, files, processes=0)
        for name, chosen in ((_LEARNS, names[::_FEW]), (_ALL, names)):
            settings = Settings.of(keywords=tuple(chosen))
            found.digests[name] = meter.take(name, len(chosen), partial(analyze, store, settings)).info.run
    return found


def measure(sizes: Sizes) -> list[Measured]:
    """The analysis in every store."""
    names = ["".join(terms) for terms in keywords(sizes.keywords)]
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        files = [
            write(folder / "notes.parquet", NOTES, notes(sizes.notes)),
            write(folder / "searches.parquet", SEARCHES, searches(sizes.searches, sizes.notes)),
        ]
        return in_each_store(folder, lambda place, groups: analyzed(f"{place}/scale", groups, files, names))


def record(sizes: Sizes, found: Sequence[Measured]) -> None:
    """Keep what the analysis took in each store."""
    steps = [one.steps[_ALL] for one in found]
    rows = [
        [
            store,
            f"{step.seconds:,.0f}",
            f"{step.servers:,.0f}" if one.nodes else "-",
            f"{step.program:,.0f}",
            f"{step.amount / (step.servers + step.program):,.0f}",
        ]
        for store, one, step in zip(names_of_stores(), found, steps, strict=True)
    ]
    ratio = steps[2].servers / steps[1].servers
    title = (
        f"One analysis of {sizes.keywords:,} keywords over {sizes.notes:,} notes and {sizes.searches:,} searches; all "
        f"stores gave the same run. On one machine, three nodes take {ratio:.1f} times the processor time of one: each "
        "keyword is asked of every shard, and what a search costs before it looks at a note is paid in each. More "
        "nodes answer more keywords at once; they don't make one cheaper."
    )
    columns = ["store", "seconds", "processor seconds of the servers", "of the program", "keywords a processor second"]
    keep("scale-keywords", title, {"sizes": asdict(sizes), "stores": [asdict(one) for one in found]}, columns, rows)


def main() -> None:
    """Measure and keep the result."""
    about = "One analysis of very many keywords by each store, measured."
    sizes = asked_sizes("benchmarks.scale_keywords", about, SIZES)
    record(sizes, measure(sizes))


if __name__ == "__main__":
    main()
