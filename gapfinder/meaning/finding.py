"""What an analysis asks of meaning: the notes nearest to its needs, and an honest word where there is none to be had.

An embedder is an option. One that is named wrongly is the user's mistake and ends the analysis before it begins; one
that can't be reached, or gives answers that can't be trusted, costs one sentence, and the analysis goes on without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa

from gapfinder.meaning.effect import Effect, effect_sentence
from gapfinder.meaning.embedder import Embedder, open_embedder
from gapfinder.meaning.nearest import LEAST, NEAREST, cosines, nearest_notes
from gapfinder.meaning.texts import Ints, given_texts, note_texts
from gapfinder.meaning.vectors import Vectors, places_of, vectors_of
from gapfinder.settings import Settings
from indexer.errors import EmbedderError
from indexer.stores.contract import Snapshot, Store

NOT_USED: Final = "没能用上语义模型，本次结果只依据字词和搜索行为；原因见运行记录（embedder）。"
_LATIN: Final = re.compile(r"[0-9A-Za-z\u00c0-\u024f]")
_NONE: Final = Vectors(pa.array([], pa.string()), np.empty((0, 0), np.int8), np.empty(0, np.float32))

Say = Callable[[str], None]


@dataclass(frozen=True)
class MeaningPairs:
    """Needs and the notes nearest to them in meaning; columns of equal length.

    Sorted by need, then cosine descending, then note id.

    Attributes:
        need: Number of the need.
        note_id: Id of the note.
        cosine: Cosine of their vectors, per mille (1 to 1000).
        needs, notes: The vectors behind them.
    """

    need: Ints
    note_id: pa.Array
    cosine: Ints
    needs: Vectors
    notes: Vectors

    @classmethod
    def none(cls) -> Self:
        """No pairs at all: there is no embedder, or it could not be used."""
        nothing = np.empty(0, np.int64)
        return cls(nothing, _NONE.ids, nothing, _NONE, _NONE)

    def places(self, note_id: pa.Array) -> Ints:
        """Where notes stand among all notes by id, for :meth:`cosines`; -1 for a note that is not known."""
        return places_of(self.notes.ids, note_id)

    def cosines(self, need: Ints, place: Ints) -> Ints:
        """Cosines per mille of other pairs, for example of candidates that words have found; 0 where unknown.

        Args:
            need: Number of the need of each pair.
            place: Place of its note, from :meth:`places`.
        """
        return cosines(self.needs, self.notes, need, place)


def need_text(terms: Sequence[str]) -> str:
    """The terms of a need as people would write them: with a space only between two words of Latin letters."""
    text = ""
    for term in terms:
        apart = text and term and _LATIN.match(text[-1]) and _LATIN.match(term[0])
        text += f" {term}" if apart else term
    return text


def find_by_meaning(
    store: Store,
    snapshot: Snapshot,
    needs: Sequence[str],
    embedder: Embedder,
    *,
    most: int = NEAREST,
    least: int = LEAST,
) -> MeaningPairs:
    """The notes of a snapshot nearest to each need in meaning.

    Args:
        store: Where vectors are kept.
        snapshot: Its notes.
        needs: The needs as texts, for example by :func:`need_text`.
        embedder: What makes the vectors of texts that are not kept yet.
        most: Notes for each need at most.
        least: Least cosine, per mille.

    Raises:
        EmbedderError: The embedder can't be reached, or its answer can't be trusted.
    """
    return _find(store, embedder, _note_vectors(store, snapshot, embedder), needs, most, least)


class Meaning:
    """What an analysis knows by meaning; without an embedder, nothing.

    Args:
        store: Where vectors are kept.
        embedder: What makes them; None: no embedder was named.
        warn: Told in one sentence when the embedder can't be used.
    """

    def __init__(self, store: Store, embedder: Embedder | None, warn: Say) -> None:
        self._store = store
        self._embedder = embedder
        self._warn = warn
        self._notes: Vectors | None = None
        self.reason = ""  # why it is not used
        self.effect: Effect | None = None  # set by who judges with it and without

    @property
    def name(self) -> str | None:
        """Name of the embedder, without what is secret in its address."""
        return None if self._embedder is None else self._embedder.name

    @property
    def used(self) -> bool:
        """Whether there are vectors to judge by."""
        return self._notes is not None and not self.reason

    def read(self, snapshot: Snapshot) -> None:
        """Embed the notes of a snapshot, as far as their vectors are not kept yet."""
        if self._embedder is None:
            return
        try:
            self._notes = _note_vectors(self._store, snapshot, self._embedder)
        except EmbedderError as error:
            self._give_up(error)

    def find(self, needs: Sequence[str], *, most: int = NEAREST, least: int = LEAST) -> MeaningPairs:
        """The notes nearest to each need, as :func:`find_by_meaning`; none when the embedder can't be used."""
        if self._embedder is None or self._notes is None or self.reason:
            return MeaningPairs.none()
        try:
            return _find(self._store, self._embedder, self._notes, needs, most, least)
        except EmbedderError as error:
            self._give_up(error)
            return MeaningPairs.none()

    def tell(self, manifest: dict[str, Any]) -> None:
        """Write into the manifest of a run what the embedder was and did; nothing when none was named.

        ``embedder`` holds ``name``, ``used``, ``dimensions`` and ``effect`` where it was used, and ``reason`` where it
        was not; ``notes`` gets the Chinese sentence that the report shows.
        """
        if self._embedder is None:
            return
        told: dict[str, Any] = {"name": self._embedder.name, "used": self.used}
        sentence = ""
        if self.reason:
            told["reason"] = self.reason
            sentence = NOT_USED
        elif self._notes is not None:
            told["dimensions"] = int(self._notes.rows.shape[1])
        if self.effect is not None and self.used:
            told["effect"] = dict(self.effect)
            sentence = effect_sentence(self.effect)
        manifest["embedder"] = told
        if sentence:
            manifest["notes"] = [*manifest.get("notes", []), sentence]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._embedder is not None:
            self._embedder.close()

    def _give_up(self, error: EmbedderError) -> None:
        self.reason = error.message
        self._warn(f"{error.message}; the analysis goes on without it")


