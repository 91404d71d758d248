"""Supply of all needs at once: which notes answer each, what they are worth, and what is left unanswered.

The candidates of every need (:mod:`gapfinder.candidates`) are judged by the content model (:mod:`gapfinder.answers`).
A need stays unanswered with probability ``prod(1 - p x worth)`` over its notes. Taking one property of the notes into
account after the other (copies, advertising, age, quality) gives the stages of the decomposition.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from gapfinder.answers.levels import Sizes, levels_of
from gapfinder.answers.together import Groups, given_topic, moved
from gapfinder.candidates import Candidates, Weighed
from gapfinder.kinds import Lack
from gapfinder.pairing import Counts
from indexer.stores.threads import in_order, processors

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]

_TOGETHER: Final = 4_096  # needs measured together
_MOST_THREADS: Final = 4  # each holds a block of needs
_LEAST: Final = 0.01  # pairs below that probability are no answers and are left out


@dataclass(frozen=True)
class Answers:
    """Pairs of needs and the notes that may answer them.

    Sorted by need, then what the pair adds to supply and probability (both descending), then note id.

    Attributes:
        notes: The candidate notes.
        start: Pairs ``start[n]`` to ``start[n + 1]`` are those of need ``n``.
        need: Need of each pair.
        note: Its note, as a place among the candidates.
        probability: Probability that the note answers the need.
    """

    notes: Candidates
    start: Ints
    need: Ids
    note: Ids
    probability: Floats


@dataclass(frozen=True)
class Supply:
    """Supply of each need.

    Attributes:
        counts: Plain counts of the store.
        answers: The pairs behind it.
        full: Whether there are more candidates than the store was asked for.
        supply: Sum of worth, copies once.
        authors: How many equal authors the supply is worth (:func:`effective_authors`).
        words: Probability that nothing answers, by words alone, copies included.
        single: The same with copies counted once.
        seen: With advertising taken into account as well.
        fresh: With age as well.
        whole: With quality as well: the content probability of being unanswered.
        unanswered: Probability that no note answers, given that the need is unmet.
        ads, age, thin: Expected number of notes that answer and yet fail because of advertising, age or thinness, given
            that the need is unmet.

    Given that a need is unmet, no note both answers it and is worth reading; so by Bayes' rule a group of good notes is
    hardly on the topic after all, and a note of worth ``w`` that answers with ``a`` if its group is on the topic does
    so with ``a (1 - w) / (1 - a w)`` only, and fails for one of the three reasons that make up ``1 - w``. That is what
    tells a need that nothing answers from one whose answers are old, thin or advertising.
    """

    counts: Counts
    answers: Answers
    full: npt.NDArray[np.bool_]
    supply: Floats
    authors: Floats
    words: Floats
    single: Floats
    seen: Floats
    fresh: Floats
    whole: Floats
    unanswered: Floats
    ads: Floats
    age: Floats
    thin: Floats


def measure_supply(weighed: Weighed) -> Supply:
    """Supply of all needs from their candidates, as the model judges them together.

    Needs do not depend on each other, so they are gone through in blocks, and memory does not grow with all pairs.
    """
    needs = len(weighed.sizes)
    blocks = [(first, min(first + _TOGETHER, needs)) for first in range(0, max(needs, 1), _TOGETHER)]
    workers = min(_MOST_THREADS, processors())
    with ThreadPoolExecutor(workers) as pool:
        parts = list(in_order(pool, lambda block: _measured(weighed, *block), blocks, workers))
    pairs = [answers for answers, _ in parts]
    start = np.cumsum(np.concatenate([np.zeros(1, np.int64), *(np.diff(one.start) for one in pairs)]))
    need, note, probability = (
        np.concatenate([getattr(one, name) for one in pairs]) for name in ("need", "note", "probability")
    )
    columns = {name: np.concatenate([part[name] for _, part in parts]) for name in parts[0][1]}
    answers = Answers(weighed.notes, start, need, note, probability)
    return Supply(counts=weighed.counts, answers=answers, full=weighed.full, **columns)


def _measured(weighed: Weighed, first: int, last: int) -> tuple[Answers, dict[str, Floats]]:
    """The answers of the needs from ``first`` up to ``last``, and the other columns of :class:`Supply`."""
    rows = slice(int(weighed.start[first]), int(weighed.start[last]))
    needs, of_need = last - first, np.diff(weighed.start[first : last + 1])
    need = np.repeat(np.arange(needs), of_need)
    sizes = Sizes(weighed.sizes.terms[first:last], weighed.sizes.letters[first:last])
    model, probability = weighed.model, weighed.probability[rows]
    groups = Groups.of(need, weighed.pattern[rows], needs)
    levels = levels_of(model.level.names, weighed.names, weighed.best[first:last], probability, groups, sizes)
    none = model.none_answers(levels)
    kept = np.flatnonzero(probability >= _LEAST)
    by_group = kept[np.argsort(groups.of_pair[kept], kind="stable")]  # pairs of a group stay in the order of note ids
    need, note = need[by_group], weighed.note[rows][by_group]
    start = np.zeros(needs + 1, np.int64)
    np.cumsum(np.bincount(need, minlength=needs), out=start[1:])
    answering = moved(start, groups.of_pair[by_group], probability[by_group], none)
    adds = answering * weighed.notes.worth_of(note)
    order = np.lexsort((note, -answering, -adds, need))
    answers = Answers(weighed.notes, start, need[order].astype(np.int32), note[order], answering[order])
    columns = _stages(answers, groups.taken(by_group[order]), np.where(np.diff(start) > 0, 1.0, none))
    return replace(answers, need=answers.need + np.int32(first)), columns


def _stages(answers: Answers, groups: Groups, beyond: Floats) -> dict[str, Floats]:
    """Unanswered probability of each need, stage by stage; sums run in the stored order, so they repeat exactly.

    ``beyond`` is the probability that no note beyond the pairs answers: what is known of needs without pairs.
    """
    notes = answers.notes
    topic = groups.on_topic(answers.probability)
    words = beyond * np.exp(groups.sums(groups.log_none(answers.probability)))
    first = _first_of_group(answers)
    single = groups.taken(first)
    note, p = answers.note[first], answers.probability[first]
    v, f, q = notes.visibility[note], notes.freshness[note], notes.quality[note]

    def none(worth: Floats | None) -> Floats:
        return single.log_none(p, worth, topic)

    def left(worth: Floats | None) -> Floats:
        return beyond * np.exp(single.sums(none(worth)))

    def total(value: Floats) -> Floats:
        return np.bincount(answers.need[first], value, beyond.size).astype(np.float64)

    worth = v * f * q
    given = given_topic(single, p, topic)
    # P(group on topic | its notes do not satisfy), and each note's probability to answer and fail all the same.
    unmet = none(worth)
    still = np.clip(1.0 - (1.0 - topic) / np.exp(unmet), 0.0, 1.0)
    failing = still[single.of_pair] * given / (1.0 - given * worth)
    return {
        "supply": total(p * worth),
        "authors": effective_authors(answers.need[first].astype(np.int64), notes.author[note], p * worth, beyond.size),
        "words": words,
        "single": left(None),
        "seen": left(v),
        "fresh": left(v * f),
        "whole": left(worth),
        "unanswered": np.exp(single.sums(none(None) - unmet)),
        "ads": total(failing * (1.0 - v)),
        "age": total(failing * v * (1.0 - f)),
        "thin": total(failing * v * f * (1.0 - q)),
    }


def narrowed(supply: Supply, rows: Ints, need: Ints, needs: int) -> Supply:
    """Supply of other needs that some of the pairs alone answer; what lies beyond these pairs counts as no supply.

    Which words of a need a pair's note holds is not known any more, so the notes of each such need share one fate
    (:mod:`gapfinder.answers.together`): a little less supply than independent notes would be.

    Args:
        supply: Supply that the pairs are of; its plain counts are taken over as they are.
        rows: Rows of its answers; within a need in their order, and each at most once.
        need: New need of each of them, ascending.
        needs: How many new needs there are.
    """
    answers = supply.answers
    start = np.searchsorted(need, np.arange(needs + 1)).astype(np.int64)
    some = Answers(answers.notes, start, need.astype(np.int32), answers.note[rows], answers.probability[rows])
    groups = Groups(need, np.arange(needs, dtype=np.int64), needs)
    columns = _stages(some, groups, np.ones(needs))
    return Supply(counts=supply.counts, answers=some, full=np.zeros(needs, bool), **columns)


def lack_of(supply: Supply) -> Lack:
    """What each need lacks, given that it is unmet; other words are not looked at."""
    failing = supply.ads + supply.age + supply.thin
    ads, age, thin = (
        np.divide(reason, failing, out=np.zeros(failing.size), where=failing > 0)
        for reason in (supply.ads, supply.age, supply.thin)
    )
    return Lack(supply.unanswered, np.zeros(failing.size), ads, age, thin)


def effective_authors(need: Ints, author: Ints, worth: Floats, needs: int) -> Floats:
    """How many equal authors the supply of each need is worth; 0 where there is no supply.

    The inverse Simpson index (Hill's number of order 2, Hill 1973) of the shares of the supply by author:
    ``(sum of shares)^2 / sum of squared shares``. Ten notes of one author are worth one author.

    Args:
        need: Need of each pair of a need and a note that stands for its group.
        author: Author of the note.
        worth: What it adds to the supply of the need.
        needs: Number of needs.
    """
    people = int(author.max(initial=0)) + 1
    pair, of_pair = np.unique(need * people + author, return_inverse=True)
    each = np.bincount(of_pair, worth, pair.size)
    total = np.bincount(pair // people, each, needs)
    squares = np.bincount(pair // people, each**2, needs)
    return np.divide(total**2, squares, out=np.zeros(needs), where=squares > 0)


def _first_of_group(answers: Answers) -> Ints:
    """The pairs that stand for each (need, group), in order: its first, which adds most to supply."""
    if answers.need.size == 0:
        return np.empty(0, np.int64)
    group = answers.notes.group[answers.note]
    order = np.lexsort((group, answers.need))  # stable: pairs of a group keep their order
    need, group = answers.need[order], group[order]
    new = np.ones(order.size, bool)
    new[1:] = (need[1:] != need[:-1]) | (group[1:] != group[:-1])
    return cast("Ints", np.sort(order[new]))
