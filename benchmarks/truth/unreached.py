"""Why a row of the table is not met and what was tried, by the row's name; shown only while it is not met."""

from __future__ import annotations

from typing import Final

WHY: Final[dict[str, str]] = {
    "near": (
        "Without labels the row is met. With the labels of one half as clicks the figure stands within a "
        "hundredth of its mark: words say little about why a title that shares them does not answer. Tried: "
        "labels for pairs and for queries, all likenesses instead of the six robust ones, their products and "
        "squares (kept: half a hundredth), second to tenth best notes, more and less weight for made queries."
    ),
    "planted": (
        "Five keywords a seed make one miss cost a fifth. What is missed are words whose other notes, never "
        "judged for these queries, hold all the words: searchers then leave unsatisfied, but so they do from the "
        "many queries that never had an answer. Tried: groups of notes that share a fate (kept), a shift fitted "
        "to what searchers did (kept)."
    ),
    "partial": (
        "The mean is far above the ratio at both shares; one seed of five draws level with it at 50%, where one "
        "keyword is a fifth and a word whose answers are half left is hardly a gap: those left still answer."
    ),
    "coverage": (
        "The intervals are too wide, not too narrow. They allow for the level of unsatisfied searches that a log so "
        "noisy leaves open: the sum of the middle figures stands a quarter to a third above the truth (see below), and "
        "the intervals hold that error too. The floor they rest on is what harder markets need (decision 0024)."
    ),
    "calibration": (
        "Three hundred labels leave the two numbers of the correction uncertain by some points; draws differ by a "
        "hundredth. Tried: judging each label by a model that has not seen it (kept)."
    ),
    "wording": (
        "The detector is the benchmark's own and sees words only; a synonym from a general dictionary often can't "
        "stand in the query it was put into, so some of what it misses is no question anybody would type."
    ),
}
