"""``gapfinder doctor``: what is wrong with the set-up or the store, and how to mend it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final

import typer

from gapfinder.cli.show import console, plain, print_json
from indexer.errors import DataError, GapfinderError, StoreError
from indexer.stores import open_store
from indexer.stores.contract import Finding, Manifest, RunInfo, Store

_LEAST_DISK: Final = 2 * 1024**3
_SUPPORTED: Final = ((3, 11), (3, 13))
_NOT_THE_STORE: Final = frozenset({"python", "packages", "temporary files", "segmenter"})
_FROM_BACKUP: Final = "bring the store back from a backup, or import the files into a new store"
_MARKS: Final = {"ok": "[green]✓[/green]", "warning": "[yellow]![/yellow]", "error": "[red]✗[/red]"}


def examine(url: str, *, as_json: bool) -> None:
    """Show all findings; exit 4 when the store is not usable, 1 when anything else is wrong."""
    findings = [_without_itself(finding) for finding in (*_setup(), *_store(url))]
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        _show(findings)
    wrong = [finding for finding in findings if finding.level == "error"]
    if wrong:
        raise typer.Exit(1 if all(finding.subject in _NOT_THE_STORE for finding in wrong) else 4)


def _without_itself(finding: Finding) -> Finding:
    """A finding that does not send the reader to where it stands."""
    return replace(finding, mend=_FROM_BACKUP) if "gapfinder doctor" in finding.mend else finding


def _show(findings: list[Finding]) -> None:
    screen = console()
    for finding in findings:
        screen.print(_MARKS[finding.level], f"{finding.subject}:", plain(finding.message), soft_wrap=True)
        if finding.mend:
            screen.print(f"    → {plain(finding.mend)}", style="bold", markup=False, soft_wrap=True)
    bad = sum(finding.level != "ok" for finding in findings)
    screen.print("everything is in order" if not bad else f"{bad} to look at", style="dim")


def _setup() -> Iterator[Finding]:
    """The interpreter, the packages, the disk for temporary files."""
    here = sys.version_info[:2]
    name = f"Python {here[0]}.{here[1]}"
    if _SUPPORTED[0] <= here <= _SUPPORTED[1]:
        yield Finding("ok", "python", name)
    else:
        yield Finding("error", "python", f"{name} is not supported", "use Python 3.11 to 3.13")
    yield from _packages()
    free = shutil.disk_usage(tempfile.gettempdir()).free
    level, mend = ("ok", "") if free >= _LEAST_DISK else ("warning", "free some, or set TMPDIR to a larger disk")
    yield Finding(level, "temporary files", f"{free / 1024**3:.1f} GB free in {tempfile.gettempdir()}", mend)


def _packages() -> Iterator[Finding]:
    missing = []
    for requirement in requires("gapfinder") or ():
        if "extra ==" in requirement:
            continue
        package = requirement.split(";")[0].strip()
        for sign in "<>=!~ [":
            package = package.split(sign)[0]
        try:
            version(package)
        except PackageNotFoundError:
            missing.append(package)
    if missing:
        yield Finding("error", "packages", "not installed: " + ", ".join(missing), "install gapfinder again")
    else:
        yield Finding("ok", "packages", f"gapfinder {version('gapfinder')} and all it needs")


def _store(url: str) -> Iterator[Finding]:
    """The store itself: reachable, whole, segmented by this segmenter, analyzed."""
    if "://" not in url and not Path(url).exists():
        yield Finding(
            "warning",
            "store",
            f"there is no store at {url} yet",
            "bring data: gapfinder import FILES, or gapfinder demo",
        )
        return
    try:
        with open_store(url) as store:
            yield Finding("ok", "store", f"{url} can be opened")
            checked = store.check()
            yield from checked
            if all(finding.level != "error" or finding.subject != "manifest" for finding in checked):
                yield from _contents(store)
    except GapfinderError as error:
        yield Finding("error", "store", error.message, error.hint)


def _contents(store: Store) -> Iterator[Finding]:
    from gapfinder.reporting.trust import is_calibrated
    from gapfinder.runs import analyses
    from indexer.importer import check_stamp

    manifest = store.manifest()
    if manifest is None:
        yield Finding("warning", "data", "nothing was imported yet", "gapfinder import FILES")
        return
    counts = ", ".join(f"{count:,} of {record}" for record, count in sorted(manifest.counts.items()))
    yield Finding("ok", "data", f"{manifest.name}: {counts}")
    try:
        check_stamp(manifest)
        yield Finding("ok", "segmenter", "the text was cut by the segmenter of this program")
    except (DataError, StoreError) as error:
        yield Finding("error", "segmenter", error.message, error.hint or "gapfinder reindex")
    runs = analyses(store)
    if not runs:
        yield Finding("warning", "runs", "no analysis yet", "gapfinder analyze")
    elif runs[0].manifest.get("snapshot") != manifest.name:
        yield Finding(
            "warning", "runs", f"the newest run is of {runs[0].manifest.get('snapshot')}", "gapfinder analyze"
        )
    else:
        said = "calibrated" if is_calibrated(runs[0].manifest) else "not calibrated: good for an order, not as shares"
        yield Finding("ok", "runs", f"{len(runs)}, the newest is {runs[0].run}; its probabilities are {said}")
    yield _model(store, manifest)
    yield _backtest(store)


def _backtest(store: Store) -> Finding:
    """How the gaps of an earlier day came true, as the newest backtest found."""
    from gapfinder.backtest.stored import newest_result

    result = newest_result(store)
    if result is None:
        return Finding("ok", "backtest", "none yet; gapfinder backtest tells how gaps came true")
    held, told = result["persistence"], result["reliability"]
    parts = [f"with data before {result['at']}, {result['weeks']} weeks on: {result['verdict'].replace('_', ' ')}"]
    if held is not None and held["share"] is not None:
        parts.append(f"{held['still_gaps']:,} of {held['judged']:,} leading gaps were still gaps")
    if told is not None:
        parts.append(f"probabilities were off by {100 * told['error']:.1f} points on average")
    return Finding("ok", "backtest", "; ".join(parts))


def _model(store: Store, manifest: Manifest) -> Finding:
    """Whether the content model that analyses use is one of this store as it is now."""
    from gapfinder.answers.model import LEARNED
    from gapfinder.calibration import fits, kept_models

    models = kept_models(store)
    if not models:
        return Finding("ok", "model", "none yet; the first analysis learns it")
    fitting = next((info for info in models if fits(info, manifest)), None)
    if fitting is None:
        of = _learned_from(models[0])
        return Finding(
            "warning", "model", f"stale: the newest is of {of}; the next analysis learns anew", "gapfinder calibrate"
        )
    origin = "learned from" if fitting.manifest.get("origin") == LEARNED else "the shipped one, for want of data in"
    return Finding("ok", "model", f"{fitting.manifest.get('model')}, {origin} {_learned_from(fitting)}")


def _learned_from(model: RunInfo) -> str:
    """The snapshot that a kept model was learned from."""
    basis = model.manifest.get("basis")
    return str(basis.get("snapshot", "?")) if isinstance(basis, dict) else "?"
