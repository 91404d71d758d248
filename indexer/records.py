"""The records that users bring, declared once: readers, stores, docs and checks all read this table.

A record has *raw* fields (what the user brought, kept so that everything can be computed again) and *derived* fields
(computed on import from the raw ones: segmented text, days, keys, sketches). The id of a record decides identity; the
``content_hash`` over its raw fields decides whether a second import changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pyarrow as pa


class Kind(StrEnum):
    """What a field holds; each kind has one Arrow type and one Elasticsearch mapping."""

    KEYWORD = "keyword"  # an exact string: ids, names, enumerations
    TEXT = "text"  # free text, stored and shown, never searched as it is
    STRINGS = "strings"  # a list of exact strings
    TERMS = "terms"  # a list of values, each pre-segmented text whose terms are parted by one space
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"  # an instant, kept in UTC, microseconds
    DAY = "day"  # a calendar day in Asia/Shanghai
    RESULTS = "results"  # the result list of a search
    SHARES = "shares"  # {group: share} as canonical JSON text
    SKETCH = "sketch"  # hexadecimal text of a near-duplicate sketch


class Privacy(StrEnum):
    """What happens to a personal field on import."""

    KEEP = "keep"
    HASH = "hash"  # replaced by HMAC-SHA256(store salt, value), first 32 hexadecimal digits


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record."""

    name: str
    kind: Kind
    help: str
    required: bool = False
    derived: bool = False
    privacy: Privacy = Privacy.KEEP


@dataclass(frozen=True, slots=True)
class Record:
    """One kind of record: its fields, its id and the alternatives among required fields."""

    name: str
    id_field: str
    fields: tuple[Field, ...]
    one_of: tuple[str, ...] = ()  # at least one of these must be there

    @property
    def raw_fields(self) -> tuple[Field, ...]:
        """Fields that users may bring, in order."""
        return tuple(field for field in self.fields if not field.derived)

    @property
    def names(self) -> tuple[str, ...]:
        """All field names, in order."""
        return tuple(field.name for field in self.fields)

    def field(self, name: str) -> Field:
        """The field of that name; ``KeyError`` when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the stored record (raw and derived fields, then ``content_hash``)."""
        columns = [pa.field(field.name, ARROW_TYPES[field.kind]) for field in self.fields]
        return pa.schema([*columns, pa.field(CONTENT_HASH, pa.string(), nullable=False)])


CONTENT_HASH: Final = "content_hash"

RESULT_TYPE: Final = pa.struct(
    [
        pa.field("note_id", pa.string()),
        pa.field("position", pa.int64()),
        pa.field("clicked", pa.bool_()),
        pa.field("dwell_seconds", pa.float64()),
        pa.field("liked", pa.bool_()),
        pa.field("collected", pa.bool_()),
        pa.field("commented", pa.bool_()),
        pa.field("shared", pa.bool_()),
    ]
)

ARROW_TYPES: Final[dict[Kind, pa.DataType]] = {
    Kind.KEYWORD: pa.string(),
    Kind.TEXT: pa.string(),
    Kind.STRINGS: pa.list_(pa.string()),
    Kind.TERMS: pa.list_(pa.string()),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    Kind.DAY: pa.date32(),
    Kind.RESULTS: pa.list_(RESULT_TYPE),
    Kind.SHARES: pa.string(),
    Kind.SKETCH: pa.string(),
}

_K, _F = Kind, Field

