"""The sample market in a store, analyzed once for all tests of this folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gapfinder.analysis import Analyzed, analyze
from gapfinder.market.mention_rows import MENTION_TEXTS, MENTIONED, MENTIONS
from gapfinder.market.mentioned import StoredMentions
from gapfinder.market.passages import Passage, note_passages, query_passages, run_snapshot
from gapfinder.market.results import AUDIENCES, MARKET, SELLING_POINTS, TOGETHER
from gapfinder.runs import SECTION, analyses
from gapfinder.samples import sample_files, samples_folder
from gapfinder.settings import Settings
from indexer.importer import import_files
from indexer.stores import open_store


def analyzed_market(url: str) -> Analyzed:
    """Import the sample market into a new store and analyze it."""
    with open_store(url, create=True) as store:
        import_files(store, sample_files(samples_folder()), processes=0)
        return analyze(store, Settings.of(), name="demo")


def truth() -> dict[str, Any]:
    """What the generator planted."""
    found: dict[str, Any] = json.loads((samples_folder() / "truth.json").read_text(encoding="utf-8"))
    return found


def bodies(url: str) -> list[str]:
    """The stored gaps of the newest run, byte for byte, in order."""
    with open_store(url) as store:
        rows: list[str] = store.run_rows(analyses(store)[0].run, SECTION).column("body").to_pylist()
        return rows


def everything(url: str) -> list[str]:
    """All that is stored of the newest run, gaps, market and mentions, byte for byte, in order."""
    sections = (SELLING_POINTS, AUDIENCES, MARKET, TOGETHER, MENTION_TEXTS, MENTIONS, MENTIONED)
    with open_store(url) as store:
        run = analyses(store)[0].run
        tables = [store.run_rows(run, section) for section in sections]
        assert all(table.num_rows for table in tables)
    return [*bodies(url), *(body for table in tables for body in table.column("body").to_pylist())]


def passages(url: str, name: str) -> list[Passage]:
    """The notes and queries of the newest run that speak of something, as they are shown."""
    with open_store(url) as store:
        info = analyses(store)[0]
        mentions = StoredMentions(store, info)
        with run_snapshot(store, info) as snapshot:
            found = mentions.find(name)
            shown = list(note_passages(mentions, snapshot, found))
        return [*shown, *(one for own in found for one in query_passages(mentions, own))]


def folder(path: Path) -> str:
    """A store url in a temporary folder, with a salt of its own kept out of the environment."""
    return str(path / "store")
