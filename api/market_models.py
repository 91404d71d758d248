"""What HTTP takes and gives of a run's market, as pydantic models; descriptions come from the tables of its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from api.models import Answer, EvidenceNote, EvidenceQuery, GapKind, Trend, Verdict
from gapfinder.market.metrics import AUDIENCE_METRICS, MARKET_METRICS, POINT_METRICS
from gapfinder.metric import Metric
from gapfinder.metrics import METRICS

Level = Literal["category", "brand", "product"]
Stand = Literal["theirs", "shared", "rivals", "untapped"]
_INTERVAL: Final = "end of the 90% interval"


def _says(text: str, *examples: Any, **bounds: Any) -> Any:
    return Field(description=text, examples=list(examples) or None, **bounds)


def described_by(table: Mapping[str, Metric]) -> Callable[..., Any]:
    """What makes a field of a column that a table declares: by its name, with examples and bounds."""

    def about(name: str, *examples: Any, more: str = "", **bounds: Any) -> Any:
        metric = table[name]
        return _says(f"{metric.label}: {metric.formula}{more}", *examples, **bounds)

    return about


_about, _point, _group, _row = map(described_by, (METRICS, POINT_METRICS, AUDIENCE_METRICS, MARKET_METRICS))


class Share(Answer):
    """A share with its 90% interval; null where there is nothing to take a share of."""

    share: float | None = _says("The share, 0 to 1.", 0.4191)
    low: float | None = _says(f"Lower {_INTERVAL}.", 0.4158)
    high: float | None = _says(f"Upper {_INTERVAL}.", 0.4224)


class Audience(Answer):
    """A group of people that searches for something more than others do."""

    audience: str = _group("audience", "孕妈")
    found: bool = _group("found")
    searchers: int = _group("searchers", 2087, ge=0)
    share: float = _group("share", 0.6374, ge=0, le=1)
    lift: float = _group("lift", 12.567)
    lift_low: float = _group("lift_low", 11.481)
    lift_high: float = _group("lift_high", 13.861)
    category_lift: float | None = _group("category_lift", 6.943)
    q_value: float = _group("q_value", 0.0351, ge=0, le=1)
    evidence_queries: list[str] = _group("evidence_queries", ["新生儿纸尿裤"])


class Polarity(Answer):
    """How texts speak of a point."""

    praised: int = _says("Texts that praise it.", ge=0)
    complained: int = _says("Texts that complain about it.", ge=0)
    asked: int = _says("Texts and queries that ask for it.", ge=0)
    named: int = _says("Texts that only name it.", ge=0)


class Owner(Answer):
    """A brand whose notes speak of a point, and how much more than those of other brands."""

    brand: str = _says("Name of the brand.", "青柚山")
    notes: int = _says("Its notes that speak of the point.", 5, ge=0)
    share: float = _says("Of the brand's notes in the category.", 0.0424)
    lift: float = _says("How many times the share among the notes of others that is.", 3.827)
    lift_low: float = _says(f"Lower {_INTERVAL} of the lift.", 1.462)
    lift_high: float = _says(f"Upper {_INTERVAL} of the lift.", 9.361)


class PointProduct(Answer):
    """A product that claims a point, or whose notes speak of it."""

    product_id: str = _says("Id in the catalogue.", "p019")
    name: str = _says("Name in the catalogue.", "丝语林净屑洗发水")
    brand: str | None = _says("Its brand.", "丝语林")
    claims: bool = _says("Whether the catalogue says that it has the point.")
    notes: int = _says("Its notes that speak of the point.", ge=0)


class PointKeyword(Answer):
    """A keyword that asks for a point, with its gap."""

    keyword: str = _about("keyword", "生发洗发水")
    searches: int = _about("searches", ge=0)
    unmet_per_week: float = _about("unmet_per_week", ge=0)
    unmet_low: float = _about("unmet_low", ge=0)
    unmet_high: float = _about("unmet_high", ge=0)
    gap_kind: GapKind = _about("gap_kind")


class SellingPoint(Answer):
    """A selling point of a category with its demand, supply and gap."""

    category: str = _point("category", "纸尿裤")
    selling_point: str = _point("selling_point", "缓解红屁股")
    variants: list[str] = _point("variants", ["缓解红屁股", "红屁股"])
    searches: int = _point("searches", 397, ge=0)
    searchers: int | None = _point("searchers", 336)
    people: int | None = _point("people", 334)
    demand_per_week: float = _point("demand_per_week", 33.0833, ge=0)
    demand_share: float = _point("demand_share", 0.0558, ge=0, le=1)
    notes: int = _point("notes", 12, ge=0)
    supply: float = _point("supply", 10.0, ge=0)
    supply_share: float | None = _point("supply_share", 0.0117)
    lift: float | None = _point("lift", 4.419)
    lift_low: float | None = _point("lift_low", 2.796)
    lift_high: float | None = _point("lift_high", 8.068)
    underserved: bool = _point("underserved")
    trend: Trend = _point("trend")
    unmet_probability: float | None = _point("unmet_probability")
    unmet_per_week: float = _point("unmet_per_week", 25.0319, ge=0)
    unmet_low: float = _point("unmet_low", 22.0967, ge=0)
    unmet_high: float = _point("unmet_high", 28.1438, ge=0)
    gap_kind: GapKind = _point("gap_kind")
    verdict: Verdict = _point("verdict")
    polarity: Polarity = _point("polarity")
    brands: list[Owner] = _point("brands")
    products: list[PointProduct] = _point("products")
    keywords: list[PointKeyword] = _point("keywords")
    audiences: list[Audience] = _point("audiences")
    evidence_queries: list[EvidenceQuery] = _point("evidence_queries")
    evidence_notes: list[EvidenceNote] = _point("evidence_notes")
    flags: list[str] = _point("flags", ["few_searches"])
    reason: str = _point("reason")


class Standing(Answer):
    """Where a brand stands on a selling point of its category."""

    selling_point: str = _says("The point.", "防侧漏")
    standing: Stand = _says("Who speaks of it: this brand alone, it and rivals, rivals alone, or nobody.")
    notes: int = _says("The brand's notes that speak of it.", ge=0)
    rivals: list[str] = _says("Other brands whose notes speak of it, most notes first.", ["奶团团", "柚小宝"])
    praised: int = _says("Notes about the brand that praise it.", ge=0)
    complained: int = _says("Notes about the brand that complain about it.", ge=0)
    comments_praised: int | None = _says("Comments about the brand that praise it; null in runs before it was counted.")
    comments_complained: int | None = _says("Comments about the brand that complain about it; null likewise.")
    positive: Share = _says("Share of praise among all these, with its interval; null below five of them.")
    unmet_per_week: float = _about("unmet_per_week", ge=0)
    unmet_low: float = _about("unmet_low", ge=0)
    gap_kind: GapKind = _about("gap_kind")


class Tail(Answer):
    """How a category's voice is spread over its brands."""

    brands: int = _says("Brands that notes name.", 6, ge=0)
    once: int = _says("Brands that one note names.", ge=0)
    hhi: float = _says("Herfindahl-Hirschman index: the sum of squared shares.", 0.1679)
    top3: float = _says("Share of the three largest.", 0.5299)
    last_tenth: int = _says("Brands that share the last tenth.", ge=0)
    unseen: float = _says("Share of mentions that would be of brands not seen yet (Good-Turing).")
    chao1: float = _says("How many brands there are, seen or not (Chao1).", 6.0)


