"""The content model of a store: learned once from its own notes and log, kept with the results, used until it is stale.

The first analysis of a store learns it by itself; ``gapfinder calibrate`` does so on demand. A model is stale when the
text is cut by another segmenter, or when the store has at least twice as many notes or searches as it learned from. A
store too small to learn from uses what ships with the project. Models lie beside the runs; the newest few are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.answers.learning import ENOUGH_LABELS, Lessons, learn
from gapfinder.answers.model import LEARNED, AnswerModel
from gapfinder.answers.pseudo import PseudoQueries, chosen_titles, made_queries
from gapfinder.answers.shipped import SHIPPED
from gapfinder.candidates import Judged, find_candidates
from gapfinder.clicked import Clicked, clicked_notes
from gapfinder.duplicates import Duplicates
from gapfinder.labels import Labels
from gapfinder.meaning.finding import Meaning
from gapfinder.neighbours import Neighbours
from gapfinder.settings import Settings
from gapfinder.weights import Weights, idf_weights
from gapfinder.window import Window
from indexer.errors import NotFoundError, StoreError
from indexer.stores.contract import RUN_ROWS, WORDS, Manifest, RunInfo, Snapshot, Store

Floats = npt.NDArray[np.float64]
Terms = tuple[str, ...]

VERSION: Final = 5  # of features and recipe; a model of another one is not used
MOST_QUERIES: Final = 6_000  # of the log that are learned from
MOST_TITLES: Final = 3_000  # notes that queries are made from
MOST_KEPT: Final = 3  # models of a store
_NO_LABELS: Final[Labels] = {}
_GROWN: Final = 2  # times as many notes or searches make a model stale
_WORTH: Final = 0.5  # a note worth less may be left for what it is, not for what it says
_PREFIX: Final = "model-"
_MODEL, _NEAR, _LABELS, _WEIGHTS = "model", "neighbours", "labels", "weights"  # sections of a stored model


@dataclass(frozen=True)
class Calibration:
    """A content model with the near words and the weights of terms it was learned with.

    Attributes:
        model: The regressions.
        neighbours: Near words of the words of the store.
        basis: What it was learned from, as JSON values: version, segmenter, snapshot and its size, the window, and as
            ``lessons`` how many queries of the log and made from notes, queries with outcomes (labels among them),
            labels, and clicked pairs; and a digest of the weights.
        labels: What people said of keywords; kept with the model for the next one.
        weights: What the terms of the log weigh.
    """

    model: AnswerModel
    neighbours: Neighbours
    basis: Mapping[str, Any]
    labels: Labels = field(default_factory=dict)
    weights: Weights = field(default_factory=Weights)

    def calibrated(self, labels: int = ENOUGH_LABELS) -> bool:
        """Whether outcomes or labels of so many queries taught it that its probabilities mean what they say."""
        outcomes: int = self.basis["lessons"]["outcomes"]
        return self.model.origin == LEARNED and outcomes >= labels

    def labelled(self, labels: int = ENOUGH_LABELS) -> bool:
        """Whether so many keywords of the log were labelled by people."""
        return self.model.origin == LEARNED and int(self.basis["lessons"]["labels"]) >= labels

    def as_json(self) -> dict[str, Any]:
        """What a run's manifest says of it."""
        return {"name": self.model.name, "origin": self.model.origin, "basis": dict(self.basis), **self.model.figures}


@dataclass(frozen=True)
class LogQueries:
    """Queries of the log that may be learned from, in a fixed order.

    Attributes:
        terms: What each asks for.
        norms: The normalised queries behind each.
        demand, unsatisfied, known: Searches that count, and their outcomes.
    """

    terms: Sequence[Terms]
    norms: Sequence[Sequence[str]]
    demand: Floats
    unsatisfied: Floats
    known: Floats


