"""The model for stores that are too small to learn one from."""

from __future__ import annotations

from typing import Final

from gapfinder.answers.levels import LEVELS
from gapfinder.answers.logistic import Logistic
from gapfinder.answers.model import PAIR_NAMES, AnswerModel

SHIPPED: Final = AnswerModel(
    pair=Logistic(PAIR_NAMES, (0.0,) * 9, (1.0,) * 9, (2.0, 1.0, 0.5, 0.0, 1.0, 6.0, 1.0, 0.0, 0.0), -8.0),
    level=Logistic(LEVELS, (0.0,) * 6, (1.0,) * 6, (-2.0, -1.0, -1.0, -2.0, 0.0, -0.5), 3.0),
)
