"""What the backtest says where the truth is known: false alarms when filling a gap does nothing, power when it does.

The market is simulated with the two things that fool a plain comparison. Better authors choose gaps, so notes in gaps
are read more although the gap does nothing; and a keyword is found to be a gap while its demand is high by chance, so
that demand falls back afterwards. Four ways judge each market: notes of gaps against all others (Mann-Whitney),
keywords permuted without matching, matched sets with plain reads, and matched sets with each author's usual level,
which is what the product does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.stats import mannwhitneyu

from benchmarks.record import keep
from gapfinder.backtest.permutation import PERMUTATIONS, NoteResults, compare, keyword_means
from gapfinder.backtest.sets import Bools, Floats, Ints, Sets, matched_sets, z_scores

RUNS: Final = 400
LEVEL: Final = 0.05
LEAST_RUNS: Final = 20
WAYS: Final = {
    "mann_whitney": "notes, Mann-Whitney",
    "unmatched": "keywords permuted, not matched",
    "plain_reads": "matched, plain reads",
    "product": "matched, author's usual level",
}
# What is added to ln reads, keywords, gaps.
CASES: Final[tuple[tuple[float, int, int], ...]] = (
    (0.0, 400, 60),
    (np.log(1.16), 400, 60),
    (np.log(1.35), 400, 60),
    (np.log(1.35), 100, 20),
)


@dataclass(frozen=True)
class Market:
    """One simulated market after the gaps were filled.

    Attributes:
        filled: Which keywords are filled gaps.
        category: Category of each keyword.
        variables: ln searches, ln reads of older notes, trend (keywords x 3), as known at the day.
        keyword, author: Of each new note.
        reads: ln reads of each new note.
        usual: ln of its author's usual reads, as its older notes show it.
    """

    filled: Bools
    category: Ints
    variables: Floats
    keyword: Ints
    author: Ints
    reads: Floats
    usual: Floats

    def notes(self, *, level: bool) -> NoteResults:
        """The notes with their outcome, relative to the author's level or not."""
        return NoteResults(self.keyword, self.author, self.reads - self.usual if level else self.reads)

    def sets(self) -> Sets:
        """The matched sets."""
        return matched_sets(self.filled, self.category, z_scores(self.variables))


def market(seed: int, *, keywords: int = 400, gaps: int = 60, effect: float = 0.0, chosen: float = 0.9) -> Market:
    """Simulate a market.

    Args:
        seed: Of everything drawn.
        keywords: Keywords with new notes.
        gaps: Filled gaps among them.
        effect: What a gap adds to ln reads of a note that fills it.
        chosen: How much better (ln reads) the authors are that choose gaps.
    """
    random = np.random.default_rng(seed)
    category = random.integers(0, 4, keywords)
    interest = random.normal(0, 0.6, keywords) + np.array([0.0, 0.3, -0.2, 0.5])[category]  # lasting
    chance = random.normal(0, 0.5, keywords)  # of these weeks; gone afterwards
    searches = 4 + interest + chance + random.normal(0, 0.1, keywords)
    older = 7 + 0.6 * interest + random.normal(0, 0.35, keywords)
    trend = 0.5 * chance + random.normal(0, 0.3, keywords)
    urge = 0.8 * chance + 0.4 * interest + random.normal(0, 0.8, keywords)
    filled = np.zeros(keywords, bool)
    filled[np.argsort(-urge, kind="stable")[:gaps]] = True
    author_level = random.normal(0, 0.8, 2 * keywords)
    by_level = np.argsort(author_level, kind="stable")
    number = 1 + random.poisson(1.5, keywords)
    keyword = np.repeat(np.arange(keywords), number)
    wanted = random.normal(0, 0.8, keyword.size) + chosen * filled[keyword]
    place = np.clip(np.searchsorted(author_level[by_level], wanted), 0, author_level.size - 1)
    author = by_level[place]
    older_notes = random.normal(0, 0.8, (keyword.size, 5))
    usual = 7 + author_level[author] + np.median(older_notes, axis=1)
    drawn = random.normal(0, 0.8, keyword.size)
    reads = 7 + 0.3 * interest[keyword] + author_level[author] + effect * filled[keyword] + drawn
    variables = np.column_stack([searches, older, trend])
    return Market(filled, category, variables, keyword, author, reads, usual)


