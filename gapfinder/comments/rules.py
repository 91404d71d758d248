"""Expressions that show what a comment wants or how a clause speaks of a point: data files beside this module."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Flags = npt.NDArray[np.bool_]

_NAMED: Final = re.compile(r"<([a-z]+)>")
_NAMES: Final = re.compile(r"([a-z]+) = (.+)")


@cache
def rules_of(name: str, given: tuple[tuple[str, str], ...] = ()) -> tuple[str, ...]:
    """The expressions of a file, for RE2, in its order.

    Args:
        name: ``intent``, ``clause`` or ``text``.
        given: Names that the file uses, and what they stand for.
    """
    known = dict(given)
    found: list[str] = []
    text = (resources.files(__package__) / "rules" / f"{name}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("# "):
            continue
        whole = _NAMED.sub(lambda part: known[part[1]], line)
        if named := _NAMES.fullmatch(whole):
            known[named[1]] = named[2]
        else:
            found.append(whole)
    return tuple(found)


def held(texts: Sequence[str], expressions: Sequence[str]) -> Flags:
    """Which expressions (columns) each text (rows) holds."""
    column = pa.array(texts, pa.string())
    found = np.zeros((len(texts), len(expressions)), bool)
    for number, expression in enumerate(expressions):
        found[:, number] = pc.match_substring_regex(column, expression).to_numpy(zero_copy_only=False)
    return found
