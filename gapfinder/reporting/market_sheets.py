"""The market part of a run as sheets of a workbook: selling points, points by keywords, audiences, the market."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, NamedTuple, TypeVar

from gapfinder.market.metrics import AUDIENCE_METRICS, MARKET_METRICS, POINT_METRICS
from gapfinder.market.product_metrics import PRODUCT_GAP_METRICS
from gapfinder.market.results import Audience, KeywordAudience, MarketRow, ProductGap, SellingPoint, Standing
from gapfinder.metric import Metric
from gapfinder.metrics import METRICS
from gapfinder.reporting.flat import SEPARATOR, Cell, Column
from gapfinder.reporting.market_part import MarketPart
from gapfinder.reporting.market_view import Heat, heat_of
from gapfinder.reporting.words import INTENT_LABELS, STANDING_LABELS
from gapfinder.reporting.workbook import Heading, Sheet

MOST_CELLS: Final = 30  # rows and columns of the heat map of a category
_Row = TypeVar("_Row")


class AudienceRow(NamedTuple):
    """A keyword and one of its audiences."""

    keyword: KeywordAudience
    audience: Audience


class StandingRow(NamedTuple):
    """A brand of a category and one of the selling points where it stands."""

    brand: MarketRow
    standing: Standing


def market_sheets(part: MarketPart) -> list[Sheet]:
    """The sheets of a market, each streamed row by row."""
    maps = [(category, heat) for category, own in _by_category(part.points) if (heat := heat_of(own, MOST_CELLS))]
    return [
        Sheet("selling_points 卖点", _headers(POINT_COLUMNS), _flat(POINT_COLUMNS, part.points)),
        Sheet("points_keywords 卖点×关键词", _heat_headers(maps), _heat_rows(maps), heat=2),
        Sheet("product_gaps 卖点×关键词×产品", _headers(PRODUCT_COLUMNS), _flat(PRODUCT_COLUMNS, part.product_gaps)),
        Sheet("audiences 人群", _headers(AUDIENCE_COLUMNS), _flat(AUDIENCE_COLUMNS, _audience_rows(part.audiences))),
        Sheet("market 市场", _headers(MARKET_COLUMNS), _flat(MARKET_COLUMNS, part.market)),
        Sheet(
            "brands_points 品牌×卖点", _headers(STANDING_COLUMNS), _flat(STANDING_COLUMNS, _standing_rows(part.market))
        ),
    ]


def explained() -> Iterator[list[Cell]]:
    """What the columns of these sheets mean, for the sheet of metrics."""
    for sheet, metrics in (
        ("selling_points", POINT_METRICS),
        ("product_gaps", PRODUCT_GAP_METRICS),
        ("audiences", AUDIENCE_METRICS),
        ("market", MARKET_METRICS),
    ):
        for metric in metrics.values():
            name = f"{sheet}.{metric.name}"
            yield [name, metric.label, metric.unit, metric.range, metric.formula, metric.method, metric.caveat]


def _headers(columns: Iterable[Column[Any]]) -> list[str]:
    return [column.header for column in columns]


def _flat(columns: list[Column[_Row]], rows: Iterable[_Row]) -> Iterator[list[Cell]]:
    for row in rows:
        yield [column.read(row) for column in columns]


def _by_category(points: Iterable[SellingPoint]) -> list[tuple[str, list[SellingPoint]]]:
    found: dict[str, list[SellingPoint]] = {}
    for point in points:
        if point["searches"]:
            found.setdefault(point["category"], []).append(point)
    return list(found.items())


def _heat_headers(maps: list[tuple[str, Heat]]) -> list[str]:
    """The keywords of the first category; those of the others head their own rows."""
    widest = max((len(heat.keywords) for _, heat in maps), default=0)
    first = maps[0][1].keywords if maps else []
    named = [keyword or "" for keyword, _ in zip_longest(first, range(widest))]
    return [POINT_METRICS["category"].header, POINT_METRICS["selling_point"].header, *named]


def _heat_rows(maps: list[tuple[str, Heat]]) -> Iterator[tuple[Cell, ...]]:
    for number, (category, heat) in enumerate(maps):
        if number:
            yield ()
            yield Heading((category, "", *heat.keywords))
        for point, cells in heat.rows:
            yield (category, point, *(cell.keyword["unmet_per_week"] if cell else None for cell in cells))


def _audience_rows(audiences: Iterable[KeywordAudience]) -> Iterator[AudienceRow]:
    for row in audiences:
        for audience in row["audiences"]:
            yield AudienceRow(row, audience)


def _standing_rows(market: Iterable[MarketRow]) -> Iterator[StandingRow]:
    for row in market:
        for standing in row["points"]:
            yield StandingRow(row, standing)


def _plain(metrics: Mapping[str, Metric], name: str) -> Column[Any]:
    def read(row: Mapping[str, Any]) -> Cell:
        value = row.get(name)
        return SEPARATOR.join(map(str, value)) if isinstance(value, list) else value

    return Column(name, metrics[name].label, read)


def _listed(metrics: Mapping[str, Metric], name: str, word: Callable[[Any], str]) -> Column[Any]:
    def read(row: Mapping[str, Any]) -> Cell:
        return SEPARATOR.join(word(item) for item in row[name])

    return Column(name, metrics[name].label, read)


def _inside(outer: str, **labels: str) -> list[Column[Any]]:
    """Columns of what is nested; what a run of an older version does not know stays empty."""

    def reader(inner: str) -> Callable[[Mapping[str, Any]], Cell]:
        def read(row: Mapping[str, Any]) -> Cell:
            found: Cell = (row.get(outer) or {}).get(inner)
            return found

        return read

    return [Column(f"{outer}.{inner}", label, reader(inner)) for inner, label in labels.items()]


def _standing(standing: str) -> Column[Any]:
    def read(row: Mapping[str, Any]) -> Cell:
        return SEPARATOR.join(one["selling_point"] for one in row["points"] if one["standing"] == standing)

    return Column(f"points.{standing}", f"卖点站位：{STANDING_LABELS[standing]}", read)


def _share(name: str) -> list[Column[Any]]:
    label = MARKET_METRICS[name].label
    return _inside(name, share=label, low=f"{label}下限", high=f"{label}上限")


def _columns(metrics: Mapping[str, Metric], special: Mapping[str, list[Column[Any]]]) -> list[Column[Any]]:
    """A column for each metric, or what stands in its place."""
    return [column for name in metrics for column in special.get(name, [_plain(metrics, name)])]


def _of_audience(column: Column[Audience]) -> Column[AudienceRow]:
    return Column(column.name, column.label, lambda row: column.read(row.audience))


_TREND: Final = _inside("trend", direction="趋势方向", change="趋势变化", low="趋势变化下限", high="趋势变化上限")
PRODUCT_COLUMNS: Final[list[Column[ProductGap]]] = _columns(PRODUCT_GAP_METRICS, {})
POINT_COLUMNS: Final[list[Column[SellingPoint]]] = _columns(
    POINT_METRICS,
    {
        "trend": _TREND,
        "polarity": _inside("polarity", praised="夸", complained="抱怨", asked="求", named="只提到"),
        "brands": [_listed(POINT_METRICS, "brands", lambda one: f"{one['brand']} {one['notes']:,}")],
        "products": [_listed(POINT_METRICS, "products", lambda one: str(one["name"]))],
        "keywords": [_listed(POINT_METRICS, "keywords", lambda one: str(one["keyword"]))],
        "audiences": [_listed(POINT_METRICS, "audiences", lambda one: f"{one['audience']} {one['lift']:.1f}")],
        "evidence_queries": [_listed(POINT_METRICS, "evidence_queries", lambda one: str(one["query"]))],
        "evidence_notes": [_listed(POINT_METRICS, "evidence_notes", lambda one: str(one["note_id"]))],
    },
)
AUDIENCE_COLUMNS: Final[list[Column[AudienceRow]]] = [
    Column("keyword", METRICS["keyword"].label, lambda row: row.keyword["keyword"]),
    Column("category", METRICS["category"].label, lambda row: row.keyword["category"]),
    Column("keyword_searchers", "关键词搜索人数", lambda row: row.keyword["searchers"]),
    Column("keyword_grouped", "其中人群已知", lambda row: row.keyword["grouped"]),
    *(_of_audience(column) for column in _columns(AUDIENCE_METRICS, {})),
]
MARKET_COLUMNS: Final[list[Column[MarketRow]]] = _columns(
    MARKET_METRICS,
    {
        "path": [Column("path", MARKET_METRICS["path"].label, lambda row: " > ".join(row["path"]))],
        "share_of_search": _share("share_of_search"),
        "share_of_voice": _share("share_of_voice"),
        "trend": _TREND,
        "tail": _inside(
            "tail",
            brands="有笔记的品牌数",
            once="只被讲过一次的品牌数",
            hhi="集中度 HHI",
            top3="前三名声量占比",
            last_tenth="分最后 10% 的品牌数",
            unseen="没见过的品牌的声量占比（估计）",
            chao1="品牌总数至少（估计）",
        ),
        "points": [_standing(standing) for standing in STANDING_LABELS],
        "comments": _inside("comments", **{intent: f"评论：{label}" for intent, label in INTENT_LABELS.items()}),
        "audiences": [_listed(MARKET_METRICS, "audiences", lambda one: f"{one['audience']} {one['lift']:.1f}")],
    },
)
STANDING_COLUMNS: Final[list[Column[StandingRow]]] = [
    Column("brand", "品牌", lambda row: row.brand["name"]),
    Column("category", METRICS["category"].label, lambda row: row.brand["category"]),
    Column("selling_point", POINT_METRICS["selling_point"].label, lambda row: row.standing["selling_point"]),
    Column("standing", "站位", lambda row: STANDING_LABELS[row.standing["standing"]]),
    Column("notes", "讲到它的笔记", lambda row: row.standing["notes"]),
    Column("praised", "笔记夸", lambda row: row.standing["praised"]),
    Column("complained", "笔记怨", lambda row: row.standing["complained"]),
    Column("comments_praised", "评论夸", lambda row: row.standing["comments_praised"]),
    Column("comments_complained", "评论怨", lambda row: row.standing["comments_complained"]),
    Column("positive.share", "好评率", lambda row: row.standing["positive"]["share"]),
    Column("positive.low", "好评率下限", lambda row: row.standing["positive"]["low"]),
    Column("positive.high", "好评率上限", lambda row: row.standing["positive"]["high"]),
    Column("rivals", "在讲的对手", lambda row: SEPARATOR.join(row.standing["rivals"])),
    Column("unmet_per_week", METRICS["unmet_per_week"].label, lambda row: row.standing["unmet_per_week"]),
    Column("gap_kind", METRICS["gap_kind"].label, lambda row: row.standing["gap_kind"]),
]