def prepare(store: Store, snapshot: Snapshot, settings: Settings, step: Say, warn: Say) -> Meaning:
    """Open the embedder that the settings name, if they do, and embed the notes of the snapshot.

    Args:
        store: Where vectors are kept.
        snapshot: What is analyzed.
        settings: Name the embedder, or none.
        step: Told what is being done.
        warn: Told in one sentence when the embedder can't be used.

    Raises:
        UsageError: The settings name no embedder that there could be, or one whose package is not installed.
    """
    if settings.embedder is None:
        return Meaning(store, None, warn)
    meaning = Meaning(store, open_embedder(settings.embedder), warn)
    step("计算笔记的语义向量")
    meaning.read(snapshot)
    return meaning


def _note_vectors(store: Store, snapshot: Snapshot, embedder: Embedder) -> Vectors:
    with note_texts(snapshot) as texts:
        return vectors_of(store, embedder, texts)


def _find(
    store: Store, embedder: Embedder, notes: Vectors, needs: Sequence[str], most: int, least: int
) -> MeaningPairs:
    with given_texts(needs) as texts:
        asked = vectors_of(store, embedder, texts)
    if len(asked) and len(notes) and asked.rows.shape[1] != notes.rows.shape[1] and notes.rows.shape[1]:
        raise EmbedderError(f"the embedder {embedder.name} gives needs and notes vectors of different lengths")
    pairs = nearest_notes(asked, notes, most=most, least=least)
    return MeaningPairs(pairs.need, notes.ids.take(pa.array(pairs.note)), pairs.cosine, asked, notes)
