"""Regularised logistic regression on standardised features: few numbers, and the same ones on every store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits

Floats = npt.NDArray[np.float64]

_DECIMALS: Final = 4  # what is kept of a coefficient: last digits of an optimiser must not decide about a byte
_FLAT: Final = 1e-6  # a feature that varies less says nothing
_BLOCK: Final = 1_000_000


@dataclass(frozen=True)
class Logistic:
    """A fitted regression: log-odds = intercept + weight . (x - mean) / scale.

    Attributes:
        names: Names of the features, in order.
        mean, scale: What they are standardised by.
        weight: Of the standardised features.
        intercept: Log-odds of the mean.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    intercept: float

    @classmethod
    def fit(cls, names: Sequence[str], rows: npt.NDArray[Any], target: Floats, mass: Floats, ridge: float) -> Self:
        """Fit by penalised maximum likelihood (L-BFGS), on one thread so that sums run in one order.

        Args:
            names: Names of the columns.
            rows: Rows x features.
            target: 0 to 1 for each row: its label, or the share of its acts that have it.
            mass: Weight of each row.
            ridge: Weight of half the squared standardised weights in the loss.
        """
        values = rows.astype(np.float64)
        with threadpool_limits(limits=1, user_api="blas"):
            mean, scale = _standards(values, mass)
        z = (values - mean) / scale

        def loss(parameters: Floats) -> tuple[float, Floats]:
            score = z @ parameters[1:] + parameters[0]
            error = mass * (expit(score) - target)
            value = (mass * (np.logaddexp(0.0, score) - target * score)).sum()
            penalty = 0.5 * ridge * (parameters[1:] ** 2).sum()
            return float(value + penalty), np.concatenate([[error.sum()], z.T @ error + ridge * parameters[1:]])

        with threadpool_limits(limits=1, user_api="blas"):
            found = minimize(loss, np.zeros(values.shape[1] + 1), jac=True, method="L-BFGS-B", options={"maxiter": 500})
        weights = np.round(found.x, _DECIMALS) + 0.0
        return cls(
            tuple(names), tuple(mean.tolist()), tuple(scale.tolist()), tuple(weights[1:].tolist()), float(weights[0])
        )

    def score(self, rows: npt.NDArray[Any]) -> Floats:
        """Log-odds of each row; features are summed in their order, so that each row has one value on every machine."""
        score = np.full(len(rows), self.intercept)
        for start in range(0, len(rows), _BLOCK):
            part = slice(start, start + _BLOCK)
            for column, (mean, scale, weight) in enumerate(zip(self.mean, self.scale, self.weight, strict=True)):
                if weight:
                    score[part] += weight * ((rows[part, column].astype(np.float64) - mean) / scale)
        return score

    def as_json(self) -> dict[str, Any]:
        """The regression as JSON values."""
        return {
            "names": list(self.names),
            "mean": list(self.mean),
            "scale": list(self.scale),
            "weight": list(self.weight),
            "intercept": self.intercept,
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The regression that :meth:`as_json` gave."""
        names, mean, scale, weight = (tuple(value[name]) for name in ("names", "mean", "scale", "weight"))
        return cls(names, mean, scale, weight, float(value["intercept"]))


def _standards(values: Floats, mass: Floats) -> tuple[Floats, Floats]:
    """Weighted mean and standard deviation of each column, as they are kept; a column that is flat is left alone."""
    total = mass.sum()
    mean = (mass @ values) / total
    scale = np.sqrt(mass @ (values - mean) ** 2 / total)
    scale = np.where(scale < _FLAT, 1.0, scale)
    return mean.round(_DECIMALS), np.maximum(scale.round(_DECIMALS), 10.0**-_DECIMALS)
