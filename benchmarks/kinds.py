"""Kinds of gaps found in made markets, held against what was planted in them.

``python -m benchmarks.kinds [SEED ...]`` makes a market for each seed in a temporary folder, imports it and analyzes
it twice: as it is, and with the shipped synonyms taken away, so that only those count that the store teaches. Seeds 1
and 2 are for choosing weights, 3 to 7 for reporting.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np

from data.samples.generate import write_market
from gapfinder import asked
from gapfinder.analysis import analyze
from gapfinder.results import GAP_KINDS
from gapfinder.samples import sample_files
from gapfinder.settings import Settings
from indexer.dictionary import shipped_synonyms
from indexer.importer import import_files
from indexer.stores import open_store

REPORTED_SEEDS: Final = (3, 4, 5, 6, 7)


def macro_f1(pairs: Iterable[tuple[str, str]], kinds: Sequence[str] = GAP_KINDS) -> dict[str, float]:
    """F1 of each kind that occurs as true or found, and their plain mean as ``macro``.

    Args:
        pairs: (true kind, found kind) of each keyword.
        kinds: The kinds that count.
    """
    table = Counter(pairs)
    found: dict[str, float] = {}
    for kind in kinds:
        right = table[kind, kind]
        held = sum(count for (true, _), count in table.items() if true == kind)
        called = sum(count for (_, shown), count in table.items() if shown == kind)
        if held + called:
            found[kind] = 2 * right / (held + called)
    found["macro"] = float(np.mean([found[kind] for kind in kinds if kind in found])) if found else 0.0
    return found


def judged_kinds(gaps: Iterable[Mapping[str, Any]], truth: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(planted kind, found kind) of every planted keyword and of its other phrasings that are keywords of their own.

    A planted keyword that an analysis does not list is no gap to its reader: ``met``; for a thin one (``unsure``) that
    is no answer at all, and it is left out.
    """
    planted: dict[str, str] = {}
    for keyword in truth["keywords"]:
        for variant in keyword["variants"]:
            if variant["how"] in {"phrasing", "synonym"}:
                planted[variant["query"].strip()] = keyword["kind"]
    own = {keyword["keyword"]: keyword["kind"] for keyword in truth["keywords"]}
    planted.update(own)
    shown = {gap["keyword"]: gap["gap_kind"] for gap in gaps}
    pairs = [(kind, shown[name]) for name, kind in planted.items() if name in shown]
    return pairs + [(kind, "met") for name, kind in own.items() if name not in shown and kind != "unsure"]


def learned_synonyms(manifest: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, float]:
    """How the pairs that an analysis proved from its own data compare with the shipped list, which it did not look at.

    Returns:
        ``precision``: share of the proven pairs that stand in one group of the list. ``recall``: share of the planted
        keywords of kind ``wording`` of which a word was proven to have another of its group.
    """
    group = {word: number for number, words in enumerate(shipped_synonyms()) for word in words}
    proven = [(word, group.get(word, -1) == group.get(other, -2)) for word, other, *_ in manifest["synonyms"]["pairs"]]
    right = {word for word, same in proven if same}
    planted = [keyword["words"] for keyword in truth["keywords"] if keyword["kind"] == "wording"]
    return {
        "precision": sum(same for _, same in proven) / max(1, len(proven)),
        "recall": sum(bool(right & set(words)) for words in planted) / len(planted),
    }


def wording_auc(gaps: Iterable[Mapping[str, Any]], truth: Mapping[str, Any]) -> float:
    """How well planted ``missing`` keywords are told from ``wording`` ones by the two probabilities (ROC AUC)."""
    planted = {keyword["keyword"]: keyword["kind"] for keyword in truth["keywords"]}
    shares: dict[str, list[float]] = {"missing": [], "wording": []}
    for gap in gaps:
        kinds = gap["kind_probabilities"]
        if (true := planted.get(gap["keyword"])) in shares:
            shares[true].append(kinds["missing"] / max(kinds["missing"] + kinds["wording"], 1e-9))
    pairs = [(missing > wording) + (missing == wording) / 2 for missing, wording in product(*shares.values())]
    return float(np.mean(pairs))


def made_market(folder: Path, seed: int) -> tuple[Path, dict[str, Any]]:
    """A store with the market of a seed in ``folder``, and the truth."""
    files, store_folder = folder / "market", folder / "store"
    files.mkdir()
    write_market(files, seed)
    truth: dict[str, Any] = json.loads((files / "truth.json").read_text(encoding="utf-8"))
    with open_store(str(store_folder), create=True) as store:
        import_files(store, sample_files(files), processes=0)
    return store_folder, truth


def found_in(store_folder: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The gaps that an analysis finds in a store, and the manifest of its run."""
    with open_store(str(store_folder)) as store:
        info = analyze(store, Settings.of()).info
        bodies = store.run_rows(info.run, "gaps").column("body").to_pylist()
        store.delete_run(info.run)
    return [json.loads(body) for body in bodies], dict(info.manifest)


@contextmanager
def without_shipped_synonyms() -> Iterator[None]:
    """Analyses in which no pair of words is known beforehand."""
    names = vars(asked)
    shipped = names["shipped_synonyms"]
    names["shipped_synonyms"] = tuple
    try:
        yield
    finally:
        names["shipped_synonyms"] = shipped


def measure(seeds: Sequence[int] = REPORTED_SEEDS) -> dict[str, Any]:
    """F1 of the kinds, wording against missing, and learned synonyms for each seed; mean and spread of the macro F1.

    Returns:
        ``seeds``: ``{seed: {"shipped": scores, "learned": scores, "synonyms": scores}}``, where ``learned`` is without
        shipped synonyms; ``mean``, ``sd`` and ``least`` of the macro F1 with them.
    """
    scores: dict[int, dict[str, dict[str, float]]] = {}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            store, truth = made_market(Path(folder), seed)
            gaps, manifest = found_in(store)
            with without_shipped_synonyms():
                bare, _ = found_in(store)
        scores[seed] = {
            name: {**macro_f1(judged_kinds(found, truth)), "auc": wording_auc(found, truth)}
            for name, found in (("shipped", gaps), ("learned", bare))
        }
        scores[seed]["synonyms"] = learned_synonyms(manifest, truth)
    macros = [score["shipped"]["macro"] for score in scores.values()]
    return {"seeds": scores, "mean": float(np.mean(macros)), "sd": float(np.std(macros)), "least": min(macros)}


if __name__ == "__main__":
    result = measure([int(seed) for seed in sys.argv[1:]] or REPORTED_SEEDS)
    for seed, score in result["seeds"].items():
        for name, values in score.items():
            print(f"{seed} {name:8}", "  ".join(f"{kind} {value:.2f}" for kind, value in values.items()))
    print(f"macro F1 {result['mean']:.3f} +/- {result['sd']:.3f}, least {result['least']:.3f}")
