"""``gapfinder selling-points`` and ``gapfinder audience``: what is wanted of a category, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.text import Text

from gapfinder.cli.columns import Column, fitted_table
from gapfinder.cli.show import console, plain, print_json
from gapfinder.market.results import Audience, KeywordAudience, ProductGap, SellingPoint
from gapfinder.market.stored import read_audience, read_points, read_product_gaps
from gapfinder.reporting.words import TREND_MARKS
from gapfinder.results import GAP_KIND_LABELS
from gapfinder.runs import find_run
from indexer.errors import NotFoundError
from indexer.normalize import normalize
from indexer.stores import open_store

_SHOWN: Final = 20
_BOUNDLESS: Final = 100.0


def show_points(url: str, run: str, category: str, *, top: int | None, searched: bool, as_json: bool) -> None:
    """The selling points of a category."""
    with open_store(url) as store:
        info = find_run(store, run)
        rows = read_points(store, info, category)
    rows = [row for row in rows if row["searches"] or not searched]
    if as_json:
        print_json(rows[:top])
        return
    shown = rows[: top or _SHOWN]
    screen = console()
    if not shown:
        screen.print("没有找到卖点。")
        return
    several = len({row["category"] for row in rows}) > 1
    columns = (_POINT_COLUMNS[0], _CATEGORY_COLUMN, *_POINT_COLUMNS[1:]) if several else _POINT_COLUMNS
    screen.print(fitted_table(columns, shown, screen.width))
    screen.print()
    first = shown[0]
    screen.print(
        Text.assemble(("首位 ", "dim"), (plain(first["selling_point"]), "bold"), "：", plain(first["reason"])),
        soft_wrap=True,
    )
    among = "同一品类" if several else ""
    more = f"，显示前 {len(shown)} 个" if len(rows) > len(shown) else ""
    screen.print(
        f"共 {len(rows):,} 个卖点{more}；{info.run}。占比只在{among}有人搜的卖点之间算；供需比=需求占比÷供给占比，"
        "整个区间都在 1.1 以上才算供不应求。",
        style="dim",
        soft_wrap=True,
        markup=False,
    )


def show_product(url: str, run: str, category: str, product: str, *, top: int | None, as_json: bool) -> None:
    """What a product leaves unanswered, by selling point and keyword."""
    with open_store(url) as store:
        info = find_run(store, run)
        read_points(store, info, category)  # says which categories there are, and which have too little data
        rows = read_product_gaps(store, info, category, product)
    if as_json:
        print_json(rows[:top])
        return
    shown = rows[: top or _SHOWN]
    several = len({row["product_id"] for row in rows}) > 1
    columns = (_PRODUCT, *_PRODUCT_COLUMNS) if several else _PRODUCT_COLUMNS
    screen = console()
    screen.print(fitted_table(columns, shown, screen.width))
    more = f"，显示前 {len(shown)} 个" if len(rows) > len(shown) else ""
    name = plain(rows[0]["brand"] or product) if several else plain(rows[0]["product"])
    screen.print(
        f"{name}：共 {len(rows):,} 组卖点×关键词{more}；{info.run}。"
        "未满足只看讲这个产品的笔记；全市场未满足是所有笔记加在一起仍没有回答的。",
        style="dim",
        soft_wrap=True,
        markup=False,
    )


def show_audience(url: str, run: str, keyword: str, *, as_json: bool) -> None:
    """The audiences of a keyword, or of a selling point of that name."""
    with open_store(url) as store:
        info = find_run(store, run)
        try:
            found = read_audience(store, info, keyword)
        except NotFoundError:
            points = [row for row in read_points(store, info) if _names(row, normalize(keyword))]
            if not points:
                raise
            found = _of_point(points)
    if as_json:
        print_json(found["audiences"])
        return
    _print_audience(found)


def _names(row: SellingPoint, wanted: str) -> bool:
    return wanted in {normalize(row["selling_point"]), *row["variants"]}


def _of_point(points: Sequence[SellingPoint]) -> KeywordAudience:
    """The most searched point of that name as if it were a keyword."""
    row = max(points, key=lambda one: one["searches"])
    return KeywordAudience(
        keyword=row["selling_point"],
        category=row["category"],
        searchers=row["searchers"] or 0,
        people=row["people"],
        grouped=0,
        audiences=row["audiences"],
        flags=[],
    )


def _print_audience(found: KeywordAudience) -> None:
    screen = console()
    searchers = f"{found['searchers']:,} 人搜过" if found["searchers"] else "搜索人数未知"
    grouped = f"，其中 {found['grouped']:,} 人的人群已知" if found["grouped"] else ""
    screen.print(Text.assemble((plain(found["keyword"]), "bold"), f"  {searchers}{grouped}"))
    if not found["audiences"]:
        screen.print("没有哪个人群明显更爱搜它，或人群数据太少（至少要 20 人、期望 5 人）。")
        return
    screen.print(fitted_table(_AUDIENCE_COLUMNS, found["audiences"], screen.width))
    first = found["audiences"][0]
    others = "、".join(plain(query) for query in first["evidence_queries"])
    screen.print()
    screen.print(
        f"先跟“{plain(first['audience'])}”说：占搜索者的 {first['share']:.0%}，是其他搜索者的 {first['lift']:.1f} 倍"
        + (f"；这群人还常搜：{others}。" if others else "。"),
        soft_wrap=True,
        markup=False,
    )


def _interval(low: float | None, high: float | None, digits: int = 1) -> Text:
    return Text("–" if low is None or high is None else f"{low:,.{digits}f}–{high:,.{digits}f}")


def _times(low: float | None, high: float | None) -> Text:
    """An interval of a ratio; where hardly anything is written its upper end says nothing."""
    if low is not None and high is not None and high > _BOUNDLESS:
        return Text(f"{low:,.1f} 以上")
    return _interval(low, high)


def _share(value: float | None) -> Text:
    return Text("–" if value is None else f"{value:.1%}")


def _kind(row: SellingPoint) -> Text:
    if not row["searches"]:
        return Text("没人搜", style="dim")
    return _label(row["gap_kind"])


def _label(kind: str) -> Text:
    return Text(GAP_KIND_LABELS[kind], style="green" if kind == "met" else "red")


def _point(row: SellingPoint) -> Text:
    mark = Text(" 供不应求", style="bold red") if row["underserved"] else Text("")
    return Text.assemble((plain(row["selling_point"]), "bold"), mark)


def _first_audience(row: SellingPoint) -> Text:
    return Text(plain(row["audiences"][0]["audience"]) if row["audiences"] else "–")


_CATEGORY_COLUMN: Final[Column[SellingPoint]] = Column("品类", lambda row: Text(plain(row["category"])), justify="left")
_POINT_COLUMNS: Final[tuple[Column[SellingPoint], ...]] = (
    Column("卖点", _point, justify="left"),
    Column("缺口", _kind, justify="left"),
    Column("搜索/周", lambda row: Text(f"{row['demand_per_week']:,.0f}"), 9),
    Column("需求占比", lambda row: _share(row["demand_share"]), 8),
    Column("供给占比", lambda row: _share(row["supply_share"]), 8),
    Column("供需比", lambda row: Text("–" if row["lift"] is None else f"{row['lift']:,.1f}", style="bold")),
    Column("90% 区间", lambda row: _times(row["lift_low"], row["lift_high"]), 7),
    Column("未满足/周", lambda row: Text(f"{row['unmet_per_week']:,.0f}"), 10),
    Column("区间", lambda row: _interval(row["unmet_low"], row["unmet_high"], 0), 5),
    Column("笔记", lambda row: Text(f"{row['notes']:,}"), 6),
    Column("趋势", lambda row: Text(TREND_MARKS[row["trend"]["direction"]]), 4, "left"),
    Column("先对谁说", _first_audience, 9, "left"),
    Column("口碑 赞/怨", lambda row: Text(f"{row['polarity']['praised']}/{row['polarity']['complained']}"), 2),
    Column("品牌", lambda row: Text(plain("、".join(one["brand"] for one in row["brands"][:2]) or "–")), 1, "left"),
)
_PRODUCT: Final[Column[ProductGap]] = Column("产品", lambda row: Text(plain(row["product"])), justify="left")
_PRODUCT_COLUMNS: Final[tuple[Column[ProductGap], ...]] = (
    Column("卖点", lambda row: Text(plain(row["selling_point"]), style="bold"), justify="left"),
    Column("关键词", lambda row: Text(plain(row["keyword"])), justify="left"),
    Column("缺口", lambda row: _label(row["gap_kind"]), justify="left"),
    Column("搜索/周", lambda row: Text(f"{row['demand_per_week']:,.0f}"), 9),
    Column("未满足/周", lambda row: Text(f"{row['unmet_per_week']:,.0f}", style="bold")),
    Column("90% 区间", lambda row: _interval(row["unmet_low"], row["unmet_high"], 0), 8),
    Column("答得上的笔记", lambda row: Text(f"{row['notes']:,}"), 7),
    Column("全市场未满足", lambda row: Text(f"{row['market_unmet_per_week']:,.0f}"), 10),
    Column("全市场缺口", lambda row: _label(row["market_gap_kind"]), 4, "left"),
    Column("目录主打", lambda row: Text("是" if row["claims"] else "否"), 2),
)
_AUDIENCE_COLUMNS: Final[tuple[Column[Audience], ...]] = (
    Column("人群", lambda row: Text(plain(row["audience"]), style="bold"), justify="left"),
    Column("人数", lambda row: Text(f"{row['searchers']:,}"), 9),
    Column("占比", lambda row: _share(row["share"])),
    Column("倍数", lambda row: Text(f"{row['lift']:.2f}", style="bold")),
    Column("90% 区间", lambda row: _interval(row["lift_low"], row["lift_high"], 2), 8),
    Column("同品类内", lambda row: Text("–" if row["category_lift"] is None else f"{row['category_lift']:.2f}"), 5),
    Column("误报率", lambda row: Text(f"{row['q_value']:.1%}"), 3),
    Column("来源", lambda row: Text("按共同搜索发现" if row["found"] else "已有标签"), 1, "left"),
)