def basis_of(manifest: Manifest, embedder: str | None = None) -> dict[str, Any]:
    """What of a snapshot decides whether a model fits it, with the name of the embedder where there is one."""
    return {
        "version": VERSION,
        "embedder": embedder,
        "segmenter": asdict(manifest.segmenter) if manifest.segmenter else None,
        "snapshot": manifest.name,
        "notes": manifest.counts.get("note", 0),
        "searches": manifest.counts.get("search", 0),
    }


def kept_models(store: Store) -> list[RunInfo]:
    """All models of a store, newest first; their manifests hold ``model`` (its name), ``origin`` and ``basis``."""
    return [info for info in store.runs() if info.run.startswith(_PREFIX)]


def fits(info: RunInfo, manifest: Manifest, embedder: str | None = None) -> bool:
    """Whether a kept model may judge a snapshot: same recipe, segmenter, embedder, and the store not outgrown it."""
    basis, wanted = _basis(info), basis_of(manifest, embedder)
    same = all(basis.get(name) == wanted[name] for name in ("version", "embedder", "segmenter"))
    sizes = {name: size for name in ("notes", "searches") if isinstance(size := basis.get(name), int)}
    return same and all(name in sizes and wanted[name] < _GROWN * max(sizes[name], 1) for name in ("notes", "searches"))


def kept_calibration(
    store: Store, snapshot: Snapshot, embedder: str | None = None, warn: Callable[[str], None] | None = None
) -> Calibration | None:
    """The newest sound model of the store that fits the snapshot (and the embedder, where there is one).

    A damaged one is passed over, which ``warn`` is told in a sentence.
    """
    for info in kept_models(store):
        if fits(info, snapshot.manifest, embedder):
            try:
                return _read(store, info)
            except NotFoundError:  # deleted meanwhile
                continue
            except _DamagedError as error:
                if warn is not None:
                    warn(f"the stored {info.run} is damaged ({error}) and is not used; gapfinder calibrate replaces it")
    return None


def kept_labels(store: Store) -> Labels:
    """The labels of the newest model that was given some, whether or not that model still fits."""
    for info in kept_models(store):
        with suppress(NotFoundError, StoreError, ValueError):  # deleted meanwhile, or damaged: an older one may do
            if labels := _read_labels(store, info):
                return labels
    return {}


def _read_labels(store: Store, info: RunInfo) -> Labels:
    rows = store.run_rows(info.run, _LABELS)
    pairs = zip(rows["key"].to_pylist(), rows["body"].to_pylist(), strict=True)
    return {key: bool(orjson.loads(value)) for key, value in pairs}


def keep_calibration(store: Store, calibration: Calibration) -> RunInfo:
    """Keep a model in the store, beside its runs, and forget all but the newest of its kind."""
    model = calibration.model
    name = _name_of(calibration)
    manifest = {"model": model.name, "origin": model.origin, "basis": dict(calibration.basis)}
    info = RunInfo(name, name, datetime.now(UTC), manifest)
    store.save_run(info, _rows(calibration))
    forget_models(store, but=MOST_KEPT)
    return info


def forget_models(store: Store, *, but: int = 0) -> int:
    """Delete the kept models but for the newest few of each embedder (and of none); gives how many were deleted."""
    seen: Counter[str] = Counter()
    forgotten = 0
    for info in kept_models(store):
        embedder = str(_basis(info).get("embedder"))
        seen[embedder] += 1
        if seen[embedder] > but:
            with suppress(NotFoundError):  # another process was quicker
                store.delete_run(info.run)
                forgotten += 1
    return forgotten


class _DamagedError(Exception):
    """What is kept as a model is none."""


def _basis(info: RunInfo) -> Mapping[str, Any]:
    basis = info.manifest.get("basis")
    return basis if isinstance(basis, dict) else {}


def _name_of(calibration: Calibration) -> str:
    """The name of a stored model, which changes with everything in it."""
    whole = [
        calibration.as_json(),
        calibration.neighbours.as_rows(),
        dict(calibration.labels),
        calibration.weights.as_rows(),
    ]
    return _PREFIX + blake2b(_canonical(whole), digest_size=6).hexdigest()


