"""Why a row of the table is not met and what was tried, by the row's name; shown only while it is not met."""

from __future__ import annotations

from typing import Final

WHY: Final[dict[str, str]] = {
    "near": (
        "Words say little about why a title that shares them does not answer. Tried: labels for pairs and for queries, "
        "all likenesses instead of the six robust ones, their products and squares (kept), a query's length (kept), "
        "more trust in the regression of needs (kept), second to tenth best notes, outcomes of like queries, boosted "
        "trees, more and less weight for made queries."
    ),
    "planted": (
        "What is missed are words whose other notes, never judged for these queries, hold all the words, and words of "
        "which one much searched query happens to be answered, or to have left satisfied: the order is by the share of "
        "searches, and the few most searched queries decide about it. Tried: groups of notes that share a fate (kept), "
        "a reading of content that leaves room for unseen answers (kept), keywords that stand apart (kept), wider and "
        "narrower shifts, shares of unanswered instead of unsatisfied searches (no difference beyond chance). Queries "
        "that count alike instead of by their searches reach 0.92 on the seeds that were looked at, but then it is no "
        "probability of a search any more, and unmet searches would not be its product with demand."
    ),
    "partial": (
        "A word whose answers are half left is hardly a gap: those left still answer. An order by the true shares "
        "themselves reaches 0.57 at 50% on the seeds that were looked at."
    ),
    "coverage": (
        "The planted keywords lie beyond what the shift of the others expects, all their queries together. Tried: a "
        "fitted width (kept), keywords that stand apart (kept), heavier tails, a fitted error of whole keywords (kept)."
    ),
    "calibration": (
        "Three hundred labels leave the level and the slope uncertain by some points; draws differ by a hundredth. "
        "Tried: judging each label by a model that has not seen it, lapse rates, a prior on the slope (all kept)."
    ),
    "wording": (
        "The detector is the benchmark's own and sees words only; a synonym from a general dictionary often can't "
        "stand in the query it was put into, so some of what it misses is no question anybody would type."
    ),
}
