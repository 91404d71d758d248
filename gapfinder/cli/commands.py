"""Every command with its options; what it does stands in a module of its own, imported when it is called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gapfinder.cli.daily_command import daily
from gapfinder.cli.market_commands import MARKET_COMMANDS
from gapfinder.cli.options import (
    DEFAULT_STORE,
    MOST_ROWS,
    JsonOption,
    MemoryOption,
    RunOption,
    StoreOption,
    TopOption,
    day_of,
    keywords_of,
    mapping_of,
)
from gapfinder.memory import MEMORY, memory_of
from gapfinder.settings import SETTINGS, Settings
from indexer.errors import UsageError


def _import(
    files: Annotated[list[str], typer.Argument(help="Files to import; - reads standard input.", show_default=False)],
    record: Annotated[
        str | None,
        typer.Option(
            "--as", help="What the rows are: note, search, volume, ad, creator, comment, product, order or audience."
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="Rename a column: theirs=ours. Repeatable.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Encoding of text files, for example gbk or utf-16.")] = None,
    searched_at: Annotated[
        str | None, typer.Option(help="Day of searches that have no time of their own, for example 2026-06-01.")
    ] = None,
    max_rejected: Annotated[
        float, typer.Option(min=0, max=1, help="Publish nothing when a larger share of the rows is bad.")
    ] = 0.05,
    dictionary: Annotated[
        list[Path] | None, typer.Option(help="Words for the segmenter, one a line. Repeatable.")
    ] = None,
    processes: Annotated[
        int | None,
        typer.Option(min=0, help="Processes that segment beside this one; default: by the size of the files."),
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another writer.")] = 0,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Bring notes, query logs, ads, creators, comments, products, orders and audiences into the store.

    \b
    Files are JSONL, CSV, TSV, Parquet or XLSX, plain, .gz or .zst; known exports are recognised by their header.
    Bad rows go to a quarantine file with their line and reason; importing a file twice changes nothing.

    \b
    Examples:
      gapfinder import notes.jsonl searches.csv.gz ads.xlsx
      gapfinder import queries.tsv --as search --searched-at 2026-06-01
      gapfinder import export.csv --as note --map 标题=title --map 正文=content --encoding gbk
    """
    from gapfinder.cli.importing import run_import

    run_import(
        store,
        files,
        record=record,
        mapping=mapping_of(mapping or []),
        encoding=encoding,
        searched_at=day_of(searched_at, "--searched-at"),
        max_rejected=max_rejected,
        dictionaries=tuple(dictionary or ()),
        processes=processes,
        wait=wait,
        as_json=as_json,
    )


