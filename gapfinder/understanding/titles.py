"""The brand of a product by its title, where nobody wrote it down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gapfinder.understanding.catalogue import is_ordinary
from gapfinder.understanding.suggest import without_lead
from indexer.normalize import normalize
from indexer.segment import Segmenter

_COMPATIBLE: Final = re.compile(r"(?:适用于?|兼容|适配|通用于|搭配|配)\s*$")

_LIKENESS: Final = re.compile(
    r"系|味|色|花纹|纹|造型|图案|印花|形|款|风|卷|主题|头像|香型|元素|同款"
)  # of a thing, no brand


@dataclass(frozen=True)
class KnownBrand:
    """A brand with what it sells; an ordinary word is one only where a title speaks of that."""

    name: str
    sells: tuple[str, ...] = ()


def brands_of_titles(
    titles: Sequence[str], aliases: Mapping[str, KnownBrand], segmenter: Segmenter
) -> list[KnownBrand | None]:
    """The brand of each title: the first alias that it names, of two at one place the longer.

    A brand that something is compatible with (适用于…) is not its own. An ordinary word is a brand where the title
    names what the brand sells, or begins with it and does not speak of its likeness (森林系, 苹果味).

    Args:
        titles: The titles.
        aliases: Brand by each of its names.
        segmenter: Cuts titles, so that a name within another word is none.
    """
    by_name = {"".join(segmenter.terms(normalize(name))): brand for name, brand in aliases.items()}  # La Mer is lamer
    by_name.pop("", None)
    longest = max((len(name) for name in by_name), default=0)
    plain = [normalize(title) for title in titles]
    return [_first(title, segmenter.terms(without_lead(title)), by_name, longest) for title in plain]


def _first(title: str, terms: Sequence[str], by_name: Mapping[str, KnownBrand], longest: int) -> KnownBrand | None:
    for at in range(len(terms)):
        joined, best = "", ""
        for term in terms[at:]:
            joined += term
            if len(joined) > longest:
                break
            if joined in by_name:
                best = joined
        if not best or _COMPATIBLE.search("".join(terms[:at])):
            continue
        brand = by_name[best]
        if not is_ordinary(best) or any(normalize(one) in title for one in brand.sells):
            return brand
        if at == 0 and not _LIKENESS.match("".join(terms)[len(best) :]):
            return brand
    return None
