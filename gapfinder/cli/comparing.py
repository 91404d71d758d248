"""``gapfinder gaps --since``: what opened, closed and moved between two runs, as a table, as JSON, or as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gapfinder.changes import CHANGE_LABELS, Change
from gapfinder.cli.show import console, plain, print_json_list
from gapfinder.comparability import days_of
from gapfinder.comparing import Comparison, compare
from gapfinder.runs import find_earlier, find_run, read_gaps
from indexer.errors import UsageError
from indexer.stores import open_store
from indexer.stores.contract import RunInfo

_SHOWN: Final = 30
_CHANGED: Final = ("opened", "closed", "grew", "shrank")  # what the table shows without a wish


def list_changes(
    url: str, run: str, since: str, *, kinds: Sequence[str], top: int | None, out: Path | None, as_json: bool
) -> None:
    """Show how the gaps of a run differ from those of an earlier one, or write it to a file."""
    for kind in kinds:
        if kind not in CHANGE_LABELS:
            raise UsageError(f"there is no change {kind!r}", hint="changes: " + ", ".join(CHANGE_LABELS))
    with open_store(url) as store:
        after = find_run(store, run)
        before = find_earlier(store, since, after)
        compared = compare(before, read_gaps(store, before), after, read_gaps(store, after))
    for caveat in compared.caveats:
        console(errors=True).print(f"注意：{plain(caveat.message)}。", style="yellow", soft_wrap=True, markup=False)
    chosen = [change for change in compared.changes if not kinds or change["change"] in kinds]
    if out is not None:
        from gapfinder.reporting.changes import export_changes

        export_changes(compared, chosen[:top], out)
        console(errors=True).print(
            f"已写入 {len(chosen[:top]):,} 个关键词：{plain(str(out))}", soft_wrap=True, markup=False
        )
    if as_json:
        print_json_list(chosen[:top])
    elif out is None:
        shown = chosen if kinds else [change for change in chosen if change["change"] in _CHANGED]
        show_changes(compared, shown, top or _SHOWN, chosen=bool(kinds))


def show_changes(compared: Comparison, found: Sequence[Change], most: int, *, chosen: bool) -> None:
    """The table of a terminal, below the one line that counts; ``chosen`` by a wish for some changes only."""
    from gapfinder.cli.change_table import change_table

    screen = console()
    screen.print(summary(compared), soft_wrap=True, markup=False)
    screen.print()
    shown = found[:most]
    if not shown:
        screen.print("没有符合的关键词。" if chosen else "没有超出误差的变化。")
        return
    screen.print(change_table(shown, screen.width))
    screen.print()
    screen.print(f"首位 {plain(shown[0]['keyword'])}：{plain(shown[0]['sentence'])}", soft_wrap=True, markup=False)
    more = f"，显示前 {len(shown)} 个" if len(found) > len(shown) else ""
    screen.print(
        f"共 {len(found):,} 个关键词{more}；新出现、已补上、扩大、缩小均超出误差（误报不超过 5%）；"
        "--change steady 看其余；"
        "gapfinder explain 关键词 --history 看历次分析。",
        style="dim",
        soft_wrap=True,
        markup=False,
    )


def summary(compared: Comparison) -> str:
    """The counts of all changes in one line, in words."""
    counts = compared.counts
    moved = "、".join(f"{CHANGE_LABELS[change]} {counts[change]:,} 个" for change in _CHANGED)
    rest = f"{CHANGE_LABELS['steady']} {counts['steady']:,} 个"
    sides = [f"{CHANGE_LABELS[change]} {counts[change]:,} 个" for change in ("new", "gone") if counts[change]]
    return (
        f"{_named(compared.after)}与 {_named(compared.before)}相比：{moved}，{rest}"
        + (f"；{'、'.join(sides)}" if sides else "")
        + "。"
    )


def _named(info: RunInfo) -> str:
    days = days_of(info)
    window = f"（{days[0]} 至 {days[1]}）" if days else ""
    return f"{plain(info.name)}{window}"
