"""How a market is spread over its brands: concentration, the long tail, and what was not seen yet."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.market.results import Tail

Ints = npt.NDArray[np.int64]

LAST: Final = 0.10  # the part of all mentions that the long tail is


def tail_of(mentions: Ints) -> Tail:
    """The spread of some brands.

    * ``hhi``: sum of squared shares (Herfindahl, Hirschman), 1 / brands for equal ones, 1 for a single one;
    * ``unseen``: Good and Turing's estimate of the share of brands not seen, those mentioned once over all mentions;
    * ``chao1``: at least so many brands there are (Chao 1984, bias-corrected): ``s + f1 (f1 - 1) / 2 (f2 + 1)``.

    Args:
        mentions: Notes that speak of each brand, at least 1 each.
    """
    counts = np.sort(mentions)[::-1].astype(np.float64)
    total = float(counts.sum())
    if total == 0:
        return Tail(brands=0, once=0, hhi=0.0, top3=0.0, last_tenth=0, unseen=0.0, chao1=0.0)
    share = counts / total
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())  # noqa: PLR2004 - mentioned twice
    before = np.concatenate([[0.0], np.cumsum(share)[:-1]])
    return Tail(
        brands=counts.size,
        once=once,
        hhi=round(float((share**2).sum()), 4),
        top3=round(float(share[:3].sum()), 4),
        last_tenth=int((before >= 1.0 - LAST - 1e-12).sum()),
        unseen=round(once / total, 4),
        chao1=round(counts.size + once * (once - 1) / (2 * (twice + 1)), 1),
    )
