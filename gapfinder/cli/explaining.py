"""``gapfinder explain``: one keyword with everything behind it."""

from __future__ import annotations

from typing import Any, Final

from gapfinder.backtest.stored import newest_result
from gapfinder.cli.outlook_lines import outlook_lines
from gapfinder.cli.show import console, plain, print_json
from gapfinder.reasons import advice_of
from gapfinder.reporting import words
from gapfinder.results import GAP_KIND_LABELS, Gap, Part
from gapfinder.runs import find_gap, find_run, read_gaps
from gapfinder.trust import NO_BACKTEST, backtest_sentence, calibration_sentence
from indexer.stores import open_store

_BAR: Final = 28


def explained(gap: Gap) -> dict[str, Any]:
    """The gap's object with its decomposition as a list."""
    parts = [
        Part(part=name, label=label, per_week=value) for name, label, value in words.named_parts(gap["score_parts"])
    ]
    return {**gap, "decomposition": parts}


def explain(url: str, run: str, keyword: str, *, as_json: bool) -> None:
    """Show one keyword of a run."""
    with open_store(url) as store:
        info = find_run(store, run)
        gap, tested = find_gap(read_gaps(store, info), keyword), newest_result(store)
    if as_json:
        print_json([explained(gap)])
        return
    _show(gap)
    screen = console()
    screen.print()
    for sentence in (calibration_sentence(info.manifest), backtest_sentence(tested) if tested else NO_BACKTEST):
        screen.print(sentence, style="dim", soft_wrap=True, markup=False)


def _show(gap: Gap) -> None:
    from rich.table import Table
    from rich.text import Text

    screen = console()
    kind = GAP_KIND_LABELS[gap["gap_kind"]]
    screen.print(
        Text.assemble((plain(gap["keyword"]), "bold"), "  ", (kind, "bold red" if kind != "已满足" else "green"))
    )
    screen.print(plain(gap["reason"]), markup=False)
    screen.print(f"建议：{advice_of(gap)}", markup=False)
    searchers = "未知" if gap["searchers"] is None else f"{gap['searchers']:,}"
    screen.print(
        f"搜索 {gap['searches']:,} 次，{searchers} 人；计入需求 {gap['demand']:,.0f} 次；"
        f"满足 {gap['satisfied']:,}、未满足 {gap['unsatisfied']:,}、不明 {gap['unknown']:,}",
        markup=False,
    )
    for line in (*_supply_lines(gap), *outlook_lines(gap)):
        screen.print(line, markup=False)
    _show_parts(gap)
    if gap["price"]:
        price = gap["price"]
        cpc = "–" if price["cpc"] is None else f"¥{price['cpc']:.2f}"
        bids = (
            "–"
            if price["bid_low"] is None and price["bid_high"] is None
            else f"¥{price['bid_low']}–{price['bid_high']}"
        )
        screen.print(f"\n搜索广告：每次点击 {cpc}（{price['clicks']:,} 次点击），出价 {bids}", markup=False)
    queries = Table(
        "搜索词", "次数", "满足", "未满足", "不明", box=None, pad_edge=False, header_style="bold", title_justify="left"
    )
    for query in gap["evidence_queries"]:
        figures = (query["searches"], query["satisfied"], query["unsatisfied"], query["unknown"])
        queries.add_row(Text(plain(query["query"])), *(f"{figure:,}" for figure in figures))
    screen.print()
    screen.print(queries)
    notes = Table("笔记", "发布", "回答概率", "计入供给", "说明", box=None, pad_edge=False, header_style="bold")
    for note in gap["evidence_notes"]:
        found = "" if note["found_by"] == "words" else f"说法不同：{note['found_by']}；"
        notes.add_row(
            Text(plain(note["title"])[:36]),
            note["published_at"] or "–",
            f"{note['answers']:.0%}",
            f"{note['supply']:.2f}",
            Text(found + "；".join(note["reasons"])),
        )
    screen.print()
    screen.print(notes if gap["evidence_notes"] else "没有任何笔记接近这个需求。")
    if gap["flags"]:
        screen.print("\n标记：" + "；".join(map(words.flag_label, gap["flags"])), style="dim", markup=False)


def _supply_lines(gap: Gap) -> list[str]:
    """The probability, the kinds and the supply behind it, and imported figures beside it."""
    ratio = "没有笔记匹配" if gap["demand_supply_ratio"] is None else f"{gap['demand_supply_ratio']:,.1f}"
    authors = gap["authors_effective"]
    by = "" if authors is None else f"，相当于 {authors:,.1f} 位作者平分"
    least = "至少 " if "supply_at_least" in gap["flags"] else ""
    kinds = words.kinds_words(gap)
    notes = f"匹配笔记 {words.matching_words(gap)} 篇（完整短语 {gap['notes_phrase']:,} 篇），需求供给比 {ratio}"
    lines = [
        f"未满足概率 {gap['unmet_probability']:.0%}" + (f"；{kinds}" if kinds else ""),
        f"{notes}；有效供给 {least}{gap['supply']:,.1f} 篇{by}",
    ]
    if gap["volumes"]:
        lines.append(plain("外部搜索量：" + "；".join(map(words.volume_words, gap["volumes"]))))
    return lines


def _show_parts(gap: Gap) -> None:
    """The decomposition as bars; its last line is the sum."""
    from rich.table import Table

    largest = max((abs(value) for value in gap["score_parts"].values()), default=0.0) or 1.0
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for _, label, value in words.named_parts(gap["score_parts"]):
        bar = "█" * round(_BAR * abs(value) / largest)
        table.add_row(label, f"{value:+,.1f}", f"[red]{bar}[/red]" if value >= 0 else f"[green]{bar}[/green]")
    table.add_row(
        "[bold]每周未满足的搜索[/bold]",
        f"[bold]{gap['unmet_per_week']:,.1f}[/bold]",
        f"90% 区间 {gap['unmet_low']:,.1f}–{gap['unmet_high']:,.1f}",
    )
    if gap["excess"] is not None and gap["excess_low"] is not None:
        rank = words.rank_words(gap)
        table.add_row(
            "比平均水平多出",
            f"{round(gap['excess'], 1) + 0.0:+,.1f}",  # never -0.0
            f"下限 {round(gap['excess_low'], 1) + 0.0:+,.1f}" + (f"；真实排名（90%）：{rank}" if rank else ""),
        )
    screen = console()
    screen.print()
    screen.print(table)
