"""A small classifier of short texts: multinomial logistic regression on characters, learned from given examples.

Texts are their characters, pairs and triples of them, hashed into a fixed number of places, weighted by sublinear
tf-idf (Manning, Raghavan, Schuetze 2008, *Introduction to Information Retrieval*, 6.4) and scaled to length 1. A text
may be given in several views (as written, as the kinds of its words, what stands around it); each has places of its
own. Few examples and no download are enough for comments of a line. Weights are whole numbers (per mille), so that the
label of a text is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from numba import types
from scipy.optimize import minimize
from scipy.sparse import csr_array, hstack
from scipy.special import log_softmax, softmax
from threadpoolctl import threadpool_limits

from indexer.stores.matching.compiled import compiled
from indexer.stores.matching.plan import bounds

Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

LONGEST: Final = 3  # characters of a feature
PLACES: Final = 1 << 15  # of a view
_UNIT: Final = 1_000
_ROUNDS: Final = 80
_BLOCK: Final = 1 << 14  # texts that are looked at together, so that many texts take little memory

i4, i8 = types.int32, types.int64


@dataclass(frozen=True)
class TextClassifier:
    """Tells which of some labels a text has.

    Attributes:
        labels: The labels, in the order of the columns.
        places: Hash places of each view.
        rarity: Weight of each place of all views (idf), per mille; 0: it is not used.
        weight: Places of all views, then marks, x labels, per mille.
        bias: Of each label, per mille.
    """

    labels: tuple[str, ...]
    places: int
    rarity: Ids
    weight: Ids
    bias: Ids

    @classmethod
    def fit(
        cls,
        views: Sequence[Sequence[str]],
        labels: Sequence[str],
        ridge: float,
        *,
        marks: Flags | None = None,
        places: int = PLACES,
        least: int = 1,
    ) -> Self:
        """Learn from examples by penalised maximum likelihood (L-BFGS), on one thread so that sums run in one order.

        Args:
            views: The examples, once for each view of them.
            labels: Their labels.
            ridge: Weight of half the squared weights in the loss.
            marks: Examples x marks: what else is known of each; None: nothing.
            places: Hash places of each view, a power of two.
            least: In how many examples a feature must occur to be used.

        Raises:
            ValueError: If there are no examples, or not as many labels as examples.
        """
        if not labels or any(len(view) != len(labels) for view in views):
            raise ValueError("every example needs a label, and there must be one at least")
        names = tuple(sorted(set(labels)))
        counts = [_counts(view, places) for view in views]
        spread = np.concatenate([np.bincount(rows.indices, minlength=places) for rows in counts])
        idf = np.rint(_UNIT * (np.log((1 + len(labels)) / (1 + spread)) + 1.0))
        rarity = np.where(spread >= max(least, 1), idf, 0.0).astype(np.int32)
        rows = _weighted(counts, rarity)
        used = np.flatnonzero(rarity)
        # Places that no example has can't be learned: the search leaves them out.
        rows = hstack([rows[:, used], *([] if marks is None else [csr_array(marks.astype(float))])], format="csr")
        target = np.zeros((len(labels), len(names)))
        target[np.arange(len(labels)), [names.index(label) for label in labels]] = 1.0
        shape = (rows.shape[1] + 1, len(names))
        across = rows.T.tocsr()

        def loss(flat: Floats) -> tuple[float, Floats]:
            weight = flat.reshape(shape)
            chance = log_softmax(rows @ weight[:-1] + weight[-1], axis=1)
            error = np.exp(chance) - target
            gradient = np.vstack([across @ error + ridge * weight[:-1], error.sum(axis=0)])
            return float(-(target * chance).sum() + 0.5 * ridge * (weight[:-1] ** 2).sum()), gradient.ravel()

        with threadpool_limits(limits=1, user_api="blas"):
            found = minimize(
                loss, np.zeros(shape[0] * shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS}
            )
        learned = np.rint(found.x.reshape(shape) * _UNIT).astype(np.int32)
        weight = np.zeros((rarity.size + shape[0] - 1 - used.size, len(names)), np.int32)
        weight[used] = learned[: used.size]
        weight[rarity.size :] = learned[used.size : -1]
        return cls(names, places, rarity, weight, learned[-1])

    def chances(self, views: Sequence[Sequence[str]], marks: Flags | None = None) -> Floats:
        """Probability of each label (columns) of each text (rows).

        Args:
            views: The texts, once for each view of them.
            marks: Texts x marks, as when it was fitted.
        """
        found: Floats = softmax(self.margins(views, marks), axis=1)
        return found

    def margins(self, views: Sequence[Sequence[str]], marks: Flags | None = None) -> Floats:
        """Logarithm of each probability but for a constant of the text; arguments as of :meth:`chances`."""
        size = len(views[0])
        margins = np.empty((size, len(self.labels)))
        for first in range(0, size, _BLOCK):
            block = slice(first, first + _BLOCK)
            rows = _weighted([_counts(view[block], self.places) for view in views], self.rarity)
            margins[block] = (rows @ self.weight[: self.rarity.size] + self.bias) / _UNIT
        if marks is not None:
            margins += marks.astype(float) @ (self.weight[self.rarity.size :] / _UNIT)
        return margins


def _counts(texts: Sequence[str], places: int) -> csr_array:
    """How often each text has each feature."""
    letters = np.frombuffer(
        "".join(texts).encode("utf-32-le"), np.int32
    ).copy()  # compiled code wants one that could be written
    start = bounds(np.array([len(text) for text in texts], np.int64))
    lengths = np.diff(start)
    sizes = bounds(sum(np.maximum(lengths - size, 0) for size in range(LONGEST)))
    found = np.empty(int(sizes[-1]), np.int32)
    _hash(start, letters, sizes, places - 1, found)
    rows = csr_array((np.ones(found.size), found, sizes), shape=(len(texts), places))
    rows.sum_duplicates()
    return rows


def _weighted(counts: Sequence[csr_array], rarity: Ids) -> csr_array:
    """Counts of all views as weights, each view scaled to length 1."""
    views = []
    for number, rows in enumerate(counts):
        weight = (1.0 + np.log(rows.data)) * rarity[number * rows.shape[1] + rows.indices]
        start = rows.indptr
        text = np.repeat(np.arange(rows.shape[0]), np.diff(start))
        norm = np.sqrt(
            np.bincount(text, weight**2, minlength=rows.shape[0])
        )  # each text by itself, whatever the others
        weight /= np.maximum(norm, 1.0)[text]
        views.append(csr_array((weight, rows.indices, start), shape=rows.shape))
    return views[0] if len(views) == 1 else hstack(views, format="csr")


@compiled(i8[::1], i4[::1], i8[::1], i8, i4[::1])
def _hash(start: Ints, letters: Ids, first: Ints, mask: int, places: Ids) -> None:
    """The place of every feature of every text."""
    for text in range(start.size - 1):
        at = first[text]
        for begin in range(start[text], start[text + 1]):
            code = np.int64(0)
            for size in range(LONGEST):
                if begin + size >= start[text + 1]:
                    break
                code = (code * 1_000_003 + letters[begin + size] + 7 * size + 1) & 0x7FFFFFFFFFFF
                places[at] = ((code * 2_654_435_761) >> 16) & mask
                at += 1
