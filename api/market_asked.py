"""What HTTP takes about a run's market: which lists, which rows, which keywords, as pydantic models."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.market_models import Level
from api.models import Asked, Cursor, GapKind, Limit, RunAsked

Category = Annotated[
    str | None,
    Field(
        min_length=1, max_length=256, description="Only of this category, and of those below it.", examples=["纸尿裤"]
    ),
]


class PointsAsked(RunAsked):
    """Which selling points."""

    category: Category = None
    underserved: bool | None = Field(
        default=None, description="Only those that more people want than notes offer; `false`: only the others."
    )
    kind: list[GapKind] = Field(default=[], max_length=7, description="Only these kinds; repeatable.")
    limit: Limit = 50
    cursor: Cursor = None


class AudiencesAsked(RunAsked):
    """The audiences of which keyword."""

    keyword: str = Field(
        min_length=1, max_length=1000, description="A keyword or one of its variants.", examples=["新生儿纸尿裤"]
    )


class MarketAsked(RunAsked):
    """Which rows of the market."""

    level: Level | None = Field(default=None, description="Only categories, brands or products.", examples=["brand"])
    category: Category = None
    parent: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="Only the categories right below this one.",
        examples=["母婴"],
    )
    depth: int | None = Field(
        default=None, ge=0, le=32, description="Only categories (and what is in them) with so many above.", examples=[0]
    )
    name: str | None = Field(
        default=None,
        min_length=1,
        max_length=256,
        description="Only what is called so: a category, a brand (a row for each category), a product by name or id.",
    )
    limit: Limit = 50
    cursor: Cursor = None


class SuggestionsAsked(RunAsked):
    """A page of suggestions."""

    limit: Limit = 50
    cursor: Cursor = None


class RecommendAsked(RunAsked):
    """Keywords for a launch, in one of four ways."""

    word: str | None = Field(
        default=None, min_length=1, max_length=256, description="By a seed word.", examples=["红屁股"]
    )
    category: Category = None
    around: str | None = Field(
        default=None,
        min_length=1,
        max_length=1000,
        description="By what people searched right before and after this keyword.",
        examples=["新生儿纸尿裤"],
    )
    note: str | None = Field(
        default=None, min_length=1, max_length=512, description="By a note of the store: its id.", examples=["n00012"]
    )
    limit: Limit = 50


class DraftAsked(RunAsked):
    """Keywords for a draft: of which run, and how many."""

    limit: Limit = 50


class Draft(Asked):
    """A note that is not in the store."""

    title: str = Field(default="", max_length=1_000, description="Its title.", examples=["宝宝红屁股怎么办"])
    content: str = Field(
        default="", max_length=20_000, description="Its text.", examples=["换了三款纸尿裤，说说哪款不闷不漏"]
    )