NOTE: Final = Record(
    "note",
    "note_id",
    (
        _F("note_id", _K.KEYWORD, "id of the note; made from author, time and text when absent"),
        _F("title", _K.TEXT, "title"),
        _F("content", _K.TEXT, "text of the note"),
        _F("tags", _K.STRINGS, "topics and hashtags"),
        _F("author_id", _K.KEYWORD, "who wrote it", privacy=Privacy.HASH),
        _F("published_at", _K.TIMESTAMP, "when it was published"),
        _F("note_type", _K.KEYWORD, "image or video"),
        _F("disclosed", _K.BOOLEAN, "filed as advertising with the platform (报备)"),
        _F("brand", _K.KEYWORD, "brand it is about"),
        _F("product_id", _K.KEYWORD, "product it is about"),
        _F("impressions", _K.INTEGER, "times shown"),
        _F("search_impressions", _K.INTEGER, "times shown in search results"),
        _F("reads", _K.INTEGER, "times read"),
        _F("read_seconds", _K.NUMBER, "total reading time in seconds"),
        _F("finish_rate", _K.NUMBER, "share of reads to the end, 0 to 1"),
        _F("likes", _K.INTEGER, "likes"),
        _F("collects", _K.INTEGER, "collects (saves)"),
        _F("comments", _K.INTEGER, "comments"),
        _F("shares", _K.INTEGER, "shares"),
        _F("follows", _K.INTEGER, "follows gained"),
        _F("searches_after_read", _K.INTEGER, "searches made after reading it"),
        _F("updated_at", _K.TIMESTAMP, "when these figures were taken"),
        _F("text_terms", _K.TERMS, "segmented title, content and each tag, one value each", derived=True),
        _F("headline_terms", _K.TERMS, "segmented title and each tag, one value each", derived=True),
        _F("gram_terms", _K.TERMS, "character 2-grams of title, opening and each tag, one value each", derived=True),
        _F("published_day", _K.DAY, "day of published_at", derived=True),
        _F("engagement", _K.INTEGER, "likes + collects + comments + shares + follows, absent ones as 0", derived=True),
        _F("sketch", _K.SKETCH, "near-duplicate sketch of the text", derived=True),
    ),
    one_of=("title", "content"),
)

SEARCH: Final = Record(
    "search",
    "search_id",
    (
        _F("search_id", _K.KEYWORD, "id of the search; made from salt, user, session, query and time when absent"),
        _F("query", _K.TEXT, "what was typed, as it was typed", required=True),
        _F("searched_at", _K.TIMESTAMP, "when it was searched", required=True),
        _F("user_id", _K.KEYWORD, "who searched", privacy=Privacy.HASH),
        _F("session_id", _K.KEYWORD, "session of the search", privacy=Privacy.HASH),
        _F("results", _K.RESULTS, "result list; null when it was not recorded, empty when nothing was found"),
        _F("day", _K.DAY, "day of searched_at", derived=True),
        _F("query_norm", _K.KEYWORD, "the query, normalised", derived=True),
        _F("query_terms", _K.KEYWORD, "its terms in order, parted by one space", derived=True),
        _F("query_key", _K.KEYWORD, "its distinct terms sorted by code point, parted by one space", derived=True),
        _F("result_count", _K.INTEGER, "number of results; null when not recorded", derived=True),
        _F("clicks", _K.INTEGER, "results clicked; null when results are not recorded", derived=True),
        _F("longest_dwell", _K.NUMBER, "longest dwell on a result in seconds; null when unknown", derived=True),
        _F("acted", _K.BOOLEAN, "liked, collected, commented or shared a result; null when unknown", derived=True),
    ),
)

VOLUME: Final = Record(
    "volume",
    "volume_id",
    (
        _F("volume_id", _K.KEYWORD, "made from keyword, unit, period and source", derived=True),
        _F("keyword", _K.TEXT, "the keyword as imported", required=True),
        _F("volume", _K.NUMBER, "the figure, in its unit", required=True),
        _F("unit", _K.KEYWORD, "count, index, bucket or rank", required=True),
        _F("volume_low", _K.NUMBER, "lower end where the figure is a range or censored (<20 gives 0)"),
        _F("volume_high", _K.NUMBER, "upper end; null where it is open (10+)"),
        _F("period_start", _K.DAY, "first day of the period"),
        _F("period_end", _K.DAY, "day after the last of the period"),
        _F("source", _K.KEYWORD, "which tool or export it comes from"),
        _F("competition", _K.NUMBER, "advertising competition in the source's own scale"),
        _F("bid_low", _K.NUMBER, "low bid in yuan"),
        _F("bid_high", _K.NUMBER, "high bid in yuan"),
        _F("keyword_norm", _K.KEYWORD, "the keyword, normalised", derived=True),
        _F("keyword_key", _K.KEYWORD, "its distinct terms sorted, as query_key", derived=True),
    ),
)

