"""The model for stores that are too small to learn one from.

Learned without labels, as a store learns its own, from public titles, texts and queries of several kinds; only the
coefficients are here. Probabilities are relative to a store in which half of all needs are unmet.
"""

from __future__ import annotations

from typing import Final

from gapfinder.answers.levels import LEVELS
from gapfinder.answers.logistic import Logistic
from gapfinder.answers.model import PAIR_NAMES, AnswerModel

SHIPPED: Final = AnswerModel(
    pair=Logistic(
        PAIR_NAMES,
        mean=(0.448, 0.224, 0.647, 0.492, 0.208, 0.112, 0.399, 0.304, 0.115, 0.077, 1.036),
        scale=(0.221, 0.293, 0.441, 0.226, 0.226, 0.149, 0.286, 0.228, 0.237, 0.22, 0.39),
        weight=(-1.323, 4.136, -0.408, 0.335, -0.478, 0.706, 1.766, -0.646, 0.133, -0.74, 0.002),
        intercept=-6.191,
    ),
    level=Logistic(
        LEVELS,
        mean=(0.225, 0.411, 0.579, 0.604, 3.679, -1.655),
        scale=(0.199, 0.31, 0.325, 0.325, 2.025, 2.003),
        weight=(-1.264, -0.088, -0.149, -0.441, -0.205, -0.558),
        intercept=-0.181,
    ),
)
