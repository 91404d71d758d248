"""``gapfinder backtest``: what became of the gaps of an earlier day."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from gapfinder.cli.analyzing import steps
from gapfinder.cli.show import console, plain, print_json
from gapfinder.settings import Settings
from indexer.stores import open_store

if TYPE_CHECKING:
    from rich.console import Console

    from gapfinder.backtest.results import Effect, Persistence, Reliability
    from gapfinder.backtest.stored import Backtested

_SETS_SHOWN = 5
_COLOURS = {"more": "bold green", "fewer": "bold red", "not_shown": "bold", "too_thin": "yellow"}


def as_json_of(tested: Backtested) -> dict[str, Any]:
    """The answer of ``gapfinder backtest --json``."""
    return {"backtest": tested.info.run, "name": tested.info.name, **tested.result, "matched_sets": tested.sets}


def run_backtest(url: str, settings: Settings, *, at: date | None, name: str, as_json: bool) -> None:
    """Backtest the newest snapshot of a store and say what came out."""
    from gapfinder.backtest.backtest import backtest

    with open_store(url) as store, steps() as step:
        tested = backtest(store, settings, at=at, name=name, step=step)
    if as_json:
        print_json([as_json_of(tested)])
        return
    _show(tested)


def _show(tested: Backtested) -> None:
    from gapfinder.backtest.wording import FLAGS

    screen, result = console(), tested.result
    screen.print(f"[bold]{tested.info.run}[/bold]", soft_wrap=True)
    screen.print(
        f"用 {result['at']} 之前的数据找缺口，看其后 {result['weeks']} 周（到 {result['until']}，不含）的结果；"
        f"日志从 {result['log_from']} 到 {result['log_to']}（不含）",
        soft_wrap=True,
    )
    screen.print()
    screen.print(result["statement"], style=_COLOURS.get(result["verdict"], "yellow"), soft_wrap=True, markup=False)
    keywords, left_out = result["keywords"], result["left_out"]
    if keywords is not None:
        screen.print(
            f"当时有 {keywords['keywords']:,} 个关键词，其中缺口 {keywords['gaps']:,} 个；"
            f"之后有 {keywords['filled']:,} 个得到新的回答，{keywords['filled_compared']:,} 个能比较，"
            f"可作对照的非缺口词 {keywords['controls']:,} 个",
            soft_wrap=True,
        )
    if result["effect"] is not None:
        _show_effect(screen, result["effect"], tested)
    if result["persistence"] is not None:
        _show_persistence(screen, result["persistence"])
    if result["reliability"] is not None:
        _show_reliability(screen, result["reliability"])
    elif keywords is not None:
        screen.print("概率可信度：之后几周结果已知的搜索太少，不作判断。")
    if left_out is not None:
        screen.print(
            f"\n未参与：没有发布时间的笔记 {left_out['undated_notes']:,} 篇；"
            f"新回答里没有阅读量 {left_out['without_reads']:,} 篇、"
            f"作者没有平常水平可比 {left_out['without_level']:,} 篇、发布太近 {left_out['too_young']:,} 篇",
            style="dim",
            soft_wrap=True,
        )
    for flag in result["flags"]:
        screen.print(f"注意：{FLAGS.get(flag, flag)}", style="dim", soft_wrap=True)


def _show_effect(screen: Console, effect: Effect, tested: Backtested) -> None:
    from rich.table import Table
    from rich.text import Text

    from gapfinder.backtest.wording import COMPARED, VARIABLES

    screen.print(
        f"配对：{effect['sets']} 组缺口、{effect['controls']} 个对照词（配上 {effect['matched_share']:.0%}），"
        f"{effect['notes_gaps']} 篇对 {effect['notes_controls']} 篇，{effect['authors']} 位作者；"
        f"比较的是{COMPARED[effect['compared']]}；"
        f"p 值按词 {effect['p_keyword']:.3f}、按作者 {effect['p_author']:.3f}",
        soft_wrap=True,
    )
    balance = Table("均衡（标准化差）", box=None, pad_edge=False, header_style="bold")
    balance.add_column("配对前", justify="right")
    balance.add_column("配对后", justify="right")
    balance.add_column("")
    for one in effect["balance"]:
        after = "–" if one["after"] is None else f"{one['after']:+.2f}"
        mark = "" if one["balanced"] else "[yellow]未达 0.1[/yellow]"
        balance.add_row(VARIABLES[one["variable"]], f"{one['before']:+.2f}", after, mark)
    screen.print()
    screen.print(balance)
    if effect["dose"]:
        doses = Table("未满足概率", box=None, pad_edge=False, header_style="bold")
        doses.add_column("组数", justify="right")
        doses.add_column("倍数", justify="right")
        for dose in effect["dose"]:
            doses.add_row(f"{dose['unmet_from']:.0%}–{dose['unmet_to']:.0%}", str(dose["sets"]), f"{dose['ratio']:.2f}")
        screen.print()
        screen.print(doses)
    sets = Table("补上的缺口", "对照词", box=None, pad_edge=False, header_style="bold")
    sets.add_column("倍数", justify="right")
    shown = sorted(tested.sets, key=lambda one: (-one["unmet_probability"], one["keyword"]))[:_SETS_SHOWN]
    for pair in shown:
        names = (plain(pair["keyword"]), plain("、".join(pair["controls"])))
        sets.add_row(*map(Text, names), f"{pair['ratio']:.2f}")
    screen.print()
    screen.print(sets)


def _show_persistence(screen: Console, held: Persistence) -> None:
    if held["share"] is None:
        screen.print("\n缺口留存：之后几周的搜索太少，判断不了。")
        return
    base = "" if held["base_share"] is None else f"；当时已满足的词，后来成了缺口的占 {held['base_share']:.1%}"
    screen.print(
        f"\n缺口留存：排在前面的 {held['judged']} 个缺口，只看之后几周的搜索，仍是缺口的 {held['still_gaps']} 个，"
        f"占 {held['share']:.0%}（90% 区间 {held['low']:.0%}–{held['high']:.0%}）{base}",
        soft_wrap=True,
    )
    screen.print(
        f"补上的 {held['filled_judged']} 个里关闭了 {held['filled_closed']} 个；"
        f"没补的 {held['unfilled_judged']} 个里关闭了 {held['unfilled_closed']} 个",
        soft_wrap=True,
    )


def _show_reliability(screen: Console, told: Reliability) -> None:
    from rich.table import Table

    table = Table("当时的未满足概率", box=None, pad_edge=False, header_style="bold")
    for title in ("关键词", "之后的搜索", "应有的未满足", "实际的未满足"):
        table.add_column(title, justify="right")
    for one in told["bins"]:
        table.add_row(
            f"{one['unmet_from']:.0%}–{one['unmet_to']:.0%}",
            f"{one['keywords']:,}",
            f"{one['searches']:,}",
            f"{one['expected']:.0%}",
            f"{one['observed']:.0%}",
        )
    screen.print()
    screen.print(table)
    screen.print(
        f"概率可信度：按 {told['searches']:,} 次结果已知的搜索计，校准误差 {told['error']:.3f}", soft_wrap=True
    )