def _read(store: Store, info: RunInfo) -> Calibration:
    try:
        (body,) = store.run_rows(info.run, _MODEL)["body"].to_pylist()
        near = Neighbours.from_rows(_bodies(store, info, _NEAR))
        weights = Weights.from_rows(_bodies(store, info, _WEIGHTS))
        model, labels = AnswerModel.from_json(orjson.loads(body)), _read_labels(store, info)
        found = Calibration(model, near, _basis(info), labels, weights)
        name = _name_of(found)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, NotFoundError):
            raise
        raise _DamagedError(f"it can't be read: {type(error).__name__}") from error
    except StoreError as error:
        raise _DamagedError(error.message) from error
    if name != info.run:
        raise _DamagedError("it is not what was kept")
    return found


def _bodies(store: Store, info: RunInfo, section: str) -> dict[str, Any]:
    """The bodies of a section by key."""
    rows = store.run_rows(info.run, section)
    return {
        key: orjson.loads(value) for key, value in zip(rows["key"].to_pylist(), rows["body"].to_pylist(), strict=True)
    }


def _rows(calibration: Calibration) -> Iterator[pa.RecordBatch]:
    def batch(section: str, bodies: Mapping[str, Any]) -> pa.RecordBatch:
        columns = [
            pa.repeat(section, len(bodies)),
            pa.array(range(len(bodies)), pa.int64()),
            pa.array(list(bodies), pa.string()),
            pa.array([_canonical(body).decode() for body in bodies.values()], pa.string()),
        ]
        return pa.record_batch(columns, schema=RUN_ROWS)

    yield batch(_MODEL, {calibration.model.name: calibration.model.as_json()})
    near = calibration.neighbours.as_rows()
    if near:
        yield batch(_NEAR, near)
    if calibration.labels:
        yield batch(_LABELS, calibration.labels)
    weights = calibration.weights.as_rows()
    if weights:
        yield batch(_WEIGHTS, weights)


