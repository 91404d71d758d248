"""Cursors: opaque, bound to a run and to what was asked, so that a list that is paged through never shifts."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

import orjson

from api.problems import Fault, Invalid


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: in which run, at which item."""

    run: str
    start: int


def encode(place: Place, asked: object) -> str:
    """The cursor of a place in the answer to what was asked."""
    return base64.urlsafe_b64encode(orjson.dumps([place.run, place.start, _print(asked)])).decode().rstrip("=")


def decode(cursor: str, asked: object) -> Place:
    """The place a cursor names.

    Raises:
        Invalid: It is no cursor, or belongs to another question.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        run, start, print_ = orjson.loads(raw)
    except (binascii.Error, ValueError, TypeError):
        run = start = print_ = None
    if not isinstance(run, str) or type(start) is not int or start < 0 or print_ != _print(asked):
        raise Invalid(
            "the cursor does not belong to this question",
            hint="ask with the parameters of the first page, or without a cursor",
            errors=[Fault(where="query.cursor", message="unknown cursor")],
        )
    return Place(run, start)


def _print(asked: object) -> str:
    return hashlib.sha256(orjson.dumps(asked)).hexdigest()[:16]
