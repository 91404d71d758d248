"""Mappings and settings of all indices, as pure functions of the records."""

from __future__ import annotations

from typing import Any, Final

from indexer.records import CONTENT_HASH, RECORDS, SCHEMA_VERSION, SEARCH, Kind, Record
from indexer.stores.contract import WORDS

JsonObject = dict[str, Any]

# Kept and shown, never searched or counted: without doc values and index there is no limit on the length either.
_STORED: Final[JsonObject] = {"type": "keyword", "index": False, "doc_values": False}
# Looked up by its whole value; a longer one is kept all the same, but found by reading only.
LONGEST_KEY: Final = 8_000  # characters; the engine takes terms of up to 32,766 bytes
_LOOKED_UP: Final[JsonObject] = {"type": "keyword", "doc_values": False, "ignore_above": LONGEST_KEY}
_OBJECT: Final[JsonObject] = {"type": "object", "enabled": False}
# Grouped, summed and sorted by, which reads columns; nothing asks for the records of one value.
_COUNTED: Final[JsonObject] = {"type": "keyword", "index": False}
_WHOLE_NUMBER: Final[JsonObject] = {"type": "long", "index": False}
# Phrases must not span two values; 100 positions lie between them, and phrases are asked without slop.
_PHRASES: Final[JsonObject] = {"type": "text", "analyzer": "whitespace", "norms": False, "position_increment_gap": 100}
# Whether a note holds a term is all that is asked of the other columns: no frequencies, no positions.
_TERMS: Final[JsonObject] = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "docs"}
_FILTERED: Final[JsonObject] = {"type": "keyword"}
# Read from end to end, hardly ever one by one: a third less on the disk. It would slow down fetching single notes.
_PACKED: Final = (SEARCH.name,)

FIELD_MAPPINGS: Final[dict[Kind, JsonObject]] = {
    Kind.KEYWORD: _COUNTED,
    Kind.TEXT: _STORED,
    Kind.STRINGS: _STORED,
    Kind.TERMS: _TERMS,
    Kind.INTEGER: _WHOLE_NUMBER,
    Kind.NUMBER: {"type": "double", "index": False},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.TIMESTAMP: {"type": "long", "meta": {"unit": "micros"}},  # a date would lose the microseconds
    Kind.DAY: {"type": "date", "format": "strict_date"},
    Kind.RESULTS: _OBJECT,
    Kind.SHARES: _STORED,
    Kind.SKETCH: _STORED,
}


def record_mapping(record: Record) -> JsonObject:
    """The mapping of a record's indices; a field that is not declared is refused."""
    properties = {field.name: FIELD_MAPPINGS[field.kind] for field in record.fields}
    if WORDS in properties:
        properties[WORDS] = _PHRASES
    return {
        "dynamic": "strict",
        "_meta": {"schema_version": SCHEMA_VERSION, "record": record.name},
        "properties": {**properties, CONTENT_HASH: _STORED},
    }


def record_index(record: str, *, shards: int, replicas: int) -> JsonObject:
    """Body that makes an empty index of a record. It is refreshed by hand: nobody reads it before it is published."""
    packed = {"codec": "best_compression"} if record in _PACKED else {}
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": "-1",
            "max_result_window": 10_000,
            **packed,
        },
        "mappings": record_mapping(RECORDS[record]),
    }


def clone_settings(*, replicas: int, shards: int | None = None) -> JsonObject:
    """Body that makes a writable copy of a published index; with more shards where a number is given."""
    split = {} if shards is None else {"index.number_of_shards": shards}
    return {"settings": {"index.blocks.write": None, "index.number_of_replicas": replicas, **split}}


def meta_index(*, replicas: int) -> JsonObject:
    """Body that makes the index of the store's own documents; they are read by id only."""
    return _plain_index({"body": _OBJECT}, replicas)


def runs_index(*, replicas: int) -> JsonObject:
    """Body that makes the index of runs."""
    properties = {
        "run": _FILTERED,
        "name": _STORED,
        "created_at": _STORED,
        "manifest": _STORED,
        "saved": _FILTERED,
        "rows": _WHOLE_NUMBER,
    }
    return _plain_index(properties, replicas)


def run_rows_index(*, replicas: int) -> JsonObject:
    """Body that makes the index of the rows of runs."""
    properties = {
        "saved": _FILTERED,
        "section": _FILTERED,
        "position": _WHOLE_NUMBER,
        "key": _LOOKED_UP,
        "body": _STORED,
    }
    return _plain_index(properties, replicas)


def guard_template(patterns: list[str]) -> JsonObject:
    """Index template under which a write never makes an index: only the store does, by name."""
    return {"index_patterns": patterns, "priority": 500, "allow_auto_create": False, "template": {}}


def month_template(record: str, pattern: str, *, shards: int, replicas: int) -> JsonObject:
    """Index template of a record that lies in one index a month: whoever makes one, it is like those of the store."""
    index = record_index(record, shards=shards, replicas=replicas)
    return {"index_patterns": [pattern], "priority": 500, "allow_auto_create": False, "template": index}


def _plain_index(properties: JsonObject, replicas: int) -> JsonObject:
    return {
        "settings": {"number_of_shards": 1, "number_of_replicas": replicas, "refresh_interval": "-1"},
        "mappings": {
            "dynamic": "strict",
            "_meta": {"schema_version": SCHEMA_VERSION},
            "properties": properties,
        },
    }