def _canonical(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def calibrate(
    snapshot: Snapshot,
    neighbours: Neighbours,
    log: LogQueries,
    duplicates: Duplicates,
    window: Window,
    settings: Settings,
    meaning: Meaning | None = None,
    labels: Labels = _NO_LABELS,
) -> Calibration:
    """Learn the content model of a snapshot; the shipped one where there is too little to learn from.

    Args:
        snapshot: What is learned from.
        neighbours: Near words of the words of queries.
        log: The queries of the log.
        duplicates: Groups of near-duplicate notes.
        window: The days whose results are looked at.
        settings: How notes are judged.
        meaning: Vectors of an embedder, as a further feature.
        labels: What people said of keywords; it stands instead of what searchers did.
    """
    said = np.array([_said(norms, labels) for norms in log.norms], np.float64)
    labelled = ~np.isnan(said)
    unsatisfied, known = np.where(labelled, 1.0 - said, log.unsatisfied), np.where(labelled, 1.0, log.known)
    chosen = _chosen(log, known, labelled)
    terms = [log.terms[number] for number in chosen]

    def weight(words: Sequence[str]) -> list[int]:
        known = idf_weights(snapshot, words, WORDS)
        return [known[word] for word in words]

    made = made_queries(chosen_titles(snapshot, MOST_TITLES), terms, weight, neighbours)
    needs = [*terms, *made.terms]
    basis = {
        **basis_of(snapshot.manifest, None if meaning is None else meaning.name),
        "notes": snapshot.count("note"),
        "searches": snapshot.count("search"),
        "window": {"from": window.first.isoformat(), "to": window.end.isoformat()},
        "lessons": {
            "log": len(terms),
            "made": len(made.terms),
            "outcomes": int((known[chosen] > 0).sum()),
            "labels": int(labelled[chosen].sum()),
            "clicked": 0,
        },
    }
    if not needs:
        return Calibration(SHIPPED, neighbours, basis, labels)
    weights = Weights.of(snapshot, [*log.terms, *made.terms])
    basis["weights"] = blake2b(_canonical(weights.as_rows()), digest_size=8).hexdigest()
    judged = find_candidates(snapshot, needs, neighbours, duplicates, window.end, settings, meaning, weights)
    norms = {norm: place for place, number in enumerate(chosen) for norm in log.norms[number]}
    clicks = clicked_notes(snapshot, window, settings, norms)
    outcomes = (unsatisfied[chosen], known[chosen], labelled[chosen])
    lessons = _lessons(judged, made, len(terms), clicks, outcomes)
    basis["lessons"]["clicked"] = int((lessons.read + lessons.left > 0).sum())
    return Calibration(learn(lessons) or SHIPPED, neighbours, basis, labels, weights)


def _said(norms: Sequence[str], labels: Labels) -> float:
    """The label of a query, by the first of its spellings that has one; NaN without."""
    return next((float(labels[norm]) for norm in norms if norm in labels), np.nan)


def _chosen(log: LogQueries, outcomes: Floats, labelled: npt.NDArray[np.bool_]) -> list[int]:
    """Distinct needs of the log: half of the room for known outcomes (labels first), the rest by the same hashes."""
    hashes = [blake2b(" ".join(terms).encode(), digest_size=8, key=b"log").digest() for terms in log.terms]
    order = sorted(range(len(hashes)), key=lambda number: (hashes[number], number))
    told = sorted((number for number in order if outcomes[number] > 0), key=lambda number: not labelled[number])
    known = told[: MOST_QUERIES // 2]
    others = set(known)
    rest = [number for number in order if number not in others][: MOST_QUERIES - len(known)]
    return sorted([*known, *rest])


def _lessons(
    judged: Judged,
    made: PseudoQueries,
    logged: int,
    clicks: Clicked,
    outcomes: tuple[Floats, Floats, npt.NDArray[np.bool_]],
) -> Lessons:
    """Candidates as lessons."""
    need, note = judged.need, judged.note
    needs = len(judged.sizes)
    group = judged.notes.group
    place = pc.index_in(pa.array(made.note_id, pa.string()), value_set=judged.notes.note_id)
    own_group = np.full(needs, -1, np.int64)
    there = place.is_valid().to_numpy(zero_copy_only=False)
    found = place.drop_null().to_numpy().astype(np.int64)
    own_group[logged:][there] = group[found]
    read, left = _labelled(judged, clicks, need, note)
    nothing = np.zeros(needs - logged)
    return Lessons(
        names=judged.names,
        features=judged.features,
        pattern=judged.pattern,
        need=need,
        sizes=judged.sizes,
        made=np.arange(needs) >= logged,
        own=(own_group[need] >= 0) & (group[note] == own_group[need]),
        read=read,
        left=np.where(judged.notes.worth[note] >= _WORTH, left, 0.0),
        unsatisfied=np.concatenate([outcomes[0], nothing]),
        known=np.concatenate([outcomes[1], nothing]),
        labelled=np.concatenate([outcomes[2], nothing > 0]),
    )


def _labelled(
    judged: Judged, clicks: Clicked, need: npt.NDArray[np.int64], note: npt.NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """How often the note of each pair was read after its query, and how often left; pairs by need, then note."""
    notes = len(judged.notes.note_id)
    place = pc.index_in(clicks.note_id, value_set=judged.notes.note_id)
    rows = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    key = clicks.query[rows] * notes + place.drop_null().to_numpy().astype(np.int64)
    pairs = need * notes + note
    at = np.minimum(np.searchsorted(pairs, key), pairs.size - 1)
    found = np.flatnonzero(pairs[at] == key) if pairs.size else np.empty(0, np.int64)
    read, left = np.zeros(pairs.size), np.zeros(pairs.size)
    read[at[found]], left[at[found]] = clicks.read[rows[found]], clicks.left[rows[found]]
    return read, left
