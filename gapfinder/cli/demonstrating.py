"""``gapfinder demo``: the sample market from files to a report."""

from __future__ import annotations

import json
from typing import Final

from gapfinder.cli.analyzing import analyzed
from gapfinder.cli.importing import imported
from gapfinder.cli.listing import show_gaps
from gapfinder.cli.show import console, print_json_list
from gapfinder.runs import analyses, load_run
from gapfinder.samples import sample_files, samples_folder
from gapfinder.settings import Settings
from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.contract import Store

NAME: Final = "demo"


def demonstrate(url: str, *, top: int, as_json: bool) -> None:
    """Import the sample market into a store of its own, analyze it, show the gaps."""
    with open_store(url, create=True) as store:
        _refuse_other_data(store, url)
        report = imported(store, sample_files(samples_folder()))
        answer = analyzed(store, Settings.of(), NAME)
        run = load_run(store, answer.info.run)
    if as_json:
        print_json_list(run.gaps)
        return
    screen = console()
    total = report.total
    read, written, unchanged, rejected = (f"{total[name]:,}" for name in ("read", "written", "unchanged", "rejected"))
    where = f"（见 {report.quarantine}）" if report.quarantine else ""
    screen.print(
        f"样例市场：读入 {read} 行，新写入 {written}，未变 {unchanged}，隔离 {rejected}{where}",
        style="dim",
        soft_wrap=True,
        markup=False,
    )
    screen.print()
    gaps = [gap for gap in run.gaps if gap["gap_kind"] != "met"]
    show_gaps(run.info, gaps[:top], len(gaps))
    screen.print()
    at = "" if url == "gapfinder-data" else f" --store {url}"
    screen.print(
        f"接下来：gapfinder explain 新生儿纸尿裤{at}，gapfinder report --out report.html{at}，gapfinder serve{at}",
        style="dim",
        soft_wrap=True,
        markup=False,
    )


def _refuse_other_data(store: Store, url: str) -> None:
    """The demo never mixes its market into a user's own data; one that was stopped halfway may go on."""
    manifest = store.manifest()
    if manifest is None or any(run.name == NAME for run in analyses(store)):
        return
    truth = json.loads((samples_folder() / "truth.json").read_text(encoding="utf-8"))
    if (manifest.counts.get("note"), manifest.counts.get("search")) != (truth["notes"], truth["searches"]):
        raise UsageError(
            f"the store {url} already holds other data",
            hint="give the demo a store of its own: gapfinder demo --store demo-data",
        )
