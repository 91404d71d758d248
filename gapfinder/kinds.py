"""Which kind of gap a keyword is, with a probability each.

The unmet probability is divided among the kinds by what is lacking, as far as content tells: nothing answers at all
(``missing``), answers stand under other words (``wording``), or answers exist whose worth is lost to advertising
(``ads_only``), to age (``stale``) or to thin and unread text (``weak``). Answers that look good and yet leave searchers
unsatisfied count as ``weak`` too. The rest is ``met``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

GAPS: Final = ("missing", "wording", "weak", "stale", "ads_only")
_DOUBT: Final = 0.35  # standard deviation of the unmet rate from which nothing can be said
_THIN: Final = 3.0  # known outcomes below which content alone speaks


@dataclass(frozen=True)
class Lack:
    """What is lacking for each keyword; arrays of equal length, the first five not negative.

    Attributes:
        nothing: Probability that no note answers, under these or other words.
        other_words: Probability that notes answer under other words only.
        ads, age, thin: Shares of the answers' mass lost to advertising, age and thinness (0 to 1).
        good: Share that is left.
    """

    nothing: Floats
    other_words: Floats
    ads: Floats
    age: Floats
    thin: Floats
    good: Floats


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
            answered * (lack.thin + lack.good),
            answered * lack.age,
            answered * lack.ads,
        ]
    )
    total = weights.sum(axis=0)
    shares = np.divide(weights, total, out=np.full_like(weights, 1.0 / len(GAPS)), where=total > 0)
    probabilities = dict(zip(GAPS, shares * unmet, strict=True))
    return {**probabilities, "met": 1.0 - unmet}


def choose_kind(
    probabilities: dict[str, Floats], unmet: Floats, deviation: Floats, known: Floats, threshold: float
) -> list[str]:
    """The kind shown: ``met`` below the threshold, ``unsure`` where the data can't tell, else the likeliest gap."""
    best = np.argmax(np.stack([probabilities[kind] for kind in GAPS]), axis=0)
    unsure = (deviation > _DOUBT) & (known < _THIN) & (unmet > 1 - threshold - 0.2) & (unmet < threshold + 0.2)
    kinds = np.where(unmet >= threshold, np.array(GAPS)[best], "met")
    return [str(kind) for kind in np.where(unsure, "unsure", kinds)]