def _analyze(
    first: Annotated[str | None, typer.Option("--from", help="First day, for example 2026-06-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Day after the last.")] = None,
    category: Annotated[
        str | None, typer.Option(help="Only keywords of this category of the product catalogue, and below it.")
    ] = None,
    keywords: Annotated[Path | None, typer.Option(help="Exactly the keywords of this file, one a line.")] = None,
    min_searches: Annotated[int, typer.Option(help=SETTINGS["min_searches"].help)] = 5,
    min_searchers: Annotated[int, typer.Option(help=SETTINGS["min_searchers"].help)] = 3,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Any other setting: name=value. Repeatable; see --settings.")
    ] = None,
    embedder: Annotated[
        str | None,
        typer.Option(
            envvar="GAPFINDER_EMBEDDER",
            help="Compare meanings as well: http(s)://host/v1#model (OpenAI-compatible), or a folder with a model.",
        ),
    ] = None,
    show_settings: Annotated[bool, typer.Option("--settings", help="List all settings and stop.")] = False,
    memory: MemoryOption = MEMORY,
    name: Annotated[str, typer.Option("--run", help="A name for the run.")] = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Find the gaps in the newest snapshot and keep them as a run.

    \b
    Examples:
      gapfinder analyze
      gapfinder analyze --from 2026-06-01 --to 2026-08-24 --run summer
      gapfinder analyze --keywords launch-words.txt
      gapfinder analyze --set half_life_days=365 --set user_day_cap=1
      gapfinder analyze --memory 2GB
      gapfinder analyze --embedder http://localhost:8080/v1#bge-m3
    """
    from gapfinder.cli.analyzing import list_settings, run_analysis, values_of

    if show_settings:
        list_settings(as_json=as_json)
        return
    chosen = Settings.of(
        first=day_of(first, "--from"),
        end=day_of(end, "--to"),
        keywords=keywords_of(keywords),
        category=category,
        embedder=embedder or None,
        **{"min_searches": min_searches, "min_searchers": min_searchers, **values_of(settings or [])},
    )
    run_analysis(store, replace(chosen, memory=memory_of(memory)), name=name, as_json=as_json)


def _gaps(
    run: RunOption = "latest",
    kind: Annotated[
        list[str] | None, typer.Option(help="Only this kind: missing, wording, weak, stale, ads_only, unsure, met.")
    ] = None,
    match: Annotated[str | None, typer.Option(help="Only exact or contains keywords.")] = None,
    order_by: Annotated[
        str, typer.Option(help="unmet_low, unmet_probability, unmet_per_week, excess, ratio, searches or rising.")
    ] = "unmet_low",
    since: Annotated[
        str | None, typer.Option(help="What changed since that run, by id or name; previous is the one before.")
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option(help="With --since, only: opened, closed, grew, shrank, new, gone or steady. Repeatable."),
    ] = None,
    top: TopOption = None,
    out: Annotated[Path | None, typer.Option(help="Write to a .csv, .xlsx, .parquet or .json file.")] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """List the keywords of a run, most unmet searches first.

    \b
    Examples:
      gapfinder gaps
      gapfinder gaps --kind missing --kind stale --top 50
      gapfinder gaps --out gaps.xlsx
      gapfinder gaps --json | jq '.[0]'
      gapfinder gaps --since previous
      gapfinder gaps --since spring --run summer --change opened --change closed
    """
    from gapfinder.cli.listing import list_gaps

    if since is not None:
        from gapfinder.cli.comparing import list_changes

        if kind or match or order_by != "unmet_low":
            raise UsageError("--kind, --match and --order-by do not go with --since", hint="choose by --change")
        list_changes(store, run, since, kinds=change or [], top=top, out=out, as_json=as_json)
        return
    if change:
        raise UsageError("--change needs a run to compare with", hint="for example gapfinder gaps --since previous")
    list_gaps(store, run, kinds=kind or [], match=match, order_by=order_by, top=top, out=out, as_json=as_json)


def _explain(
    keyword: Annotated[str, typer.Argument(help="The keyword, or any of its variants.", show_default=False)],
    run: RunOption = "latest",
    history: Annotated[bool, typer.Option("--history", help="Show the keyword in all stored runs instead.")] = False,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Say why a keyword is a gap (or is not): the decomposition, the queries, the notes, the kind.

    \b
    Examples:
      gapfinder explain 新生儿纸尿裤
      gapfinder explain 新生儿纸尿裤 --history
    """
    from gapfinder.cli.explaining import explain

    if history:
        from gapfinder.cli.remembering import remember

        remember(store, run, keyword, as_json=as_json)
        return
    explain(store, run, keyword, as_json=as_json)


