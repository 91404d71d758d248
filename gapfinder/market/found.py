"""Groups of people found from what they search together, where nobody gave any.

Queries that the same people search stand near each other: positive pointwise mutual information of queries over people,
cut to 30 dimensions; a person is the mean of their queries, each weighing the more the fewer people search it; k-means
finds the groups (Levy, Goldberg, Dagan 2015; Lloyd 1982). In simulation (8 planted groups, 8 queries a person, two in
five of them from the group) that finds groups with a mean F1 of 0.7, by single words with 0.5 to 0.6.

A group is named by its most telling queries. Only who lies clearly nearer to one group than to the next belongs to it.
Since a group is made of queries, it is never told of a keyword that is one of those that name it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.cluster.vq import kmeans2
from scipy.sparse import csr_array
from scipy.sparse.linalg import svds
from threadpoolctl import threadpool_limits

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

DIMENSIONS: Final = 30
GROUPS: Final = 16
LEAST_PEOPLE: Final = 5  # who search a word
MOST_SHARE: Final = 0.10  # of all people; a word that more search tells nobody apart
_TOGETHER: Final = 3  # people who search two words
_SHIFT: Final = 1.5
_SEED: Final = 20_260_824
_STARTS: Final = 5
_ROUNDS: Final = 30
_SURE: Final = 0.5  # share of the people, by margin, that are told a group
_TELLING: Final = 4  # words in the name of a group
_TINY: Final = 1e-9


@dataclass(frozen=True)
class Groups:
    """Groups of people.

    Attributes:
        of: Group of each person; -1: none is clear enough.
        words: The most telling queries of each group, most telling first, as numbers.
    """

    of: Ints
    words: list[list[int]]


def found_groups(
    person: Ints, word: Ints, people: int, words: int, groups: int = GROUPS, floor: int = LEAST_PEOPLE
) -> Groups:
    """Find groups of people who search alike.

    Args:
        person: Person of each distinct pair of a person and a query that they searched.
        word: Its query, as a number.
        people: Number of people.
        words: Number of queries.
        groups: How many are looked for: about twice as many as there may be.
        floor: A query that fewer people searched tells nobody apart, and names no group.
    """
    none = Groups(np.full(people, -1, np.int64), [])
    spread = np.bincount(word, minlength=words)
    fits = (spread >= floor) & (spread <= max(floor, MOST_SHARE * people))
    kept = np.flatnonzero(fits)
    if kept.size <= groups:
        return none
    place = np.full(words, -1, np.int64)
    place[kept] = np.arange(kept.size)
    used = place[word] >= 0
    matrix = csr_array((np.ones(int(used.sum())), (person[used], place[word[used]])), shape=(people, kept.size))
    with threadpool_limits(limits=1, user_api="blas"):
        vectors = _word_vectors(matrix, people)
        if vectors is None:
            return none
        rare = np.log(people / spread[kept])
        position = matrix @ (vectors * rare[:, None])
        length = np.linalg.norm(position, axis=1)
        placed = np.flatnonzero(length > _TINY)
        if placed.size <= groups:
            return none
        position = position[placed] / length[placed, None]
        label, distance = _clustered(position, groups)
    order = np.sort(distance, axis=1)
    margin = order[:, 1] - order[:, 0]
    sure = margin >= np.quantile(margin, 1 - _SURE)
    of = none.of.copy()
    of[placed[sure]] = label[sure]
    telling = _telling(matrix, of, kept, groups)
    nameless = np.array([not own for own in telling], bool)
    of[(of >= 0) & nameless[np.maximum(of, 0)]] = -1
    return Groups(of, telling)


def _word_vectors(matrix: csr_array, people: int) -> Floats | None:
    """A vector of each word, of length 1; None where words hardly ever meet."""
    together = (matrix.T @ matrix).tocoo()
    apart = (together.row != together.col) & (together.data >= _TOGETHER)
    if apart.sum() <= DIMENSIONS:
        return None
    total = np.asarray(matrix.sum(axis=0)).ravel()
    rows, columns, both = together.row[apart], together.col[apart], together.data[apart]
    value = np.log(both * people / (total[rows] * total[columns])) - np.log(_SHIFT)
    kept = value > 0
    shape = (total.size, total.size)
    information = csr_array((value[kept], (rows[kept], columns[kept])), shape=shape)
    dimensions = min(DIMENSIONS, total.size - 2)
    if information.nnz <= dimensions:
        return None
    start = np.random.default_rng(_SEED).random(total.size)
    left, strength, _ = svds(information, k=dimensions, v0=start)
    vectors: Floats = left * np.sqrt(np.maximum(strength, 0.0))
    unit: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _TINY)
    return unit


def _clustered(position: Floats, groups: int) -> tuple[Ints, Floats]:
    """The best of several starts: the cluster of each row, and the distances to all centres."""
    best: tuple[float, Ints, Floats] | None = None
    for start in range(_STARTS):
        centres, label = kmeans2(position, groups, iter=_ROUNDS, minit="++", rng=_SEED + start)
        distance = np.sqrt(np.maximum(2.0 - 2.0 * position @ centres.T + (centres**2).sum(axis=1) - 1.0, 0.0))
        spread = float((distance[np.arange(label.size), label] ** 2).sum())
        if best is None or spread < best[0]:
            best = (spread, label.astype(np.int64), distance)
    assert best is not None
    return best[1], best[2]


def _telling(matrix: csr_array, of: Ints, kept: Ints, groups: int) -> list[list[int]]:
    """Words that people of each group search more than others, by the log of the ratio, weighed by how many do."""
    found = []
    total = np.asarray(matrix.sum(axis=0)).ravel()
    for group in range(groups):
        rows = np.flatnonzero(of == group)
        own = np.asarray(matrix[rows].sum(axis=0)).ravel()
        rest = total - own
        ratio = np.log((own + 0.5) / (rows.size + 1)) - np.log((rest + 0.5) / (of.size - rows.size + 1))
        score = np.round(np.where(own >= LEAST_PEOPLE, ratio * np.sqrt(own), -np.inf), 6)
        order = np.lexsort((kept, -score))[:_TELLING]
        found.append([int(kept[place]) for place in order.tolist() if np.isfinite(score[place]) and score[place] > 0])
    return found