AD: Final = Record(
    "ad",
    "ad_id",
    (
        _F("ad_id", _K.KEYWORD, "made from keyword, date and note", derived=True),
        _F("keyword", _K.TEXT, "the keyword bought", required=True),
        _F("date", _K.DAY, "day of the figures", required=True),
        _F("impressions", _K.INTEGER, "impressions"),
        _F("clicks", _K.INTEGER, "clicks"),
        _F("cost", _K.NUMBER, "cost in yuan"),
        _F("conversions", _K.INTEGER, "conversions"),
        _F("revenue", _K.NUMBER, "revenue in yuan"),
        _F("note_id", _K.KEYWORD, "the note that was advertised"),
        _F("average_position", _K.NUMBER, "average position"),
        _F("keyword_norm", _K.KEYWORD, "the keyword, normalised", derived=True),
        _F("keyword_key", _K.KEYWORD, "its distinct terms sorted, as query_key", derived=True),
    ),
)

CREATOR: Final = Record(
    "creator",
    "creator_id",
    (
        _F("creator_id", _K.KEYWORD, "id of the creator", required=True, privacy=Privacy.HASH),
        _F("followers", _K.INTEGER, "followers"),
        _F("regular_notes", _K.INTEGER, "notes without a brand"),
        _F("business_notes", _K.INTEGER, "notes for brands"),
        _F("price", _K.NUMBER, "price of a note in yuan"),
        _F("tags", _K.STRINGS, "fields the creator writes about"),
        _F("audience", _K.SHARES, "{group: share} of the readers"),
        _F("median_reads", _K.NUMBER, "median reads of a note"),
        _F("median_engagement", _K.NUMBER, "median engagement of a note"),
        _F("city", _K.KEYWORD, "city"),
    ),
)

COMMENT: Final = Record(
    "comment",
    "comment_id",
    (
        _F("comment_id", _K.KEYWORD, "id of the comment", required=True),
        _F("note_id", _K.KEYWORD, "note it stands under", required=True),
        _F("text", _K.TEXT, "what it says", required=True),
        _F("user_id", _K.KEYWORD, "who wrote it", privacy=Privacy.HASH),
        _F("commented_at", _K.TIMESTAMP, "when it was written"),
        _F("likes", _K.INTEGER, "likes"),
        _F("text_terms", _K.TERMS, "its segmented text, one value", derived=True),
    ),
)

PRODUCT: Final = Record(
    "product",
    "product_id",
    (
        _F("product_id", _K.KEYWORD, "id of the product", required=True),
        _F("name", _K.TEXT, "name", required=True),
        _F("brand", _K.KEYWORD, "brand"),
        _F("category", _K.KEYWORD, "category, or the path to it from the widest"),
        _F("aliases", _K.STRINGS, "other names"),
        _F("selling_points", _K.STRINGS, "selling points the brand claims"),
        _F("price", _K.NUMBER, "price in yuan"),
        _F("launched_at", _K.TIMESTAMP, "when it was launched"),
    ),
)

ORDER: Final = Record(
    "order",
    "order_id",
    (
        _F("order_id", _K.KEYWORD, "id of the order", required=True),
        _F("product_id", _K.KEYWORD, "product that was bought", required=True),
        _F("ordered_at", _K.TIMESTAMP, "when it was bought", required=True),
        _F("quantity", _K.INTEGER, "pieces"),
        _F("revenue", _K.NUMBER, "revenue in yuan"),
        _F("source_note_id", _K.KEYWORD, "note that led to it"),
        _F("source_keyword", _K.TEXT, "keyword that led to it"),
        _F("channel", _K.KEYWORD, "channel"),
    ),
)

AUDIENCE: Final = Record(
    "audience",
    "user_id",
    (
        _F("user_id", _K.KEYWORD, "who", required=True, privacy=Privacy.HASH),
        _F("groups", _K.STRINGS, "groups the user belongs to"),
    ),
)

RECORDS: Final[dict[str, Record]] = {
    record.name: record for record in (NOTE, SEARCH, VOLUME, AD, CREATOR, COMMENT, PRODUCT, ORDER, AUDIENCE)
}
UNITS: Final = ("count", "index", "bucket", "rank")
SCHEMA_VERSION: Final = 2
