"""``gapfinder explain``: one keyword with everything behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gapfinder.backtest.results import Backtest
from gapfinder.backtest.stored import newest_result
from gapfinder.cli.show import console, plain, print_json
from gapfinder.market.results import QueryParts
from gapfinder.market.stored import read_parts
from gapfinder.reasons import advice_of
from gapfinder.reporting.outlook import outlook_lines
from gapfinder.reporting.trust import NO_BACKTEST, backtest_sentence, calibration_words, rank_words
from gapfinder.reporting.words import (
    FLAG_LABELS,
    QUERY_INTENT_LABELS,
    UNIT_LABELS,
    kinds_words,
    named_parts,
    notes_beside_searchers,
)
from gapfinder.results import GAP_KIND_LABELS, Gap, Part
from gapfinder.runs import find_gap, find_run, read_gaps
from indexer.stores import open_store

_BAR: Final = 28
_MOST_NAMES: Final = 6
_TITLE: Final = 60  # characters of a note's title


def explained(gap: Gap) -> dict[str, Any]:
    """The gap's object with its decomposition as a list."""
    parts = [Part(part=name, label=label, per_week=value) for name, label, value in named_parts(gap["score_parts"])]
    return {**gap, "decomposition": parts}


def explain(url: str, run: str, keyword: str, *, as_json: bool) -> None:
    """Show one keyword of a run."""
    with open_store(url) as store:
        info = find_run(store, run)
        gap = find_gap(read_gaps(store, info), keyword)
        tested = None if as_json else newest_result(store)
        parts = read_parts(store, info, gap["keyword"])
    if as_json:
        print_json([{**explained(gap), "parts": parts}])
        return
    _show(gap, info.manifest, tested, parts)


def _show(gap: Gap, manifest: Mapping[str, Any], tested: Backtest | None, parts: QueryParts | None) -> None:
    from rich.text import Text

    screen = console()
    kind = Text(GAP_KIND_LABELS[gap["gap_kind"]], style="green" if gap["gap_kind"] == "met" else "bold red")
    screen.print(Text.assemble((plain(gap["keyword"]), "bold"), "  ", kind))
    interval = f"90% 区间 {gap['unmet_low']:,.0f}–{gap['unmet_high']:,.0f}"
    said = [
        f"每周 {gap['unmet_per_week']:,.0f} 次未满足（{interval}），{rank_words(gap['rank_low'], gap['rank_high'])}",
        plain(gap["reason"]),
        f"建议：{plain(advice_of(gap))}",
        f"类型：{kinds_words(gap)}",
        *([_parts_line(parts)] if parts else []),
        *_names(gap),
    ]
    for line in said:
        screen.print(line, markup=False, soft_wrap=True)
    probability = f"一次搜索得不到满意回答的概率 {gap['unmet_probability']:.0%}。"
    for line in (probability + calibration_words(manifest), backtest_sentence(tested) if tested else NO_BACKTEST):
        screen.print(line, style="dim", soft_wrap=True, markup=False)
    screen.print()
    searchers = "人数未知" if gap["searchers"] is None else f"{gap['searchers']:,} 人"
    screen.print(
        f"搜索 {gap['searches']:,} 次，{searchers}；计入需求 {gap['demand']:,.0f} 次；"
        f"满足 {gap['satisfied']:,}、未满足 {gap['unsatisfied']:,}、不明 {gap['unknown']:,}",
        markup=False,
    )
    for line in (_supply_line(gap), *outlook_lines(gap)):
        screen.print(line, markup=False)
    _show_parts(gap)
    _show_market(gap)
    _show_queries(gap)
    _show_notes(gap)
    flags = [FLAG_LABELS.get(flag, flag) for flag in gap["flags"]]
    if flags:
        screen.print(f"\n请留意：{'；'.join(flags)}", style="dim", markup=False)


def _parts_line(parts: QueryParts) -> str:
    """What the searcher wants to get, and what each word of the keyword says."""
    named = (
        ("品类", [parts["category"]] if parts["category"] else []),
        ("品牌", [parts["brand"]] if parts["brand"] else []),
        ("说的是", [parts["thing"]] if parts["thing"] and not parts["category"] else []),
        ("想要", parts["needs"]),
        ("人群", parts["crowd"]),
        ("场景", parts["scene"]),
        ("价格", parts["price"]),
    )
    told = "，".join(f"{label} {plain('、'.join(words))}" for label, words in named if words)
    return f"意图：{QUERY_INTENT_LABELS[parts['intent']]}" + (f"；{told}" if told else "")