def _runs(
    delete: Annotated[str | None, typer.Option(metavar="RUN", help="Delete that run, by id or name.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """List the stored analyses, newest first, or delete one.

    \b
    Examples:
      gapfinder runs
      gapfinder runs --delete spring --yes
    """
    from gapfinder.cli.run_listing import delete_run, list_runs

    if delete is not None:
        delete_run(store, delete, sure=yes)
        return
    list_runs(store, as_json=as_json)


def _report(
    out: Annotated[Path, typer.Option(help="The file to write: .html (one self-contained page) or .xlsx.")],
    run: RunOption = "latest",
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Write a run as a report to hand on.

    \b
    Examples:
      gapfinder report --out report.html
      gapfinder report --out report.xlsx --run summer
    """
    from gapfinder.cli.listing import write_report

    write_report(store, run, out)


def _backtest(
    at: Annotated[
        str | None,
        typer.Option(
            help="Find the gaps with data up to this day, for example 2026-06-01; default: --weeks before the end."
        ),
    ] = None,
    weeks: Annotated[int | None, typer.Option(help=SETTINGS["backtest_weeks"].help)] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any other setting: name=value. Repeatable; see analyze --settings."),
    ] = None,
    name: Annotated[str, typer.Option("--run", help="A name for the backtest.")] = "",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """See what became of the gaps of an earlier day: did notes that filled them earn more reads than others?

    \b
    The gaps are found with nothing but the data up to that day. Notes that filled them in the weeks after are compared
    with notes of matched keywords without a gap, each relative to its author's usual reads.

    \b
    Examples:
      gapfinder backtest
      gapfinder backtest --at 2026-06-01 --weeks 8
      gapfinder backtest --set backtest_disclosed=0 --run organic
      gapfinder backtest --json | jq '.[0].effect'
    """
    from gapfinder.cli.analyzing import values_of
    from gapfinder.cli.backtesting import run_backtest

    values = values_of(settings or [])
    if weeks is not None:
        values["backtest_weeks"] = weeks
    chosen = Settings.of(first=None, end=None, keywords=None, category=None, embedder=None, **values)
    run_backtest(store, chosen, at=day_of(at, "--at"), name=name, as_json=as_json)


def _doctor(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Say what is wrong with the set-up or the store, and how to mend it.

    \b
    Example:
      gapfinder doctor --store http://localhost:9200
    """
    from gapfinder.cli.doctoring import examine

    examine(store, as_json=as_json)


def _reindex(
    dictionary: Annotated[
        list[Path] | None, typer.Option(help="Words for the segmenter, one a line. Repeatable.")
    ] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another writer.")] = 0,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Segment all text again: after an update of the program, new products, or with another dictionary.

    \b
    Examples:
      gapfinder reindex
      gapfinder reindex --dictionary brands.txt
    """
    from gapfinder.cli.importing import run_reindex

    run_reindex(store, dictionaries=tuple(dictionary or ()), wait=wait, as_json=as_json)


def _calibrate(
    first: Annotated[str | None, typer.Option("--from", help="First day, for example 2026-06-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Day after the last.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Any setting: name=value. Repeatable; see analyze --settings.")
    ] = None,
    embedder: Annotated[
        str | None,
        typer.Option(
            "--embedder", envvar="GAPFINDER_EMBEDDER", help="As of analyze; teaches a model with meaning, too."
        ),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option(help="A CSV file with keyword,answered (1 or 0): what people say of some keywords.")
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Delete the kept models (and labels) and stop.")] = False,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Learn anew how well notes answer, from the newest snapshot's own notes and searches, without labels.

    \b
    The first analysis of a store does so by itself; do it again when much has changed. The model is kept and used by
    later analyses; what it got right on queries that were held out is shown.

    \b
    Examples:
      gapfinder calibrate
      gapfinder calibrate --from 2026-06-01 --to 2026-08-24
      gapfinder calibrate --labels answered.csv
      gapfinder calibrate --forget
    """
    from gapfinder.cli.analyzing import values_of
    from gapfinder.cli.calibrating import run_calibration, run_forgetting

    if forget:
        run_forgetting(store, as_json=as_json)
        return
    chosen = Settings.of(
        first=day_of(first, "--from"),
        end=day_of(end, "--to"),
        keywords=None,
        category=None,
        embedder=embedder or None,
        **values_of(settings or []),
    )
    run_calibration(store, chosen, labels, as_json=as_json)


def _demo(
    store: StoreOption = DEFAULT_STORE,
    top: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Gaps to show.")] = 12,
    as_json: JsonOption = False,
) -> None:
    """Load the sample market, analyze it and show what is searched but not answered.

    \b
    Examples:
      gapfinder demo
      gapfinder demo --store demo-data
    """
    from gapfinder.cli.demonstrating import demonstrate

    demonstrate(store, top=top, as_json=as_json)


COMMANDS: Final[dict[str, Callable[..., Any]]] = {
    "import": _import,
    "analyze": _analyze,
    "daily": daily,
    "gaps": _gaps,
    "explain": _explain,
    **MARKET_COMMANDS,
    "runs": _runs,
    "report": _report,
    "calibrate": _calibrate,
    "backtest": _backtest,
    "doctor": _doctor,
    "reindex": _reindex,
    "demo": _demo,
}
