"""What terms weigh: rare ones tell more about what a note answers than common ones.

Weights belong to the content model that was learned with them and are kept with it, so that a day's new notes do not
move them a little all over: what was counted yesterday stays counted. A term that the model has not seen weighs what
the snapshot at hand says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from indexer.grams import query_grams
from indexer.stores.contract import GRAMS, WORDS, Snapshot

Terms = Sequence[Sequence[str]]

_TOGETHER: Final = 5_000  # weights in one row of what is kept


@dataclass(frozen=True)
class Weights:
    """Integer weights of terms: of words, and of character 2-grams."""

    words: Mapping[str, int] = field(default_factory=dict)
    grams: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, snapshot: Snapshot, needs: Terms, known: Self | None = None, grams: Terms | None = None) -> Self:
        """The weights of all terms of some needs: those that are known, the others from a snapshot.

        ``grams`` are those of the needs, where they are at hand.
        """
        grams = [query_grams(need) for need in needs] if grams is None else grams
        before = known or cls()
        return cls(_filled(snapshot, needs, WORDS, before.words), _filled(snapshot, grams, GRAMS, before.grams))

    def as_rows(self) -> dict[str, dict[str, int]]:
        """The weights in portions by name."""
        return {
            f"{kind}-{first // _TOGETHER}": dict(pairs[first : first + _TOGETHER])
            for kind, pairs in ((WORDS, sorted(self.words.items())), (GRAMS, sorted(self.grams.items())))
            for first in range(0, len(pairs), _TOGETHER)
        }

    @classmethod
    def from_rows(cls, rows: Mapping[str, Mapping[str, Any]]) -> Self:
        """What :meth:`as_rows` gave; ``ValueError`` where it is something else."""
        made: dict[str, dict[str, int]] = {WORDS: {}, GRAMS: {}}
        for name, portion in rows.items():
            kind = name.rpartition("-")[0]
            if kind not in made or not all(isinstance(weight, int) for weight in portion.values()):
                raise ValueError("weights are whole numbers of words or grams")
            made[kind].update(portion)
        return cls(made[WORDS], made[GRAMS])


def weights_from(vocabulary: Sequence[str], frequency: npt.NDArray[np.int64], notes: int) -> dict[str, int]:
    """Integer weight of every term: round(1000 x ln(1 + (N - df + 0.5) / (df + 0.5))), as in Okapi BM25.

    Args:
        vocabulary: The terms.
        frequency: Number of notes that hold each (df).
        notes: Number of all notes (N).
    """
    weight = np.rint(1000 * np.log1p((notes - frequency + 0.5) / (frequency + 0.5))).astype(np.int64)
    return dict(zip(vocabulary, weight.tolist(), strict=True))


def idf_weights(snapshot: Snapshot, terms: Iterable[str], column: str) -> dict[str, int]:
    """The weight of every term by the notes of a snapshot."""
    vocabulary = sorted(set(terms))
    if not vocabulary:
        return {}
    return weights_from(vocabulary, snapshot.document_frequency(vocabulary, column=column), snapshot.count("note"))


def _filled(snapshot: Snapshot, lists: Terms, column: str, known: Mapping[str, int]) -> dict[str, int]:
    asked = {term for terms in lists for term in terms}
    found = {term: known[term] for term in asked if term in known}
    return found | idf_weights(snapshot, asked - found.keys(), column)
