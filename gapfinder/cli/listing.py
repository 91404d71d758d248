"""``gapfinder gaps`` and ``gapfinder report``: a run as a table, as JSON, or as a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from gapfinder.backtest.results import Backtest
from gapfinder.backtest.stored import newest_result
from gapfinder.cli.show import console, plain, print_json_list
from gapfinder.orders import DEFAULT_ORDER, ORDERS
from gapfinder.reporting.trust import backtest_sentence
from gapfinder.results import GAP_KINDS, Gap
from gapfinder.runs import Run, find_run, load_run, read_gaps
from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.contract import RunInfo

_SHOWN: Final = 30


def chosen_gaps(gaps: Iterable[Gap], kinds: Sequence[str], match: str | None, order_by: str) -> Iterator[Gap]:
    """The gaps a user asked for; ties keep the default order."""
    for kind in kinds:
        if kind not in GAP_KINDS:
            raise UsageError(f"there is no kind {kind!r}", hint="kinds: " + ", ".join(GAP_KINDS))
    if match not in (None, "exact", "contains"):
        raise UsageError(f"--match {match!r} is neither exact nor contains")
    if order_by not in ORDERS:
        raise UsageError(f"there is no order {order_by!r}", hint="orders: " + ", ".join(ORDERS))
    found = (gap for gap in gaps if (not kinds or gap["gap_kind"] in kinds) and match in (None, gap["match"]))
    if order_by == DEFAULT_ORDER:
        return found
    return iter(sorted(found, key=ORDERS[order_by], reverse=True))


def list_gaps(
    url: str,
    run: str,
    *,
    kinds: Sequence[str],
    match: str | None,
    order_by: str,
    top: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Show the gaps of a run, or write them to a file."""
    with open_store(url) as store:
        info = find_run(store, run)
        gaps = chosen_gaps(read_gaps(store, info), kinds, match, order_by)
        if out is not None:
            from gapfinder.reporting.export import export_gaps

            kept = list(islice(gaps, top))
            export_gaps(Run(info, kept), out)
            console(errors=True).print(
                f"已写入 {len(kept):,} 个关键词：{plain(str(out))}", soft_wrap=True, markup=False
            )
            gaps = iter(kept)
        if as_json:
            print_json_list(islice(gaps, top))
        elif out is None:
            # Without a wish for a kind the table is about gaps: what is met stays in the JSON and the files.
            shown = gaps if kinds else (gap for gap in gaps if gap["gap_kind"] != "met")
            first = list(islice(shown, top or _SHOWN))
            show_gaps(info, first, len(first) + sum(1 for _ in shown), newest_result(store))


def show_gaps(info: RunInfo, gaps: Sequence[Gap], found: int, tested: Backtest | None = None) -> None:
    """The table of a terminal, with what the newest backtest of the store found."""
    from rich.text import Text

    from gapfinder.cli.gap_table import gap_table
    from gapfinder.reporting.trust import calibration_words, stability_words

    screen = console()
    if gaps:
        screen.print(gap_table(gaps, screen.width))
    else:
        screen.print("没有这样的关键词。" if found else "没有发现缺口。")
    manifest: dict[str, Any] = dict(info.manifest)
    if gaps:
        top = gaps[0]
        screen.print()
        screen.print(
            Text.assemble(("首位 ", "dim"), (plain(top["keyword"]), "bold"), "：", plain(top["reason"])), soft_wrap=True
        )
    for line in (calibration_words(manifest), stability_words(manifest)):
        if line:
            screen.print(line, style="dim", soft_wrap=True)
    more = f"，显示前 {len(gaps)} 个" if found > len(gaps) else ""
    screen.print(
        f"共 {found:,} 个关键词{more}；{manifest['window']['from']} 至 {manifest['window']['to']}（不含），"
        f"{manifest['snapshot']}，{info.run}。gapfinder explain 关键词 看依据。",
        style="dim",
        soft_wrap=True,
    )
    if tested:
        screen.print(backtest_sentence(tested), style="dim", soft_wrap=True, markup=False)


def write_report(url: str, run: str, out: Path) -> None:
    """Write a run as a page or a workbook."""
    from gapfinder.reporting.beside import beside_of
    from gapfinder.reporting.export import export_report
    from gapfinder.reporting.market_part import market_of

    with open_store(url) as store:
        export_report(load_run(store, run), out, partial(beside_of, store), partial(market_of, store))
    console(errors=True).print(f"已写入 {plain(str(out))}", soft_wrap=True, markup=False)