class MarketRow(Answer):
    """A category, brand or product with its demand and supply."""

    name: str = _row("name", "云朵熊")
    level: Level = _row("level")
    category: str | None = _row("category", "纸尿裤")
    parent: str | None = _row("parent", "母婴")
    path: list[str] = _row("path", ["母婴", "纸尿裤"])
    depth: int = _row("depth", 1, ge=0)
    children: int = _row("children", 0, ge=0)
    brand: str | None = _row("brand", "云朵熊")
    product_id: str | None = _row("product_id", "p019")
    searches: int = _row("searches", more="; 0 with the flag `few_searchers`: too few people to show", ge=0)
    searchers: int | None = _row("searchers")
    people: int | None = _row("people")
    demand_per_week: float = _row("demand_per_week", ge=0)
    notes: int = _row("notes", 79, ge=0)
    recent_notes: int = _row("recent_notes", 52, ge=0)
    supply: float = _row("supply", ge=0)
    share_of_search: Share = _row("share_of_search")
    share_of_voice: Share = _row("share_of_voice")
    trend: Trend = _row("trend")
    newcomer: bool = _row("newcomer")
    tail: Tail | None = _row("tail")
    rising_points: list[str] = _row("rising_points", ["不勒肚", "夜用"])
    points: list[Standing] = _row("points")
    audiences: list[Audience] = _row("audiences")
    too_little: int = _row("too_little", ge=0)
    comments: dict[str, int] = _row("comments", {"question": 31})
    flags: list[str] = _row("flags", ["ambiguous_name"])


