"""Which kind of gap a keyword is, with a probability each.

The unmet probability is divided among the kinds by what is lacking, given that the need is unmet: nothing answers at
all (``missing``), answers stand under other words (``wording``), or answers exist and fail because they are advertising
(``ads_only``), old (``stale``) or thin and unread (``weak``). The rest is ``met``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from gapfinder.settings import Settings

Floats = npt.NDArray[np.float64]

GAPS: Final = ("missing", "wording", "weak", "stale", "ads_only")
_DOUBT: Final = 0.35  # standard deviation of the unmet probability from which nothing can be said
_SILENT: Final = 3.0  # known outcomes below which content alone speaks
_MIDDLE: Final = 0.2  # distance from the threshold that is too close to call
_CLEAR: Final = 0.1  # content is clear when its probability is that near to 0 or 1


@dataclass(frozen=True)
class Lack:
    """What is lacking for each keyword, given that it is unmet; arrays of equal length, 0 to 1.

    Attributes:
        nothing: Probability that no note answers, under these or other words.
        other_words: Probability that notes answer under other words only.
        ads, age, thin: For what share of the failing answers each is the reason; they sum to 1, or are all 0.
    """

    nothing: Floats
    other_words: Floats
    ads: Floats
    age: Floats
    thin: Floats


@dataclass(frozen=True)
class Clarity:
    """How much the data of each keyword can tell; arrays of equal length.

    Attributes:
        deviation: Standard deviation of the unmet probability.
        content: Unmet probability by content alone.
        known: Searches with a known outcome.
        counted: Searches that count as demand.
    """

    deviation: Floats
    content: Floats
    known: Floats
    counted: Floats


def kind_probabilities(lack: Lack, unmet: Floats) -> dict[str, Floats]:
    """Probability of each kind and of ``met``; they sum to 1 for every keyword.

    Args:
        lack: What is lacking.
        unmet: Unmet probability of each keyword.
    """
    answered = np.clip(1.0 - lack.nothing - lack.other_words, 0.0, 1.0)
    weights = np.stack(
        [
            lack.nothing,
            lack.other_words,
            answered * lack.thin,
            answered * lack.age,
            answered * lack.ads,
        ]
    )
    total = weights.sum(axis=0)
    shares = np.divide(weights, total, out=np.full_like(weights, 1.0 / len(GAPS)), where=total > 0)
    probabilities = dict(zip(GAPS, shares * unmet, strict=True))
    return {**probabilities, "met": 1.0 - unmet}


def choose_kind(probabilities: dict[str, Floats], clarity: Clarity, settings: Settings) -> list[str]:
    """The kind shown: ``met`` below the threshold, ``unsure`` where the data can't tell, else the likeliest gap.

    The data can't tell when next to nothing is known of what searchers did and the unmet probability lies in the middle
    with a wide interval, when nobody searched at all, or when few searched and what exists neither answers nor fails to
    answer clearly.
    """
    unmet, threshold = 1.0 - probabilities["met"], settings["gap_threshold"]
    best = np.argmax(np.stack([probabilities[kind] for kind in GAPS]), axis=0)
    silent = (clarity.known < _SILENT) & (clarity.deviation > _DOUBT) & (np.abs(unmet - threshold) < _MIDDLE)
    unclear = (clarity.content > _CLEAR) & (clarity.content < 1 - _CLEAR)
    thin = (clarity.counted < settings["sure_searches"]) & unclear & (unmet >= threshold)
    kinds = np.where(unmet >= threshold, np.array(GAPS)[best], "met")
    return [str(kind) for kind in np.where(silent | thin | (clarity.counted == 0), "unsure", kinds)]
