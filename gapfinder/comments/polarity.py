"""What a text says of a point, and whether a review is good or bad.

Of a point: the clause that names it is what counts, with those beside it. The point itself is put aside, and only
whether it is something good, something bad or a remedy is kept, so that 不勒 and 不闷 are one thing; a classifier
learned from the shipped examples weighs what is left. Of a whole text: words of praise and blame, turned round by a
denial close before them; what stands behind a contrast (但, 不过) counts more; and, where the lists say little, a
classifier learned from the same examples. Users who bring labelled reviews get a classifier of their own (characters,
tf-idf and logistic regression).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from gapfinder.comments import intent
from gapfinder.comments.examples import rows_of
from gapfinder.comments.kinds import LETTER, either_way, kinds_of, listed, normal
from gapfinder.comments.rules import held, rules_of
from gapfinder.lexicon import point_groups, words_of
from gapfinder.texts.classifier import TextClassifier

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int8]

POLARITIES: Final = ("praise", "complaint", "ask", "neutral")
LEAST_REVIEWS: Final = 300  # from which a model of one's own is better than the lists

_RIDGE: Final = 0.15
_PLACES: Final = 1 << 14
_READ: Final = 2_000  # characters of a text
_WHOLE: Final = "-"  # the point of an example that is about the whole text
_OF_COMMENT: Final = {"positive": "praise", "negative": "complaint", "question": "ask"}

# What stands for the point in its clause, by what it is.
_BAD, _GOOD, _REMEDY, _PLAIN = (chr(0xE180 + number) for number in range(4))
_POINT: Final = f"[{_BAD}{_GOOD}{_REMEDY}{_PLAIN}]"
_GIVEN: Final = (("bad", _BAD), ("good", _GOOD), ("remedy", _REMEDY), ("plain", _PLAIN), ("point", _POINT))

_REVIEW_RIDGE: Final = 0.4
_REVIEW_PLACES: Final = 1 << 18
_REVIEW_LEAST: Final = 3
_BESIDE: Final = 0.2  # weight of the lists beside what was learned: they know words that few reviews hold

_CUT: Final = "\ue1ff"
_SIGNS: Final = r"[,。!?;~、…\s]+"
_TURNS: Final = "(但是|但|不过|可是|可惜|然而|唯独|只是|就是|却|倒是|反倒|无奈|奈何)"

# How sure it is where a text names its point; each a mark of its own.
_NAMED, _CORE, _OTHERWISE, _LIKE, _NOWHERE = range(5)
_COMMON: Final = frozenset("的了是不没好很太用一有大小多少感度力味")  # characters that two words share by chance


def of_points(texts: Sequence[str], points: Sequence[str]) -> Places:
    """What each text says of a point, as its place in :data:`POLARITIES`.

    The first call learns from the shipped examples, which takes about a second.

    Args:
        texts: Texts as they were written.
        points: The point in question of each; its words need not be in the text.

    Returns:
        One number a text, in their order.

    Raises:
        ValueError: If there are not as many points as texts.
    """
    return _of_points().of(texts, points)


class PointModel:
    """Tells what is said of points, as learned from examples.

    Args:
        examples: Polarity, point and text of each; an empty point: the text shows how people speak, of whatever.
    """

    def __init__(self, examples: Sequence[tuple[str, str, str]]) -> None:
        views, marks = _read([row[2] for row in examples], [row[1] for row in examples])
        self._model = TextClassifier.fit(views, [row[0] for row in examples], _RIDGE, marks=marks, places=_PLACES)
        self._number = np.array([POLARITIES.index(label) for label in self._model.labels], np.int8)

    def of(self, texts: Sequence[str], points: Sequence[str]) -> Places:
        """What each text says of its point; arguments as of :func:`of_points`."""
        if len(texts) != len(points):
            raise ValueError(f"{len(texts)} texts can't speak of {len(points)} points: give one point a text")
        if not texts:
            return np.zeros(0, np.int8)
        found: Places = self._number[self._model.margins(*_read(texts, points)).argmax(axis=1)]
        return found


def point_examples() -> list[tuple[str, str, str]]:
    """Polarity, point and text of the shipped examples; those that are about no point have an empty one."""
    clauses = [(label, "" if point == _WHOLE else point, text) for label, point, text in _clause_rows()]
    comments = zip(*intent.examples(), strict=True)
    return clauses + [(_OF_COMMENT[label], "", text) for label, text in comments if label in _OF_COMMENT]


def _clause_rows() -> list[list[str]]:
    return rows_of("clauses") + rows_of("plain_clauses")


@cache
def _of_points() -> PointModel:
    return PointModel(point_examples())


def _read(texts: Sequence[str], points: Sequence[str]) -> tuple[list[list[str]], Flags]:
    """The clause of each point as written and as kinds of words, what stands around it, and the rules it meets."""
    plain = [text[:_READ] for text in normal(texts)]
    own, before, after = ([""] * len(plain) for _ in range(3))
    sure = np.zeros((len(plain), _NOWHERE + 1), bool)
    for row, (clauses, point) in enumerate(zip(_clauses(plain), normal(points), strict=True)):
        place, clause, how = _placed(clauses, point)
        sure[row, how] = True
        own[row] = clause
        if place >= 0:
            before[row], after[row] = "".join(clauses[:place]), "".join(clauses[place + 1 :])
    marks = (held(own, rules_of("clause", _GIVEN)), held(plain, rules_of("text")), either_way(plain))
    views = [
        [f"^{clause}$" for clause in own],
        [f"^{kinds}$" for kinds in _kinds_around(own)],
        [f"{one}|{other}" for one, other in zip(before, after, strict=True)],
        kinds_of(before),
        [f"^{kinds}" for kinds in kinds_of(after)],
    ]
    return views, np.column_stack([sure, *marks])


def _clauses(plain: Sequence[str]) -> list[list[str]]:
    """The clauses of texts; a word of contrast begins one, and a sign stays with what it ends."""
    column = pa.array(plain, pa.string())
    column = pc.replace_substring_regex(column, f"({_SIGNS})", f"\\1{_CUT}")
    column = pc.replace_substring_regex(column, f"(.{{2}}){_TURNS}", f"\\1{_CUT}\\2")
    found: list[list[str]] = pc.split_pattern(column, _CUT).to_pylist()
    return found


def _placed(clauses: Sequence[str], point: str) -> tuple[int, str, int]:
    """Which clause names the point, that clause with the point put aside, and how sure it is.

    Where no clause does (-1), it is the whole text.
    """
    if not point:
        return -1, "".join(clauses), _NOWHERE
    wordings = _wordings(point)
    for sure, wording in enumerate(wordings):
        for place, clause in enumerate(clauses):
            if wording in clause:
                return place, clause.replace(wording, _stands_for(wording)), min(sure, _OTHERWISE)
    letter = _stands_for(point)
    likely = set(point) - _COMMON
    shared = [len(likely & set(clause)) for clause in clauses]
    most = max(shared)
    if most == 0:
        return -1, letter + "".join(clauses), _NOWHERE
    place = shared.index(most)
    first = next(character for character in clauses[place] if character in likely)
    return place, clauses[place].replace(first, letter + first, 1), _LIKE


@lru_cache(maxsize=1 << 14)
def _wordings(point: str) -> tuple[str, ...]:
    """How a point may be worded, from sure to likely."""
    core = _without_verb(point)
    group = _groups().get(point, frozenset()) | _groups().get(core, frozenset())
    return tuple(dict.fromkeys((point, core, *sorted(group, key=lambda word: (-len(word), word)))))


@lru_cache(maxsize=1 << 14)
def _stands_for(wording: str) -> str:
    """What stands for a wording of a point: 去屑 is a remedy, 头屑 something bad."""
    if _without_verb(wording) != wording:
        return _REMEDY
    if any(wording in listed(kind) for kind in ("benefits", "aspects", "good")) or wording[-1] in "力性":
        return _GOOD
    return _BAD if wording in listed("complaints") or wording in listed("bad") else _PLAIN


def _without_verb(point: str) -> str:
    """The trouble in a remedy: 屑 in 去屑, 勒 in 不勒; any other point as it is."""
    for size in (2, 1):
        head, rest = point[:size], point[size:]
        removed = head in words_of("remove")
        trouble = rest in listed("complaints") or rest in words_of("ingredients")
        if (removed or head in words_of("negation")) and (trouble or (removed and len(rest) > 1)):
            return rest
    return point


@cache
def _groups() -> dict[str, frozenset[str]]:
    return {word: frozenset(group) for group in point_groups() for word in group}


def _kinds_around(clauses: Sequence[str]) -> list[str]:
    """The kinds of the words of clauses, with the letter of the point where it stands."""
    parts = [clause.partition(_letter(clause)) for clause in clauses]
    heads, tails = kinds_of([part[0] for part in parts]), kinds_of([part[2] for part in parts])
    return [head + part[1] + tail for head, part, tail in zip(heads, parts, tails, strict=True)]


def _letter(clause: str) -> str:
    return next((letter for _, letter in _GIVEN if letter in clause), _PLAIN)


# Kinds of words in a row, and what they add to a score; a denial turns round what it stands before.
_BETWEEN: Final = f"[{LETTER['much']}{LETTER['more']}{LETTER['now']}]?"
_WEIGHTS: Final = (
    (LETTER["good"], 1.0),
    (LETTER["benefits"], 0.5),
    (LETTER["bad"], -1.0),
    (LETTER["complaints"], -0.5),
    (f"{LETTER['deny']}{_BETWEEN}{LETTER['good']}", -2.0),
    (f"{LETTER['deny']}{_BETWEEN}{LETTER['benefits']}", -1.0),
    (f"{LETTER['deny']}{_BETWEEN}{LETTER['bad']}", 2.0),
    (f"{LETTER['deny']}{_BETWEEN}{LETTER['complaints']}", 1.0),
    (f"{LETTER['remove']}{LETTER['complaints']}", 0.5),
    (f"{LETTER['complaints']}{_BETWEEN}{LETTER['less']}", 1.0),
)
_HEARD: Final = 0.6  # the most that examples add to what the lists say of a whole text
_TAIL: Final = 1.0  # so much more counts what stands behind a contrast


def whole(texts: Sequence[str]) -> Floats:
    """Whether each text as a whole praises (above 0) or blames (below 0), and how surely.

    The first call learns from the shipped examples.

    Args:
        texts: Reviews or comments as they were written.

    Returns:
        One score a text, in their order; it has no unit.
    """
    return _of_wholes().of(texts)


class WholeModel:
    """Tells praise from blame by lists and by what was learned from examples.

    Args:
        examples: Polarity (praise or complaint) and text of each.
    """

    def __init__(self, examples: Sequence[tuple[str, str]]) -> None:
        plain = normal([text for _, text in examples])
        labels = [label for label, _ in examples]
        self._model = TextClassifier.fit((plain, kinds_of(plain)), labels, _RIDGE, places=_PLACES)

    def of(self, texts: Sequence[str]) -> Floats:
        """The score of each text."""
        if not texts:
            return np.zeros(0)
        plain = [text[:_READ] for text in normal(texts)]
        kinds = kinds_of(plain)
        return _HEARD * np.tanh(_odds(self._model, (plain, kinds))) + _by_lists(kinds)


def whole_examples() -> list[tuple[str, str]]:
    """The shipped examples that praise or blame: as a whole, as a comment, or all the points that are named in them."""
    told: dict[str, set[str]] = {}
    for label, _, text in point_examples():
        told.setdefault(text, set()).add(label)
    return [
        (label, text) for text, labels in told.items() for label in labels & {"praise", "complaint"} if len(labels) == 1
    ]


@cache
def _of_wholes() -> WholeModel:
    return WholeModel(whole_examples())


def _by_lists(kinds: Sequence[str]) -> Floats:
    """Praise less blame by the lists, of texts given as the kinds of their words."""
    column = pa.array(kinds, pa.string())
    turned = pc.match_substring(column, LETTER["contrast"])
    behind = pc.replace_substring_regex(column, f"^.*{LETTER['contrast']}", "")
    return _weighed(column) + _TAIL * _weighed(pc.if_else(turned, behind, ""))


def _weighed(kinds: pa.Array) -> Floats:
    total = np.zeros(len(kinds))
    for kind, weight in _WEIGHTS:
        total += weight * pc.count_substring_regex(kinds, kind).to_numpy(zero_copy_only=False)
    return total


def _odds(model: TextClassifier, views: Sequence[Sequence[str]]) -> Floats:
    """Logarithm of the odds that each text praises."""
    margins = model.margins(views)
    praise, complaint = (model.labels.index(label) for label in POLARITIES[:2])
    odds: Floats = margins[:, praise] - margins[:, complaint]
    return odds


class ReviewModel:
    """Tells praise from blame by what was learned from somebody's own labelled reviews.

    Args:
        model: Weights of characters.
    """

    def __init__(self, model: TextClassifier) -> None:
        self._model = model

    @classmethod
    def fit(cls, texts: Sequence[str], positive: Sequence[bool]) -> Self:
        """Learn from labelled reviews; arguments and errors as of :func:`learned`."""
        labels = [POLARITIES[0] if good else POLARITIES[1] for good in positive]
        if len(texts) != len(labels):
            raise ValueError(f"{len(texts)} reviews can't have {len(labels)} labels: give one label a review")
        if len(texts) < LEAST_REVIEWS or len(set(labels)) == 1:
            raise ValueError(
                f"at least {LEAST_REVIEWS} labelled reviews, good and bad ones, are needed to learn from them"
            )
        return cls(
            TextClassifier.fit([normal(texts)], labels, _REVIEW_RIDGE, places=_REVIEW_PLACES, least=_REVIEW_LEAST)
        )

    def scores(self, texts: Sequence[str]) -> Floats:
        """About the logarithm of the odds that each text praises: above 0 it does, below 0 it blames."""
        if not texts:
            return np.zeros(0)
        plain = normal(texts)
        return _odds(self._model, [plain]) + _BESIDE * _by_lists(kinds_of(plain))


def learned(texts: Sequence[str], positive: Sequence[bool]) -> ReviewModel:
    """Learn from labelled reviews: characters, pairs and triples of them, tf-idf, logistic regression.

    Args:
        texts: The reviews as they were written.
        positive: Whether each praises.

    Raises:
        ValueError: If there are fewer than :data:`LEAST_REVIEWS`, none that praises or none that blames, or not as many
            labels as texts.
    """
    return ReviewModel.fit(texts, positive)
