"""Where the supply that was seen may be cut off: more notes may exist than were counted.

Three things cut it off: the store names only so many candidates for a need; a crawl that stops at some number of notes,
which the user declares (``crawl_limit``); and such a crawl that nobody declared, which shows as many different needs
with the very same largest number of notes. The supply of such a need is *at least* what was seen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_NEAR: Final = 0.9  # share of a declared limit: not every note that a crawl found holds all the words
_LEAST_CEILING: Final = 50  # a smaller largest number is no ceiling
_LEAST_NEEDS: Final = 5
_LEAST_SHARE: Final = 0.02


def supply_at_least(full: npt.NDArray[np.bool_], matching: Ints, crawl_limit: int) -> npt.NDArray[np.bool_]:
    """Whether the supply of each need may be more than was seen.

    Args:
        full: Whether it has as many candidates as a store names.
        matching: Notes that hold all its terms.
        crawl_limit: Notes at which the crawl of a keyword stopped; 0: not declared.
    """
    return full | notes_at_least(matching, crawl_limit)


def notes_at_least(matching: Ints, crawl_limit: int) -> npt.NDArray[np.bool_]:
    """Whether there may be more notes for each need than its ``matching`` says; ``crawl_limit`` as above."""
    least = crawl_limit * _NEAR if crawl_limit else pile_up(matching)
    return np.zeros(matching.size, bool) if least is None else matching >= least


def pile_up(matching: Ints) -> int | None:
    """The ceiling that many needs share: their largest number of notes, when it can't be chance."""
    found = matching[matching > 0]
    if found.size == 0:
        return None
    ceiling = int(found.max())
    sharing = int(np.count_nonzero(found == ceiling))
    if ceiling < _LEAST_CEILING or sharing < max(_LEAST_NEEDS, _LEAST_SHARE * found.size):
        return None
    return ceiling