def _supply_line(gap: Gap) -> str:
    """The plain counts, the supply, and by how many authors."""
    ratio = "没有笔记匹配" if gap["demand_supply_ratio"] is None else f"{gap['demand_supply_ratio']:,.1f}"
    authors = gap["authors_effective"]
    by = "" if authors is None else f"，相当于 {authors:,.1f} 位作者平分"
    least = "至少 " if "supply_at_least" in gap["flags"] else ""
    notes = f"匹配笔记 {gap['notes_matching']:,} 篇（完整短语 {gap['notes_phrase']:,} 篇），需求供给比 {ratio}"
    return f"{notes}；有效供给 {least}{gap['supply']:,.1f} 篇{by}"


def _names(gap: Gap) -> list[str]:
    """Other spellings and other words for the keyword."""
    variants = [variant["query"] for variant in gap["variants"] if variant["query"] != gap["keyword"]]
    more = f" 等 {len(variants):,} 种" if len(variants) > _MOST_NAMES else ""
    lines = [("也写作", "、".join(variants[:_MOST_NAMES]) + more), ("也叫", "、".join(gap["synonyms"][:_MOST_NAMES]))]
    return [f"{title}：{plain(text)}" for title, text in lines if text]


def _show_market(gap: Gap) -> None:
    """What search ads cost, and imported volumes in their own unit."""
    screen = console()
    if gap["price"]:
        price = gap["price"]
        cpc = "–" if price["cpc"] is None else f"¥{price['cpc']:.2f}"
        ends = [f"¥{bid:.2f}" for bid in (price["bid_low"], price["bid_high"]) if bid is not None]
        bids = "–".join(dict.fromkeys(ends)) or "未知"
        screen.print(f"\n搜索广告：每次点击 {cpc}（{price['clicks']:,} 次点击），出价 {bids}", markup=False)
    if gap["volumes"]:
        told = (
            f"{plain(volume['source'] or '未注明来源')} {volume['volume']:,.0f} "
            f"{UNIT_LABELS.get(volume['unit'], volume['unit'])}"
            for volume in gap["volumes"][:_MOST_NAMES]
        )
        screen.print(f"外部搜索量（不与次数相加）：{'；'.join(told)}", markup=False, soft_wrap=True)


def _show_queries(gap: Gap) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("搜索词", overflow="fold")
    for title in ("次数", "满足", "未满足", "不明"):
        table.add_column(title, justify="right", no_wrap=True)
    for query in gap["evidence_queries"]:
        figures = (query["searches"], query["satisfied"], query["unsatisfied"], query["unknown"])
        table.add_row(Text(plain(query["query"])), *(f"{figure:,}" for figure in figures))
    screen = console()
    screen.print()
    screen.print(table if gap["evidence_queries"] else "没有搜索记录。")


def _show_notes(gap: Gap) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("笔记", overflow="fold", ratio=3)
    table.add_column("发布", no_wrap=True, min_width=10)
    table.add_column("能回答", justify="right", no_wrap=True)
    table.add_column("计入供给", justify="right", no_wrap=True)
    table.add_column("说明", overflow="fold", ratio=4)
    for note in gap["evidence_notes"]:
        found = [] if note["found_by"] == "words" else [f"按“{note['found_by']}”找到"]
        table.add_row(
            Text(plain(note["title"])[:_TITLE]),
            note["published_at"] or "–",
            f"{note['answers']:.0%}",
            f"{note['supply']:.2f}",
            Text(plain("；".join([*found, *note["reasons"]]))),
        )
    screen = console()
    screen.print()
    screen.print(table if gap["evidence_notes"] else "没有任何笔记接近这个需求。")
    if beside := notes_beside_searchers(gap):
        screen.print(beside, style="dim", markup=False)


def _show_parts(gap: Gap) -> None:
    """The decomposition as bars; its last line is the sum."""
    from rich.table import Table

    largest = max((abs(value) for value in gap["score_parts"].values()), default=0.0) or 1.0
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 1))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column()
    for _, label, exact in named_parts(gap["score_parts"]):
        value = round(exact, 1) + 0.0  # no minus before a zero
        bar = "█" * round(_BAR * abs(value) / largest)
        table.add_row(label, f"{value:+,.1f}", f"[red]{bar}[/red]" if value >= 0 else f"[green]{bar}[/green]")
    table.add_row(
        "[bold]每周未满足的搜索[/bold]",
        f"[bold]{gap['unmet_per_week']:,.1f}[/bold]",
        f"90% 区间 {gap['unmet_low']:,.1f}–{gap['unmet_high']:,.1f}",
    )
    if gap["excess"] is not None and gap["excess_low"] is not None:
        table.add_row("比平均水平多出", f"{gap['excess']:+,.1f}", f"下限 {gap['excess_low']:+,.1f}")
    screen = console()
    screen.print()
    screen.print(table)
