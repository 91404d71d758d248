"""``gapfinder market``: categories, brands and products on a terminal, and brands that the catalogue lacks."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.text import Text

from gapfinder.cli.columns import Column, fitted_table
from gapfinder.cli.show import console, plain, print_json
from gapfinder.market.branches import branch, brands_of, widest
from gapfinder.market.results import MarketRow, NameSuggestion, SellingPoint, Share, Standing
from gapfinder.market.stored import find_market, read_market, read_points, read_suggestions, weeks_of
from gapfinder.reporting.flat import without_formula
from gapfinder.reporting.words import STANDING_LABELS, TREND_MARKS
from gapfinder.results import GAP_KIND_LABELS
from gapfinder.runs import find_run
from gapfinder.understanding.catalogue import BRAND, CATEGORY, LEVELS
from indexer.errors import NotFoundError, UsageError
from indexer.stores import open_store
from indexer.stores.contract import RunInfo, Store

_LABELS: Final = {"category": "品类", "brand": "品牌", "product": "产品"}
_SHOWN: Final = 15


def show_market(url: str, run: str, name: str | None, level: str | None, *, as_json: bool) -> None:
    """The market as a whole, or what a name stands for."""
    if level is not None and level not in LEVELS:
        raise UsageError(f"there is no level {level!r}", hint="levels: " + ", ".join(LEVELS))
    with open_store(url) as store:
        info = find_run(store, run)
        rows = read_market(store, info, level) if name is None else find_market(store, info, name)
        beside = read_market(store, info) if name is not None else rows
        rows = [row for row in rows if level in (None, row["level"])]
        inner = next((row for row in rows if row["children"]), None) if name is not None else None
        points = _asked_for(store, info, inner) if inner is not None else []
    if name is not None and not rows:
        raise NotFoundError(f"the run's market has no {level} {name!r}", hint="leave --level out to see what it is")
    weeks = weeks_of(info)
    if as_json:
        print_json([*rows, *_branch(inner, beside, weeks, level)])
        return
    if name is None:
        _print_levels(rows)
        return
    for row in rows:
        _print_one(row, beside, weeks, points)


def _asked_for(store: Store, info: RunInfo, category: MarketRow) -> list[SellingPoint]:
    """The selling points of a branch that somebody asks for; none where there is too little data."""
    return (
        [] if category["too_little"] else [row for row in read_points(store, info, category["name"]) if row["searches"]]
    )


def _branch(
    category: MarketRow | None, rows: Sequence[MarketRow], weeks: float, level: str | None
) -> Iterator[MarketRow]:
    """What JSON says of a category with others below it: these, and the brands of the whole branch."""
    if category is not None:
        yield from branch(rows, category["name"])[1:]
        if level is None:
            yield from brands_of(rows, category, weeks)


def _print_levels(rows: Sequence[MarketRow]) -> None:
    screen = console()
    for level in LEVELS:
        own = [row for row in rows if row["level"] == level]
        if own:
            shown = widest(own, _SHOWN) if level == CATEGORY else own[:_SHOWN]
            screen.print(fitted_table(_columns(level, _top(shown)), shown, screen.width))
            if len(own) > _SHOWN:
                screen.print(f"共 {len(own):,} 个{_LABELS[level]}，--json 看全部。", style="dim")
            screen.print()
    if not rows:
        screen.print("没有品类：导入带品类的商品目录（gapfinder import products.csv），或积累更多搜索。")


def _print_one(row: MarketRow, beside: Sequence[MarketRow], weeks: float, points: Sequence[SellingPoint]) -> None:
    screen = console()
    below = branch(beside, row["name"]) if row["level"] == CATEGORY else []
    shown = widest(below, _SHOWN) if row["children"] else [row]
    if row["level"] == CATEGORY and row["depth"]:
        screen.print(Text.assemble("品类路径：", plain(" > ".join(row["path"]))), soft_wrap=True)
    screen.print(fitted_table(_columns(row["level"], _top(shown)), shown, screen.width))
    if row["level"] == CATEGORY:
        if len(below) > len(shown):
            screen.print(f"共 {len(below):,} 个品类，--json 看全部。", style="dim")
        brands = brands_of(beside, row, weeks)
        if brands:
            screen.print()
            screen.print(fitted_table(_columns("brand"), brands[:_SHOWN], screen.width))
        if row["children"] and points:
            screen.print()
            screen.print(fitted_table(_POINT_COLUMNS, points[:_SHOWN], screen.width))
        for line in _category_lines(row, [point for one in below for point in one["rising_points"]]):
            screen.print(line, soft_wrap=True, markup=False)
    if row["points"]:
        screen.print()
        screen.print(fitted_table(_STANDING_COLUMNS, row["points"][:_SHOWN], screen.width))
        open_ones = [one["selling_point"] for one in row["points"] if one["standing"] == "untapped"][:5]
        if open_ones:
            screen.print(f"还没有品牌在讲：{plain('、'.join(open_ones))}。", markup=False)
    screen.print()


def _category_lines(row: MarketRow, rising: Sequence[str]) -> list[str]:
    tail, lines = row["tail"], []
    if tail is not None and tail["brands"]:
        lines.append(
            f"{tail['brands']:,} 个品牌被提到，前三名占 {tail['top3']:.0%}，集中度 HHI {tail['hhi']:.2f}；"
            f"最后 10% 的声量由 {tail['last_tenth']:,} 个品牌分；估计还有 {tail['unseen']:.1%} 的提及属于没见过的品牌。"
        )
    if rising:
        lines.append("正在上升的卖点：" + plain("、".join(dict.fromkeys(rising))) + "。")
    if row["audiences"]:
        lines.append("搜得更多的人群：" + plain("、".join(one["audience"] for one in row["audiences"][:5])) + "。")
    if row["too_little"]:
        lines.append(f"数据太少，列不出卖点：还差 {row['too_little']:,} 次搜索。")
    return lines


def show_suggestions(url: str, run: str, out: Path | None, *, as_json: bool) -> None:
    """Brands and products that the catalogue lacks, as a table or as a file to check and import."""
    if out is not None and out.suffix.lower() != ".csv":
        raise UsageError(f"{out}: suggestions are written as CSV", hint="for example --out names.csv")
    with open_store(url) as store:
        rows = read_suggestions(store, find_run(store, run))
    if out is not None:
        _write(rows, out)
        then = "删去不对的行，给品牌补上品类，再 gapfinder import 进来。" if rows else "没有发现目录之外的品牌和产品。"
        console(errors=True).print(
            f"已写入 {len(rows):,} 个名称：{plain(str(out))}。{then}",
            soft_wrap=True,
            markup=False,
        )
    if as_json:
        print_json(rows)
    elif out is None:
        screen = console()
        if rows:
            screen.print(fitted_table(_SUGGESTION_COLUMNS, rows[:_SHOWN], screen.width))
            more = f"共 {len(rows):,} 个，--json 看全部。" if len(rows) > _SHOWN else ""
            screen.print(f"{more}“已采用”的在本次分析里当作品牌；--out names.csv 写成可导入的商品目录。", style="dim")
        else:
            screen.print("没有发现目录之外的品牌和产品。")


def _write(rows: Sequence[NameSuggestion], out: Path) -> None:
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            lines = csv.writer(file, lineterminator="\r\n")
            lines.writerow(["product_id", "name", "brand", "category", "aliases", "selling_points"])
            for row in rows:
                lines.writerow([without_formula(cell) for cell in _product_row(row)])
    except OSError as error:
        raise UsageError(f"{out}: can't be written: {error.strerror or error}") from error


def _product_row(row: NameSuggestion) -> list[str]:
    """A suggestion as a row of the catalogue: a brand without a category, or a product with all that is known of it."""
    name = row["name"]
    if row["kind"] == BRAND:
        return [f"brand:{name}", name, name, "", row["latin"], ""]
    category = row["category"] or ""
    return [
        f"product:{name}", name, row["brand"] or "", category, name.removesuffix(category), "|".join(row["functions"]),
    ]  # fmt: skip


def _state(row: NameSuggestion) -> str:
    if row["kind"] == BRAND:
        return "已采用" if row["sure"] else "待确认"
    return "很可能" if row["sure"] else "待确认"


def _top(rows: Sequence[MarketRow]) -> int:
    """How deep the widest of some categories stands: it is not indented."""
    return min((row["depth"] for row in rows), default=0)


def _columns(level: str, top: int = 0) -> tuple[Column[MarketRow], ...]:
    def name(row: MarketRow) -> Text:
        indent = "  " * (row["depth"] - top) if level == CATEGORY else ""
        return Text.assemble(indent, (plain(row["name"]), "bold"), (" 新", "bold red") if row["newcomer"] else "")

    category: Column[MarketRow] = Column("品类", lambda row: Text(plain(row["category"] or "–")), 9, "left")
    return (
        Column(_LABELS[level], name, justify="left"),
        *([] if level == CATEGORY else [category]),
        Column("搜索/周", lambda row: Text(f"{row['demand_per_week']:,.0f}")),
        Column("搜索份额", lambda row: _share(row["share_of_search"])),
        Column("90% 区间", lambda row: _interval(row["share_of_search"]), 5),
        Column("笔记", lambda row: Text(f"{row['notes']:,}"), 8),
        Column("声量份额", lambda row: _share(row["share_of_voice"])),
        Column("区间", lambda row: _interval(row["share_of_voice"]), 4),
        Column("近一年笔记", lambda row: Text(f"{row['recent_notes']:,}"), 2),
        Column("趋势", lambda row: Text(TREND_MARKS[row["trend"]["direction"]]), 6, "left"),
    )


def _share(share: Share) -> Text:
    return Text("–" if share["share"] is None else f"{share['share']:.1%}")


def _interval(share: Share) -> Text:
    low, high = share["low"], share["high"]
    return Text("–" if low is None or high is None else f"{low:.1%}–{high:.1%}")


def _commented(row: Standing) -> Text:
    praised, complained = row["comments_praised"], row["comments_complained"]
    return Text("–" if praised is None or complained is None else f"{praised:,}/{complained:,}")


_POINT_COLUMNS: Final[tuple[Column[SellingPoint], ...]] = (
    Column("卖点", lambda row: Text(plain(row["selling_point"]), style="bold"), justify="left"),
    Column("品类", lambda row: Text(plain(row["category"])), justify="left"),
    Column("供需", lambda row: Text("供不应求" if row["underserved"] else "", style="bold red"), 5, "left"),
    Column("搜索/周", lambda row: Text(f"{row['demand_per_week']:,.0f}")),
    Column("笔记", lambda row: Text(f"{row['notes']:,}"), 6),
    Column("未满足/周", lambda row: Text(f"{row['unmet_per_week']:,.0f}"), 7),
    Column("缺口", lambda row: Text(GAP_KIND_LABELS[row["gap_kind"]]), 5, "left"),
)
_STANDING_COLUMNS: Final[tuple[Column[Standing], ...]] = (
    Column("卖点", lambda row: Text(plain(row["selling_point"]), style="bold"), justify="left"),
    Column("位置", lambda row: Text(STANDING_LABELS[row["standing"]]), justify="left"),
    Column("自家笔记", lambda row: Text(f"{row['notes']:,}"), 6),
    Column("笔记赞/怨", lambda row: Text(f"{row['praised']:,}/{row['complained']:,}"), 3),
    Column("评论赞/怨", _commented, 7),
    Column("好评率", lambda row: _share(row["positive"]), 8),
    Column("90% 区间", lambda row: _interval(row["positive"]), 2),
    Column("对手", lambda row: Text(plain("、".join(row["rivals"][:3]) or "–")), 5, "left"),
    Column("未满足/周", lambda row: Text(f"{row['unmet_per_week']:,.0f}"), 7),
    Column("缺口", lambda row: Text(GAP_KIND_LABELS[row["gap_kind"]]), 5, "left"),
)
_SUGGESTION_COLUMNS: Final[tuple[Column[NameSuggestion], ...]] = (
    Column("名称", lambda row: Text(plain(row["name"]), style="bold"), justify="left"),
    Column("类别", lambda row: Text(_LABELS[row["kind"]]), justify="left"),
    Column("状态", lambda row: Text(_state(row)), justify="left"),
    Column("把握", lambda row: Text("–" if row["certainty"] is None else f"{row['certainty']:.0%}"), 6),
    Column("标题", lambda row: Text(f"{row['titles']:,}"), 5),
    Column("搜索词", lambda row: Text(f"{row['queries']:,}"), 5),
    Column("搜索", lambda row: Text(f"{row['searches']:,}"), 4),
    Column("例子", lambda row: Text(plain("；".join(row["examples"][:2]))), 3, "left"),
)
