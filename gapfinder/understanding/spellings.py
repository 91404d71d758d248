"""One spelling for each name of a catalogue: those that differ in script, width, case or unseen characters are one."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping

from indexer.normalize import normalize

_UNSEEN = ("Cc", "Cf")  # controls and format characters, among them those that turn the direction of text


def seen(name: str) -> str:
    """A name as it is seen: without controls and format characters, spaces once."""
    shown = "".join(" " if sign.isspace() else sign for sign in name)
    return " ".join("".join(sign for sign in shown if unicodedata.category(sign) not in _UNSEEN).split())


def one_spelling(counts: Mapping[str, int]) -> dict[str, str]:
    """The spelling that stands for each name: of those that are normalised alike the most frequent one.

    Of equal ones the normal form stands for the others, else the first by code point.

    Args:
        counts: How often each name is written so.
    """
    alike: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, times in counts.items():
        alike[normalize(name)][seen(name)] += times
    best = {plain: min((-times, name != plain, name) for name, times in own.items())[2] for plain, own in alike.items()}
    return {name: best[normalize(name)] for name in counts}
