"""What HTTP takes and gives of the mentions of a run, as pydantic models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from api.market_asked import Category
from api.models import Answer, Cursor, Limit, RunAsked

Kind = Literal["category", "brand", "product", "point", "crowd", "scene"]
Side = Literal["notes", "queries"]


def _says(text: str, *examples: Any, **bounds: Any) -> Any:
    return Field(description=text, examples=list(examples) or None, **bounds)


class MentionsAsked(RunAsked):
    """What is spoken of, and where to look."""

    name: str = Field(
        min_length=1,
        max_length=256,
        description="A category, brand, product (or its id), selling point, crowd or scene.",
        examples=["缓解红屁股"],
    )
    level: Kind | None = Field(default=None, description="Only what is that.", examples=["point"])
    category: Category = None
    side: Side = Field(default="notes", alias="in", description="Look in notes, or in queries.")
    limit: Limit = 50
    cursor: Cursor = None


class Mark(Answer):
    """One place where a note or query speaks of it."""

    field: str = _says(
        "`title`, `content`, `tag 1`, `tag 2` ..., `query`; `brand`: only the note's own field names the brand; "
        "`text`: no single place; all words tell its category, or brand and claims (or a field) the product.",
        "content",
    )
    start: int | None = _says("First character in that field as it was written, from 0; null without a place.", 169)
    end: int | None = _says("The character behind the last.", 172)
    before: str = _says("What stands before it, on one line; what looks personal is masked.", "算是全家通过。")
    words: str = _says("The words themselves.", "红屁股")
    after: str = _says("What stands behind it.", "那几天缩短到两小时")


class Mention(Answer):
    """A note or query, and every place where it speaks of something."""

    level: Kind = _says("What it speaks of is.", "point")
    category: str | None = _says("Category of the note or query; null: it has none.", "纸尿裤")
    name: str = _says("What it speaks of.", "缓解红屁股")
    product_id: str | None = _says("Id of a product.", "p001")
    note_id: str | None = _says("The note; null for a query.", "n01615")
    title: str | None = _says("Its title; what looks personal is masked.", "纸尿裤多久换一次")
    published_at: str | None = _says("The day on which it was published.", "2026-05-20")
    query: str | None = _says("The query; null for a note.", "缓解红屁股纸尿裤")
    searches: int | None = _says("How often the query was searched.", 393)
    searchers: int | None = _says("By how many people; null where they are not known, and for a note.", 334)
    marks: list[Mark] = _says("Every place.")


class MentionList(Answer):
    """A page of notes by id, or of queries, most searched first; by level, then category of what they speak of."""

    run: str = _says("The run it belongs to.")
    snapshot: str = _says("The snapshot that run read.")
    total: int = _says("Notes, or queries that may be shown, on all pages together.", ge=0)
    items: list[Mention]
    next_cursor: str | None = _says("Send it as `cursor` for the next page; null on the last.")
    privacy_floor: int = _says("No query that fewer people searched is shown, where users are known.", 5)
