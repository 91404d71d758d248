"""The categories of a catalogue as shops write them: by name, or as a path from the widest to the narrowest.

``>``, arrows, ``|``, the backslash and their full-width forms always part levels, unless the sign that opens such a
pair stands in the text, too (《三国》). A slash is as often part of a name (面膜/泥膜). It parts levels where no other
sign does and

* what stands before the first slash opens another category of the catalogue, or is one itself;
* or three levels and more are written, which are not all of one kind (面膜/泥膜/眼膜);
* or every category of the catalogue is written with a slash, and there are three and more of them.

Empty levels are left out, and those that name nothing (其他, 全部商品). Of a level that is written twice the last
counts. A path of more than ten levels keeps the widest nine and the narrowest.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from indexer.normalize import normalize

MOST_LEVELS: Final = 10
Path = tuple[str, ...]

_SIGNS: Final = "|｜\\＼→⇒⟶➔➜➝➡▶►"
_PAIRS: Final = {">": "<", "＞": "＜", "》": "《", "〉": "〈", "›": "‹", "»": "«"}
_SLASH: Final = re.compile("[/／]")
_NAMELESS: Final = frozenset(
    [
        *(f"{other}{kind}" for other in ("其他", "其它") for kind in ("", "类", "类目", "分类", "品类", "商品")),
        *(f"{every}{kind}" for every in ("全部", "所有") for kind in ("", "类目", "分类", "品类", "商品")),
        *("未分类", "默认", "默认分类", "更多", "other", "others", "all"),
    ]
)
_LEVELS_OF_PATH: Final = 3  # so many parts between slashes are a path by themselves
_LEAST_EXPORT: Final = 3  # categories, all with a slash, that are an export of paths


def paths_of(texts: Iterable[str]) -> dict[str, Path]:
    """The path of each category of a catalogue, from the widest level to the narrowest; empty: it names none.

    Args:
        texts: All categories of the catalogue, as they are written: the rule for slashes looks at them together.
    """
    distinct = sorted(set(texts))
    parts = {text: _by_signs(text) for text in distinct}
    plain = [text for text in distinct if len(parts[text]) <= 1]
    for text in _parted_by_slashes(plain):
        parts[text] = _named(_SLASH.split(text))
    return {text: _path(own) for text, own in parts.items()}


def other_words(name: str) -> list[str]:
    """The names that one category lists (面膜/泥膜 goes by either); none where it lists none."""
    parts = _named(re.split("[/／、]", name))
    return parts if len(parts) > 1 else []


def _by_signs(text: str) -> list[str]:
    """The levels of a text by the signs that always part them."""
    signs = _SIGNS + "".join(sign for sign, opening in _PAIRS.items() if opening not in text)
    return _named(re.split(f"[-=—]*[{re.escape(signs)}]", text))


def _named(parts: Iterable[str]) -> list[str]:
    return [part.strip() for part in parts if any(map(str.isalnum, part))]


def _parted_by_slashes(texts: Sequence[str]) -> list[str]:
    """The texts in which a slash parts levels."""
    parts = {text: _named(_SLASH.split(text)) for text in texts}
    alone = {normalize(text) for text, own in parts.items() if len(own) == 1}
    slashed = {text: own for text, own in parts.items() if len(own) > 1}
    opened: dict[str, set[str]] = defaultdict(set)
    for text, own in slashed.items():
        opened[normalize(own[0])].add(text)
    export = not alone and len(slashed) >= _LEAST_EXPORT
    found = []
    for text, own in slashed.items():
        first = normalize(own[0])
        long = len(own) >= _LEVELS_OF_PATH
        if first in alone or len(opened[first]) > 1 or ((long or export) and not _alike(own)):
            found.append(text)
    return found


def _alike(parts: Sequence[str]) -> bool:
    """Whether parts are of one kind, and none is what the next is a kind of."""
    wider = any(after.endswith(before) for before, after in pairwise(parts))
    return len({part[-1] for part in parts}) == 1 and not wider


def _path(parts: Sequence[str]) -> Path:
    """The levels that count."""
    telling = [part for part in parts if normalize(part) not in _NAMELESS] or list(parts[-1:])
    last = {normalize(part): place for place, part in enumerate(telling)}
    levels = [part for place, part in enumerate(telling) if last[normalize(part)] == place]
    return tuple(levels if len(levels) <= MOST_LEVELS else [*levels[: MOST_LEVELS - 1], levels[-1]])
