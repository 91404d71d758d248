"""What an analysis tells of the market: the rows of selling points, audiences, and categories, brands and products."""

from __future__ import annotations

from typing import Final, TypedDict

from gapfinder.results import EvidenceNote, EvidenceQuery, Trend


class Share(TypedDict):
    """A share with its 90% interval; null where there is nothing to take a share of."""

    share: float | None
    low: float | None
    high: float | None


class Polarity(TypedDict):
    """How a point is spoken of: texts that praise it, complain about it, ask for it, or only name it."""

    praised: int
    complained: int
    asked: int
    named: int


class Owner(TypedDict):
    """A brand whose notes speak of a point, and how much more than those of other brands."""

    brand: str
    notes: int
    share: float  # of the brand's notes in the category
    lift: float
    lift_low: float
    lift_high: float


class PointProduct(TypedDict):
    """A product that claims a point, or whose notes speak of it."""

    product_id: str
    name: str
    brand: str | None
    claims: bool
    notes: int


class PointKeyword(TypedDict):
    """A keyword that asks for a point, with its gap."""

    keyword: str
    searches: int
    unmet_per_week: float
    unmet_low: float
    unmet_high: float
    gap_kind: str


class Audience(TypedDict):
    """A group of people that searches for something more than others do."""

    audience: str
    found: bool  # from what people search together, not given
    searchers: int
    share: float
    lift: float
    lift_low: float
    lift_high: float
    category_lift: float | None  # against other searchers of the same category
    q_value: float
    evidence_queries: list[str]  # what the group searches more than others


class SellingPoint(TypedDict):
    """A selling point of a category with its demand, supply and gap."""

    category: str
    selling_point: str
    variants: list[str]
    searches: int
    searchers: int | None
    people: int | None  # of them those that are no bots
    demand_per_week: float
    demand_share: float
    notes: int
    supply: float
    supply_share: float | None  # among the points that somebody asks for; null where nobody asks for it
    lift: float | None  # demand share / supply share
    lift_low: float | None
    lift_high: float | None
    underserved: bool
    trend: Trend
    unmet_probability: float | None
    unmet_per_week: float
    unmet_low: float
    unmet_high: float
    gap_kind: str
    verdict: str
    polarity: Polarity
    brands: list[Owner]
    products: list[PointProduct]
    keywords: list[PointKeyword]
    audiences: list[Audience]
    evidence_queries: list[EvidenceQuery]
    evidence_notes: list[EvidenceNote]
    flags: list[str]
    reason: str


class ProductGap(TypedDict):
    """Searches for a keyword that ask for a selling point and that no note about one product answers."""

    category: str
    selling_point: str
    keyword: str
    product_id: str
    product: str
    brand: str | None
    claims: bool  # the catalogue says that the product has the point
    searches: int  # for the keyword
    demand_per_week: float
    notes: int  # about the product that more probably than not answer the keyword
    supply: float
    unmet_probability: float
    unmet_per_week: float
    unmet_low: float
    unmet_high: float
    gap_kind: str
    verdict: str
    market_unmet_per_week: float  # that no note at all answers
    market_gap_kind: str


class KeywordAudience(TypedDict):
    """The audiences of a keyword, the first to talk to first."""

    keyword: str
    category: str | None
    searchers: int
    people: int | None  # of them those that are no bots
    grouped: int  # of them with known groups
    audiences: list[Audience]
    flags: list[str]


class Standing(TypedDict):
    """Where a brand stands on a selling point of its category: ``theirs``, ``shared``, ``rivals`` or ``untapped``.

    What notes say, many of them the brand's own, and what readers say below notes are told apart; ``positive`` is the
    share of praise among all these judgements, null below :data:`LEAST_JUDGED` of them.
    """

    selling_point: str
    standing: str
    notes: int
    rivals: list[str]
    praised: int  # notes
    complained: int
    comments_praised: int | None  # null: the run did not count them
    comments_complained: int | None
    positive: Share
    unmet_per_week: float
    unmet_low: float
    gap_kind: str


class Tail(TypedDict):
    """How a category's voice is spread over its brands.

    ``hhi`` is the Herfindahl-Hirschman index (sum of squared shares), ``unseen`` the share of mentions that would be of
    brands not seen yet (Good-Turing), ``last_tenth`` how many brands share the last 10%.
    """

    brands: int
    once: int
    hhi: float
    top3: float
    last_tenth: int
    unseen: float
    chao1: float


class MarketRow(TypedDict):
    """A category (with all below it), or a brand or product in a category, with its demand and supply."""

    name: str
    level: str
    category: str | None
    parent: str | None  # of a category: the one right above it
    path: list[str]  # from the widest category down to the row's
    depth: int  # categories above the row's
    children: int  # of a category: categories right below it
    brand: str | None
    product_id: str | None
    searches: int
    searchers: int | None
    people: int | None  # of them those that are no bots
    demand_per_week: float
    notes: int
    recent_notes: int
    supply: float
    share_of_search: Share
    share_of_voice: Share
    trend: Trend
    newcomer: bool
    tail: Tail | None  # of a category
    rising_points: list[str]  # of a category itself: selling points whose demand rises
    points: list[Standing]  # of a brand
    comments: dict[str, int]  # of a category: comments under its notes by intent
    audiences: list[Audience]
    too_little: int  # how many more searches a list of selling points needs; 0: enough
    flags: list[str]


class NameSuggestion(TypedDict):
    """A name that may be a brand or a product, for a person to accept."""

    kind: str  # brand or product
    name: str
    latin: str  # of a brand in two scripts
    brand: str | None  # of a product
    category: str | None
    series: str
    functions: list[str]  # needs that stand beside the series
    certainty: float | None  # of a product: so surely its series belongs to a brand
    sure: bool  # of a brand: taken for one in this run
    titles: int  # of products, where a brand is suggested; of notes, where a product is
    queries: int
    searches: int
    examples: list[str]


class Neighbour(TypedDict):
    """A keyword that people searched right before or after another one."""

    keyword: str
    people: int
    lift: float  # times as many people as chance would make


class SearchedTogether(TypedDict):
    """What people searched before and after a keyword, in the same session."""

    keyword: str
    before: list[Neighbour]
    after: list[Neighbour]


class PartPlace(TypedDict):
    """Where a part of a keyword stands: ``keyword[start:end]``, in characters."""

    part: str  # category, brand, product, thing, need, crowd, scene, price or question
    words: str
    start: int
    end: int


class QueryParts(TypedDict):
    """A keyword taken apart: what it is about, and what its other words say."""

    keyword: str
    intent: str  # buy, problem, choose, how, product or other
    category: str | None
    brand: str | None
    product_id: str | None
    thing: str  # what it is about, in its own words; empty where nothing is guessed
    needs: list[str]
    crowd: list[str]
    scene: list[str]
    price: list[str]
    question: list[str]
    places: list[PartPlace]  # in the order of the words; a need may hold other parts


LEAST_JUDGED: Final = 5  # texts that praise or complain, from which their share says something

SELLING_POINTS: Final = "selling_points"  # sections of a stored run
PRODUCT_GAPS: Final = "product_gaps"
AUDIENCES: Final = "audiences"
MARKET: Final = "market"
SUGGESTIONS: Final = "suggestions"
TOGETHER: Final = "together"
PARTS: Final = "query_parts"