def p_values(one: Market, seed: int) -> dict[str, float]:
    """What each of the four ways says of a market."""
    plain, sets, scores = one.notes(level=False), one.sets(), z_scores(one.variables)
    gap = one.filled[one.keyword]
    return {
        "mann_whitney": float(mannwhitneyu(one.reads[gap], one.reads[~gap]).pvalue),
        "unmatched": _unmatched(one, plain, seed),
        "plain_reads": compare(plain, one.filled, scores, sets, seed).p_value,
        "product": compare(one.notes(level=True), one.filled, scores, sets, seed).p_value,
    }


def _unmatched(one: Market, notes: NoteResults, seed: int) -> float:
    """Keywords of the whole market permuted, without regard to what they are like."""
    random = np.random.default_rng(seed)
    means, gaps = keyword_means(notes, one.filled.size), int(one.filled.sum())
    seen = abs(means[one.filled].mean() - means[~one.filled].mean())
    total, others = means.sum(), means.size - gaps
    drawn = np.array([random.permutation(means)[:gaps].sum() for _ in range(PERMUTATIONS)])
    beyond = np.abs(drawn / gaps - (total - drawn) / others) >= seen
    return float((1 + beyond.sum()) / (1 + PERMUTATIONS))


def measured(effect: float, keywords: int, gaps: int, runs: int, first: int = 0) -> dict[str, Any]:
    """How often each way rejects "no effect" at 5%, and how well the product's ratio and interval hold."""
    rejected = dict.fromkeys(WAYS, 0)
    held, found, matched = 0, [], []
    for seed in range(first, first + runs):
        one = market(seed, keywords=keywords, gaps=gaps, effect=effect)
        for way, p_value in p_values(one, seed).items():
            rejected[way] += int(p_value < LEVEL)
        sets = one.sets()
        tested = compare(one.notes(level=True), one.filled, z_scores(one.variables), sets, seed)
        held += bool(tested.low is not None and tested.high is not None and tested.low <= effect <= tested.high)
        found.append(tested.difference)
        matched.append(len(sets) / gaps)
    return {
        "ratio": round(float(np.exp(effect)), 2),
        "keywords": keywords,
        "gaps": gaps,
        "runs": runs,
        "rejected": {way: round(count / runs, 4) for way, count in rejected.items()},
        "coverage": round(held / runs, 4),
        "mean_ratio": round(float(np.exp(np.mean(found))), 3),
        "matched_share": round(float(np.mean(matched)), 3),
    }


def main(scale: float = 1.0) -> None:
    """Measure all cases with 400 markets each (times ``scale``)."""
    runs = max(LEAST_RUNS, int(RUNS * scale))
    cases = [measured(effect, keywords, gaps, runs) for effect, keywords, gaps in CASES]
    rows = [
        [
            f"x{case['ratio']:.2f}",
            case["keywords"],
            case["gaps"],
            *(f"{case['rejected'][way]:.1%}" for way in WAYS),
            f"x{case['mean_ratio']:.2f}",
            f"{case['coverage']:.0%}",
            f"{case['matched_share']:.0%}",
        ]
        for case in cases
    ]
    title = (
        f"Share of {runs} simulated markets in which each way says at 5% that filling gaps had an effect; in the first "
        "line there is none, so every alarm is false. Better authors choose gaps, and demand falls back."
    )
    heads = ["true ratio", "keywords", "gaps", *WAYS.values(), "ratio found", "interval holds", "gaps matched"]
    keep("backtest", title, {"cases": cases}, heads, rows)


if __name__ == "__main__":
    main()
