"""Queries made from notes, as somebody might have typed who looked for just that note: their answer is known.

The words of a title that carry most (by idf, with some noise) are kept in their order, as many as queries of the log
have; now and then one is replaced by a near word or by one that people type elsewhere, because searchers do not know
how a title is worded. Which notes are taken, the hashes of their ids decide, so every store takes the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest
from typing import Final

import numpy as np
import pyarrow as pa

from gapfinder.neighbours import Neighbours
from indexer.stores.contract import Snapshot

Terms = tuple[str, ...]

SEED: Final = 20_261
_FEWEST: Final = 2  # words of a query that is made
_MOST: Final = 12
_OPENING: Final = 24  # terms of a text that stand for a missing title
_SPREAD: Final = 1.0  # standard deviation of the noise on idf (in nats)
_REPLACED: Final = 0.15  # probability of a word to be replaced by a near one, and again by any word of the log
_NEAREST: Final = 5


@dataclass(frozen=True)
class PseudoQueries:
    """Queries made from notes: their terms, and the id of the note that answers each."""

    terms: list[Terms]
    note_id: list[str]


def chosen_titles(snapshot: Snapshot, most: int) -> list[tuple[str, Terms]]:
    """Ids and title terms (or the first terms of the text) of the notes with the lowest hashes, by id."""
    chosen: list[tuple[bytes, str, Terms]] = []
    limit = b"g"  # after every hash
    for batch in snapshot.scan("note", ("note_id", "text_terms")):
        ids = batch["note_id"].to_pylist()
        ranks = [blake2b(note_id.encode(), digest_size=8, key=b"pseudo").hexdigest().encode() for note_id in ids]
        places = [place for place, rank in enumerate(ranks) if rank < limit]
        values = batch["text_terms"].take(pa.array(places, pa.int64())).to_pylist()
        for place, texts in zip(places, values, strict=True):
            terms = tuple(((texts and texts[0]) or "").split(" ")[:_OPENING])
            if len(set(terms)) >= _FEWEST:
                chosen.append((ranks[place], ids[place], terms))
        if len(chosen) > 2 * most:
            chosen = nsmallest(most, chosen)
            limit = chosen[-1][0]
    return sorted((note_id, terms) for _, note_id, terms in nsmallest(most, chosen))


def made_queries(
    titles: Sequence[tuple[str, Terms]],
    log: Sequence[Terms],
    weight: Callable[[Sequence[str]], Sequence[int]],
    neighbours: Neighbours,
) -> PseudoQueries:
    """A query from each title.

    Args:
        titles: Ids and title terms.
        log: Queries of the log, in a fixed order: their lengths and words are drawn from.
        weight: Gives the weight of terms, 1,000 x idf.
        neighbours: Near words.
    """
    random = np.random.default_rng(SEED)
    words = sorted({term for _, terms in titles for term in terms})
    idf = dict(zip(words, weight(words), strict=True))
    lengths = np.array([len(set(query)) for query in log] or [_FEWEST + 1])
    typed = [term for query in log for term in query] or words
    queries: list[Terms] = []
    for _, title in titles:
        distinct = list(dict.fromkeys(title))
        length = min(max(int(random.choice(lengths)), _FEWEST), _MOST)
        noisy = np.array([idf[term] / 1000.0 for term in distinct]) + random.normal(0.0, _SPREAD, len(distinct))
        kept = np.sort(np.argsort(-noisy, kind="stable")[:length])
        queries.append(tuple(dict.fromkeys(_typed(distinct[place], typed, neighbours, random) for place in kept)))
    return PseudoQueries(queries, [note_id for note_id, _ in titles])


def _typed(term: str, typed: Sequence[str], neighbours: Neighbours, random: np.random.Generator) -> str:
    """The word that somebody types for a word of a title."""
    draw = float(random.random())
    if draw < _REPLACED:
        near = [other for other, _, _ in neighbours.of(term)[:_NEAREST]]
        return near[int(random.integers(len(near)))] if near else term
    if draw < 2 * _REPLACED:
        return typed[int(random.integers(len(typed)))]
    return term
