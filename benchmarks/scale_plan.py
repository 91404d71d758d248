"""How many nodes a platform needs, from what :mod:`benchmarks.scale` measured on one node.

Everything is counted in seconds of one processor, so that it holds for machines with other numbers of them; a faster or
slower processor scales all times alike. What is not measured is an assumption, and says so in ``docs/scale.md``.

    python -m benchmarks.scale_plan --notes 1e8 --searches 1e9 --keywords 1e6
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

import orjson

from benchmarks.record import RESULTS
from indexer.stores.elastic.generations import FULLEST_SHARD, LARGEST_SHARD

_HOUR: Final = 3_600
_FULL: Final = 0.85  # of a disk: beyond that Elasticsearch puts no more shards on it
_TB: Final = 1e12
_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Platform:
    """What is to be held, and on what.

    Attributes:
        notes: Notes.
        searches: Searches a day.
        keywords: Keywords of an analysis.
        days: Days of searches that are kept.
        hours: Within how many hours a day's import and an analysis have to be done.
        cores: Processors of a node.
        disk: Terabytes of a node.
        copies: Copies of everything.
    """

    notes: float
    searches: float
    keywords: float
    days: float = 84
    hours: float = 8
    cores: float = 16
    disk: float = 4
    copies: float = 2


@dataclass(frozen=True, slots=True)
class Costs:
    """Seconds of one processor, and bytes.

    Attributes:
        note, search: Of the servers, to take one in, one copy.
        asked: Of the servers, for the search of one keyword in one shard, whatever it finds.
        looked_at: Of the servers, for each note that such a search looks at.
        share: Notes a keyword looks at, by all notes.
        by_characters: Of the servers, for each keyword and note, best notes by characters: at most, as if nothing of it
            were the search itself.
        read: Of the servers, to read one search.
        program_note, program_search, program_read: The same of the program that imports and analyzes.
        program_keyword: Of the program, for a keyword of an analysis.
        note_bytes, search_bytes: On the disk, one copy.
    """

    note: float
    search: float
    asked: float
    looked_at: float
    share: float
    by_characters: float
    read: float
    program_note: float
    program_search: float
    program_read: float
    program_keyword: float
    note_bytes: float
    search_bytes: float


def costs_of(figures: Mapping[str, Any]) -> Costs:
    """What things cost on one node, of the results of :mod:`benchmarks.scale`."""
    (one,) = (store for store in figures["stores"] if store["nodes"] == 1)
    notes = figures["sizes"]["notes"]

    def each(step: str, who: str = "servers") -> float:
        taken = one["steps"][step]
        return float(taken[who] / taken["amount"])

    rare, common = (one["looked_at"][name] for name in ("statistics, rare", "statistics, common"))
    looked_at = max(0.0, (each("statistics, common") - each("statistics, rare")) / (common - rare))
    asked = max(0.0, each("statistics, rare") - looked_at * rare)
    return Costs(
        note=each("import more notes"),
        search=each("import searches"),
        asked=asked,
        looked_at=looked_at,
        share=one["looked_at"]["statistics"] / notes,
        by_characters=each("by characters") / notes,
        read=each("read searches"),
        program_note=each("import more notes", "program"),
        program_search=each("import searches", "program"),
        program_read=each("read searches", "program"),
        program_keyword=each("analysis", "program"),
        note_bytes=one["note_bytes"],
        search_bytes=one["search_bytes"],
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """What a platform needs.

    Attributes:
        note_shards, month_shards: Shards of the notes, and of a month of searches, without copies.
        terabytes: On all disks, with copies.
        import_hours, statistics_hours, characters_hours, read_hours: Hours of one processor of the servers, for a day's
            import (of searches) and for each step of an analysis.
        first_hours: The same to take in all notes once.
        program_hours: Hours of the one program, by what it does.
        nodes_by_disk, nodes_by_processors: How many nodes the disks and the processors ask for.
    """

    note_shards: int
    month_shards: int
    terabytes: float
    import_hours: float
    statistics_hours: float
    characters_hours: float
    read_hours: float
    first_hours: float
    program_hours: Mapping[str, float]
    nodes_by_disk: int
    nodes_by_processors: int

    @property
    def nodes(self) -> int:
        """How many nodes."""
        return max(self.nodes_by_disk, self.nodes_by_processors)


def plan(costs: Costs, of: Platform) -> Plan:
    """The arithmetic of ``docs/scale.md``."""
    note_shards = ceil(of.notes * costs.note_bytes / LARGEST_SHARD)
    month = of.searches * _MONTH
    month_shards = ceil(max(month * costs.search_bytes / LARGEST_SHARD, month / FULLEST_SHARD))
    kept = of.searches * of.days
    terabytes = of.copies * (of.notes * costs.note_bytes + kept * costs.search_bytes) / _TB
    hours = {
        "import": of.searches * of.copies * costs.search / _HOUR,
        "statistics": of.keywords * (costs.asked * note_shards + costs.looked_at * costs.share * of.notes) / _HOUR,
        "characters": of.keywords * costs.by_characters * of.notes / _HOUR,
        "read": kept * costs.read / _HOUR,
    }
    return Plan(
        note_shards=note_shards,
        month_shards=month_shards,
        terabytes=terabytes,
        import_hours=hours["import"],
        statistics_hours=hours["statistics"],
        characters_hours=hours["characters"],
        read_hours=hours["read"],
        first_hours=of.notes * of.copies * costs.note / _HOUR,
        program_hours={
            "a day's import": of.searches * costs.program_search / _HOUR,
            "reading the log": kept * costs.program_read / _HOUR,
            "keywords": of.keywords * costs.program_keyword / _HOUR,
            "all notes, once": of.notes * costs.program_note / _HOUR,
        },
        nodes_by_disk=ceil(terabytes / (of.disk * _FULL)),
        nodes_by_processors=ceil(sum(hours.values()) / (of.cores * of.hours)),
    )


def told(costs: Costs, of: Platform) -> list[tuple[str, str]]:
    """The plan as lines of a table."""
    found = plan(costs, of)
    return [
        ("shards of the notes", f"{found.note_shards:,}"),
        ("shards of a month of searches", f"{found.month_shards:,}"),
        ("on all disks, with copies", f"{found.terabytes:,.1f} TB"),
        ("servers: all notes, once", f"{found.first_hours:,.1f} h"),
        ("servers: a day's searches", f"{found.import_hours:,.1f} h"),
        ("servers: statistics of all keywords", f"{found.statistics_hours:,.1f} h"),
        ("servers: best notes by characters, at most", f"{found.characters_hours:,.1f} h"),
        ("servers: reading the log", f"{found.read_hours:,.1f} h"),
        *((f"program: {name}", f"{hours:,.1f} h") for name, hours in found.program_hours.items()),
        ("nodes for the disks", f"{found.nodes_by_disk:,}"),
        ("nodes for the processors", f"{found.nodes_by_processors:,}"),
        ("nodes", f"{found.nodes:,}"),
    ]


def main() -> None:
    """Compute for a platform from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale_plan", description="How many nodes it takes.")
    for name, size in (("notes", 1e8), ("searches", 1e9), ("keywords", 1e6)):
        parser.add_argument(f"--{name}", type=float, default=size, help="default: %(default)g")
    for name, size in (("days", 84.0), ("hours", 8.0), ("cores", 16.0), ("disk", 4.0), ("copies", 2.0)):
        parser.add_argument(f"--{name}", type=float, default=size, help="default: %(default)g")
    figures = orjson.loads((RESULTS / "scale.json").read_bytes())
    for what, value in told(costs_of(figures), Platform(**vars(parser.parse_args()))):
        print(f"{what:40} {value:>14}")


if __name__ == "__main__":
    main()
