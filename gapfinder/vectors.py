"""Which words stand in like company: nearest words, learned from the notes and queries of the user's own store.

Co-occurrence within five words, nearer words weighing more; positive pointwise mutual information with smoothed
contexts, cut to 100 dimensions by a truncated singular value decomposition, U x sqrt(S), rows of length 1 (Levy,
Goldberg, Dagan 2015, *Improving Distributional Similarity with Lessons Learned from Word Embeddings*; randomized
decomposition: Halko, Martinsson, Tropp 2011).

Such vectors are associative, not synonymous: 干 and 油 stand in like company. Words that share characters as well are
likelier to mean the same, so the similarity by which neighbours are ordered is cosine + 0.7 x share of characters in
common. It proposes; it proves nothing.

Everything is summed in whole numbers (a distance of d weighs 60 // d), notes are chosen by their ids and results are
rounded to per mille, so that the order in which a store hands out its notes changes nothing. Matrix products run on one
thread: how many there are would decide about last digits, and on a busy machine one is the fastest.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy.linalg import eigh
from scipy.sparse import coo_array, csr_array
from threadpoolctl import threadpool_limits

from gapfinder.neighbours import Neighbours, nearest_words
from indexer.stores.contract import Snapshot

Ids = npt.NDArray[np.int32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

WINDOW: Final = 5
NEAR: Final = 60  # weight of neighbours at distance 1; divisible by every distance in the window
LEAST_COUNT: Final = 3
MOST_TOKENS: Final = 1_500_000
MOST_WORDS: Final = 20_000
MOST_PAIRS: Final = 3_000_000  # of words that stand near each other; the strongest
DIMENSIONS: Final = 100
SMOOTHING: Final = 0.75

_SEED: Final = 20_240_229
_SPARE: Final = 16  # dimensions beyond those that are kept, for accuracy
_ROUNDS: Final = 2  # of power iteration
_BLOCK: Final = 262_144  # tokens counted together
_NOTHING: Final = 1e-9
_AFTER_ALL: Final = b"g"  # after every hash


def train_neighbours(
    snapshot: Snapshot,
    queries: Sequence[Sequence[str]],
    weights: Sequence[int],
    *,
    words: Collection[str] | None = None,
    most_tokens: int = MOST_TOKENS,
) -> Neighbours:
    """Learn the nearest words from the notes of a snapshot and from queries.

    Args:
        snapshot: Its notes are read in one pass.
        queries: Terms of the distinct queries, in order.
        weights: How often each of them counts, from 1 on.
        words: Neighbours of these words only; None: of all. The others still may be neighbours.
        most_tokens: At most so many tokens of notes are learned from; which, the hashes of their ids decide.
    """
    tokens, value = _note_tokens(snapshot, most_tokens)
    asked = pa.array([term for query in queries for term in query], pa.string())
    lengths = np.array([len(query) for query in queries], np.int64)
    repeated = np.concatenate([np.ones(len(tokens), np.int64), np.repeat(np.array(weights, np.int64), lengths)])
    value = np.concatenate(
        [value, np.repeat(np.arange(lengths.size, dtype=np.int64) + value.max(initial=-1) + 1, lengths)]
    )
    encoded = pa.concat_arrays([tokens, asked]).dictionary_encode()
    known, ids = _vocabulary(encoded.dictionary, encoded.indices.to_numpy(), repeated)
    counts = _count_pairs(ids, value, repeated, len(known))
    if counts.nnz == 0:
        return Neighbours.none()
    with threadpool_limits(limits=1, user_api="blas"):
        return nearest_words(known, _word_vectors(_mutual_information(counts)), words)


@dataclass(frozen=True)
class _Texts:
    """Some notes: the hash of each id (hexadecimal), its number of tokens, its segmented values."""

    hashes: npt.NDArray[Any]
    counts: Ints
    values: pa.Array

    @classmethod
    def of(cls, batch: pa.RecordBatch) -> Self:
        hashes = [blake2b(note.encode(), digest_size=8).hexdigest() for note in batch["note_id"].to_pylist()]
        column = batch["text_terms"]
        spaces = pc.count_substring(pc.fill_null(column.flatten(), ""), " ").to_numpy(zero_copy_only=False)
        sums = np.concatenate([[0], np.cumsum(spaces + 1)])
        ends = np.cumsum(pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False))
        return cls(np.array(hashes, "S16"), np.diff(sums[np.concatenate([[0], ends])]).astype(np.int64), column)

    @classmethod
    def joined(cls, parts: Sequence[_Texts]) -> Self:
        return cls(
            np.concatenate([part.hashes for part in parts]),
            np.concatenate([part.counts for part in parts]),
            pa.concat_arrays([part.values for part in parts]),
        )

    def take(self, rows: npt.NDArray[np.intp]) -> _Texts:
        return _Texts(self.hashes[rows], self.counts[rows], self.values.take(pa.array(rows)))


def _note_tokens(snapshot: Snapshot, most: int) -> tuple[pa.Array, Ints]:
    """Tokens of the chosen notes and, for each, the number of the field value it stands in.

    The notes with the lowest hashes are chosen, as many as hold ``most`` tokens together: what comes in while the notes
    are read is cut back to them whenever it is twice as much, so that memory does not grow with the store.
    """
    waiting: list[_Texts] = []
    held, limit = 0, _AFTER_ALL
    for batch in snapshot.scan("note", ("note_id", "text_terms")):
        texts = _Texts.of(batch)
        waiting.append(texts.take(np.flatnonzero(texts.hashes < limit)))
        held += int(waiting[-1].counts.sum())
        if held > 2 * most:
            lowest, limit = _lowest(waiting, most)
            waiting, held = [lowest], int(lowest.counts.sum())
    if not waiting:
        return pa.array([], pa.string()), np.empty(0, np.int64)
    words = pc.split_pattern(pc.fill_null(_lowest(waiting, most)[0].values.flatten(), ""), " ")
    lengths = pc.list_value_length(words).to_numpy(zero_copy_only=False).astype(np.int64)
    return words.flatten(), np.repeat(np.arange(lengths.size, dtype=np.int64), lengths)


def _lowest(waiting: Sequence[_Texts], most: int) -> tuple[_Texts, bytes]:
    """The notes with the lowest hashes that have ``most`` tokens together at the most, and the first hash left out."""
    texts = _Texts.joined(waiting)
    order = np.argsort(texts.hashes, kind="stable")
    fitting = int(np.searchsorted(np.cumsum(texts.counts[order]), most, side="right"))
    left_out = texts.hashes[order[fitting]] if fitting < order.size else _AFTER_ALL
    return texts.take(order[:fitting]), bytes(left_out)


def _vocabulary(dictionary: pa.Array, indices: Ids, repeated: Ints) -> tuple[list[str], Ids]:
    """The words that are learned, most frequent first, and the tokens as places among them (-1: no such word)."""
    names = np.array(dictionary.to_pylist(), object)
    count = np.bincount(indices, repeated, names.size).astype(np.int64)  # whole numbers below 2^53 are exact
    by_name = np.array(sorted(range(names.size), key=names.__getitem__), np.int64)
    order = by_name[np.argsort(-count[by_name], kind="stable")]
    kept = order[(count[order] >= LEAST_COUNT) & (names[order] != "")][:MOST_WORDS]
    place = np.full(names.size, -1, np.int32)
    place[kept] = np.arange(kept.size, dtype=np.int32)
    return names[kept].tolist(), place[indices]


def _count_pairs(ids: Ids, value: Ints, repeated: Ints, words: int) -> csr_array:
    """How often words stand near each other: words x words, symmetric, whole numbers."""
    found = csr_array((words, words), dtype=np.int64)
    for start in range(0, ids.size, _BLOCK):
        rows, columns, weights = [], [], []
        for distance in range(1, WINDOW + 1):
            one = slice(start, max(start, min(start + _BLOCK, ids.size - distance)))
            other = slice(one.start + distance, one.stop + distance)
            a, b = ids[one], ids[other]
            near = np.flatnonzero((a >= 0) & (b >= 0) & (value[one] == value[other]) & (a != b))
            rows.append(np.minimum(a[near], b[near]))
            columns.append(np.maximum(a[near], b[near]))
            weights.append(repeated[one][near] * (NEAR // distance))
        pairs = (np.concatenate(rows), np.concatenate(columns))
        found += coo_array((np.concatenate(weights), pairs), shape=(words, words)).tocsr()
    found = _strongest(found)
    return (found + found.T).tocsr()


def _strongest(counts: csr_array, most: int = MOST_PAIRS) -> csr_array:
    """The counts from the lowest weight on from which there are no more than ``most``: weak ones are chance mostly."""
    if counts.nnz > most:
        counts.data[counts.data <= np.partition(counts.data, counts.nnz - most - 1)[counts.nnz - most - 1]] = 0
        counts.eliminate_zeros()
    return counts


def _mutual_information(counts: csr_array) -> csr_array:
    """Positive pointwise mutual information of words and smoothed contexts."""
    total = np.asarray(counts.sum(axis=1), np.float64)
    context = total**SMOOTHING
    with np.errstate(divide="ignore"):  # a word without company has no counts
        word, other = np.log(total).astype(np.float32), np.log(context / context.sum()).astype(np.float32)
    value = np.log(counts.data.astype(np.float32))
    value -= np.repeat(word, np.diff(counts.indptr))
    value -= other[counts.indices]
    kept = csr_array((np.maximum(value, 0.0), counts.indices, counts.indptr), shape=counts.shape)
    kept.eliminate_zeros()
    return kept


def _word_vectors(matrix: csr_array) -> Floats:
    """Rows of U x sqrt(S) of a truncated decomposition, each of length 1 (0 where a word has no company)."""
    size = matrix.shape[0]
    wide = min(DIMENSIONS + _SPARE, size)
    turned = matrix.T.tocsr()
    draw = np.random.default_rng(_SEED).standard_normal((size, wide), dtype=np.float32)
    basis = _orthonormal(matrix @ draw)
    for _ in range(_ROUNDS):
        basis = _orthonormal(matrix @ _orthonormal(turned @ basis))
    small = (turned @ basis).astype(np.float64)
    squares, left = eigh(small.T @ small)
    keep = np.argsort(-squares, kind="stable")[:DIMENSIONS]
    left = left[:, keep] * np.maximum(squares[keep], 0.0) ** 0.25
    vectors = basis.astype(np.float64) @ left
    length = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    scaled: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > _NOTHING).astype(np.float32)
    return scaled


def _orthonormal(columns: Floats) -> Floats:
    """An orthonormal basis of the columns by way of their inner products: many times faster than a QR decomposition.

    Directions in which the columns hardly reach are left 0.
    """
    wide = columns.astype(np.float64)
    squares, turn = eigh(wide.T @ wide)
    known = squares > squares.max(initial=0.0) * _NOTHING
    scale = np.divide(
        1.0, np.sqrt(squares, where=known, out=np.ones_like(squares)), out=np.zeros_like(squares), where=known
    )
    basis: Floats = (wide @ (turn * scale)).astype(np.float32)
    return basis
