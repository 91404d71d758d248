"""Which kind of gap a keyword is, with a probability each, and what to do about it.

The unmet probability is divided among the kinds by what is lacking, given that the need is unmet: nothing answers at
all (``missing``), answers stand under other words (``wording``), or answers exist and fail because they are advertising
(``ads_only``), old (``stale``) or thin and unread (``weak``). Their rest is ``met``.

All of that holds as far as the data can tell. ``unsure`` is the probability that they can't, for one of two reasons:

* *The verdict could turn.* The probability of falling on the other side of the threshold, by the deviation of the unmet
  probability, counts (doubled, so that a toss-up is 1, and squared, so that only real doubt weighs), and the less
  outcomes are known, the more.
* *The reason could be another.* Advertising and age can be seen on the notes. That answers are too thin is a judgement
  that needs searches to back it: of a need that seems to be unmet it is doubtful where few searched.

Few means few beside the setting ``sure_searches``: with that many searches a doubt counts half. The other kinds share
the rest, so that all seven add up to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from gapfinder.settings import Settings

Floats = npt.NDArray[np.float64]

GAPS: Final = ("missing", "wording", "weak", "stale", "ads_only")
VERDICT_OF: Final = {  # what to do about each kind
    "missing": "write",
    "weak": "write",
    "wording": "retitle",
    "stale": "refresh",
    "ads_only": "organic",
    "unsure": "measure",
    "met": "none",
}
_LEAST_DEVIATION: Final = 1e-9


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
        known: Searches with a known outcome.
        counted: Searches that count as demand.
    """

    deviation: Floats
    known: Floats
    counted: Floats


def kind_probabilities(lack: Lack, unmet: Floats, clarity: Clarity, settings: Settings) -> dict[str, Floats]:
    """Probability of each kind of gap, of ``unsure`` and of ``met``; they sum to 1 for every keyword.

    Args:
        lack: What is lacking.
        unmet: Unmet probability of each keyword.
        clarity: How much the data can tell.
        settings: ``gap_threshold`` and ``sure_searches`` are read.
    """
    shares = _shares(lack)
    unsure = _unsure(shares[GAPS.index("weak")], unmet, clarity, settings)
    known = 1.0 - unsure
    probabilities = {kind: share * unmet * known for kind, share in zip(GAPS, shares, strict=True)}
    return {**probabilities, "unsure": unsure, "met": (1.0 - unmet) * known}


def _shares(lack: Lack) -> Floats:
    """Share of each kind of :data:`GAPS` (rows), given that the need is unmet."""
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
    shares: Floats = np.divide(weights, total, out=np.full_like(weights, 1.0 / len(GAPS)), where=total > 0)
    return shares


def _unsure(weak: Floats, unmet: Floats, clarity: Clarity, settings: Settings) -> Floats:
    """Probability that the data can't tell; 1 where nobody searched."""
    enough = settings["sure_searches"]
    distance = np.abs(unmet - settings["gap_threshold"])
    turns = 2.0 * ndtr(-distance / np.maximum(clarity.deviation, _LEAST_DEVIATION))
    verdict = turns**2 * enough / (enough + clarity.known)
    seems_unmet = np.minimum(1.0, unmet / settings["gap_threshold"])
    reason = weak * seems_unmet * enough / (enough + clarity.counted)
    unsure: Floats = np.where(clarity.counted == 0, 1.0, np.maximum(verdict, reason))
    return unsure


def choose_kind(probabilities: dict[str, Floats], settings: Settings) -> list[str]:
    """The kind shown of each keyword.

    ``unsure`` where that is likelier than either verdict, a gap and none; otherwise ``met`` below the threshold (of the
    unmet probability, as far as the data can tell), and the likeliest kind of gap from there on.
    """
    gap = np.sum([probabilities[kind] for kind in GAPS], axis=0)
    met, unsure = probabilities["met"], probabilities["unsure"]
    threshold = settings["gap_threshold"]
    best = np.argmax(np.stack([probabilities[kind] for kind in GAPS]), axis=0)
    is_gap = gap * (1.0 - threshold) >= met * threshold
    kinds = np.where(is_gap, np.array(GAPS)[best], "met")
    return [str(kind) for kind in np.where(unsure >= np.maximum(gap, met), "unsure", kinds)]