class NameSuggestion(Answer):
    """A name that may be a brand or a product; its examples stay on the owner's command line."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["brand", "product"] = _says("What it may be.")
    name: str = _says("The name.", "麦洛")
    latin: str = _says("Of a brand its Latin side, where titles give one.", "mellow")
    brand: str | None = _says("Of a product its brand.", "麦洛")
    category: str | None = _says("Of a product its category.", "纸尿裤")
    series: str = _says("Of a product what sets it apart from the brand's others; empty for a brand.", "云感")
    functions: list[str] = _says("Needs that are named beside the series.", ["透气"])
    certainty: float | None = _says(
        "Of a product: lower end of the 90% interval of the share with which its series names a brand, among all that "
        "is said of the category; null where few people searched it.",
        0.81,
    )
    sure: bool = _says("A brand: the run took it for one; a product: its series is hardly anything else.")
    titles: int = _says("Titles that speak for it: of products for a brand, of notes for a product.", ge=0)
    queries: int = _says("Distinct queries that speak for it; 0 where no keyword that is shown holds it.", ge=0)
    searches: int = _says("Searches of these queries.", ge=0)


class Neighbour(Answer):
    """What people searched right before or after a keyword, in the same session."""

    keyword: str = _says("What they searched.", "拉拉裤")
    people: int = _says("People who took the step.", 128, ge=0)
    lift: float = _says("Times as many people as chance would make.", 1.276, ge=0)


class MarketPage(Answer):
    """A page of what a run tells of the market."""

    run: str = _says("The run it belongs to.")
    snapshot: str = _says("The snapshot that run read.")
    total: int = _says("What fits, on all pages together.", ge=0)
    next_cursor: str | None = _says("Send it as `cursor` for the next page; null on the last.")
    privacy_floor: int = _says("Nothing searched by fewer people is shown, where users are known.", 5)
    hidden: int = _says("How many the whole run has that are not shown.", ge=0)


class SellingPointList(MarketPage):
    """A page of selling points: by category, the underserved first, then by the lower end of their unmet searches."""

    items: list[SellingPoint]


class MarketList(MarketPage):
    """A page of market rows: categories, brands, products, each by searches."""

    items: list[MarketRow]


class SuggestionList(MarketPage):
    """A page of suggestions: brands, then products, of each the sure ones first."""

    items: list[NameSuggestion]


class KeywordAudiences(Answer):
    """The audiences of a keyword, the first to talk to first."""

    run: str = _says("The run it belongs to.")
    snapshot: str = _says("The snapshot that run read.")
    keyword: str = _about("keyword", "新生儿纸尿裤")
    category: str | None = _about("category", "纸尿裤")
    searchers: int = _says("搜索人数: distinct users who searched it; 0 where users are unknown.", 3845, ge=0)
    people: int | None = _says("真人搜索人数: of them those that are no bots; null in older runs.", 3841)
    grouped: int = _says("Of them, without bots, those whose groups are known.", 3274, ge=0)
    audiences: list[Audience] = _says("The groups, surest first; a group of fewer people than the floor is not named.")
    flags: list[str] = _about("flags", ["few_searchers"])


class PartPlace(Answer):
    """Where a part of a keyword stands."""

    part: Literal["category", "brand", "product", "thing", "need", "crowd", "scene", "price", "question"] = _says(
        "What its words are; a need may hold other parts."
    )
    words: str = _says("The words.", "新生儿")
    start: int = _says("First character of the keyword, from 0.", 0, ge=0)
    end: int = _says("The character behind the last.", 3, ge=1)


class Parts(Answer):
    """A keyword taken apart: what its searcher wants to get, and what each of its words says."""

    run: str = _says("The run it belongs to.")
    snapshot: str = _says("The snapshot that run read.")
    keyword: str = _about("keyword", "新生儿纸尿裤")
    intent: Literal["buy", "problem", "choose", "how", "product", "other"] = _says("What the searcher wants to get.")
    category: str | None = _about("category", "纸尿裤")
    brand: str | None = _says("The brand it names; null: none.", "云朵熊")
    product_id: str | None = _says("The product it names; null: none.", "p001")
    thing: str = _says("What it is about, in its own words; empty where nothing is guessed.", "纸尿裤")
    needs: list[str] = _says("What is wanted or complained about.", ["缓解", "红屁股"])
    crowd: list[str] = _says("For whom.", ["新生儿"])
    scene: list[str] = _says("When or where.", ["夏天"])
    price: list[str] = _says("Words of price.", ["平价"])
    question: list[str] = _says("Words that ask, choose or want to buy.", ["推荐"])
    places: list[PartPlace] = _says(
        "Where each part stands, in the order of the words; empty in runs of older versions."
    )


class Together(Answer):
    """What people searched before and after a keyword, in the same session, most people first."""

    run: str = _says("The run it belongs to.")
    snapshot: str = _says("The snapshot that run read.")
    keyword: str = _about("keyword", "新生儿纸尿裤")
    before: list[Neighbour] = _says("What they searched right before; empty where too few people did.")
    after: list[Neighbour] = _says("What they searched right after; likewise.")


class Recommendation(Answer):
    """A keyword for a launch, with the reason why it is named."""

    keyword: str = _about("keyword", "缓解红屁股纸尿裤")
    category: str | None = _about("category", "纸尿裤")
    searches: int = _about("searches", 393)
    demand_per_week: float = _about("demand_per_week", 32.75)
    notes_matching: int = _about("notes_matching", 1)
    unmet_per_week: float = _about("unmet_per_week", 28.9)
    unmet_low: float = _about("unmet_low", 25.9)
    unmet_high: float = _about("unmet_high", 31.8)
    gap_kind: GapKind = _about("gap_kind", "missing")
    cpc: float | None = _says("Yuan a click in search ads, as observed; null where nothing is known.", 0.73)
    bid_low: float | None = _says("Low bid in yuan.", 0.6)
    bid_high: float | None = _says("High bid in yuan.", 1.2)
    reason: str = _says("Why it is named, in Chinese.")


class RecommendationList(Answer):
    """Keywords for a launch, the surest unmet searches first."""

    run: str = _says("The run they belong to.")
    snapshot: str = _says("The snapshot that run read.")
    total: int = _says("How many there are.", 12)
    items: list[Recommendation] = _says("The first of them.")
