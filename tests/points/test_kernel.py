"""The kernel that finds phrases, against the grammar written plainly."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from gapfinder.lexicon import words_of
from gapfinder.points.phrases import find_phrases
from gapfinder.points.roles import Roles
from gapfinder.texts.words import Words
from tests.points.made import Said, flags, read

SKIPPED = 3  # words that add nothing, at most, between two parts of a phrase
COMPLEMENTS = ("得", "死", "爆")
_LISTS = ("remove", "give", "negation", "degree", "complaints", "benefits", "ingredients", "stress")
# One word of every combination of lists, short and long: whatever the kernel may meet.
_KINDS = {
    (len(word) == 1, *(word in words_of(name) for name in _LISTS)): word
    for name in _LISTS
    for word in sorted(words_of(name))
}
LISTED = [*sorted(_KINDS.values()), "去头屑", "不勒肚", "不柔顺"]
PLAIN = ["洗发水", "头皮", "腰贴", *COMPLEMENTS, "是", "的"]
WORD = st.sampled_from([*LISTED, *PLAIN])
FREQUENT = st.sampled_from(
    ["去", "不", "滋养", "很", "头屑", "痒", "柔顺", "香", "水", "头皮", "洗发水", "得", "死", "是", "的", "油", "就"]
)
VALUE = st.lists(WORD | FREQUENT, min_size=1, max_size=12)
TEXTS = st.lists(st.lists(VALUE, max_size=3), min_size=1, max_size=4)
BODY = st.sets(st.sampled_from([*PLAIN, "痒", "香", "水"]))  # whatever is learned, the kernel must cope


def holds(word: str, *names: str) -> bool:
    return any(word in words_of(name) for name in names)


def is_state(word: str) -> bool:
    return holds(word, "complaints", "benefits")


def is_short(word: str) -> bool:
    return len(word) == 1 and is_state(word)


def said(word: str) -> str:
    return "complained" if holds(word, "complaints") else "praised"


def skipped(value: list[str], at: int, *names: str) -> int | None:
    """Behind the words that add nothing; None: the value ends before."""
    for _ in range(SKIPPED):
        if at < len(value) and holds(value[at], *names) and not is_state(value[at]):
            at += 1
    return at if at < len(value) else None


def behind_verb(value: list[str], at: int, body: Collection[str]) -> tuple[int, str, str] | None:
    verb = value[at]
    part = skipped(value, at + 1, "degree")
    if part is None:
        return None
    near: int | None = part
    through_part = value[part] in body and not holds(value[part], "complaints")
    if through_part:
        near = skipped(value, part + 1, "degree")
    if near is not None:
        word = value[near]
        without = holds(word, "ingredients") and near == part and not holds(verb, "give")
        unwanted = holds(word, "complaints") or without
        if unwanted and holds(verb, "remove", "negation"):
            return near, word, "promised" if holds(verb, "remove") else "spared"
        good = holds(word, "benefits") and len(word) > 1
        if good and holds(verb, "negation") and not holds(verb, "remove"):
            return near, word, "lacking"
    if value[part] in body and holds(verb, "give"):
        return part, verb + value[part], "promised"
    return None


def behind_part(value: list[str], at: int) -> tuple[int, str, str] | None:
    near = skipped(value, at + 1, "degree", "negation")
    if near is None or not is_state(value[near]):
        return None
    good, denied = holds(value[near], "benefits"), any(holds(word, "negation") for word in value[at + 1 : near])
    way = ("lacking" if good else "spared") if denied else ("praised" if good else "complained")
    return near, value[near], way


def phrase_at(value: list[str], at: int, body: Collection[str]) -> tuple[int, str, str] | None:
    """Where the phrase ends that begins at a word, its core and its way."""
    word = value[at]
    found = behind_verb(value, at, body) if holds(word, "remove", "negation", "give") else None
    if found is None and word in body:
        found = behind_part(value, at)
    if found is None and holds(word, "stress") and not (is_state(word) or holds(word, "remove", "negation", "give")):
        near = value[at + 1] if at + 1 < len(value) else ""
        if len(near) == 1 and is_state(near):
            found = at + 1, near, said(near)
    if found is None and word == "是" and value[at + 2 : at + 3] == ["的"] and is_short(value[at + 1]):
        found = at + 2, value[at + 1], said(value[at + 1])
    if found is None and is_short(word) and at + 1 < len(value) and value[at + 1] in COMPLEMENTS:
        found = at + 1, word, said(word)
    if found is None and is_state(word) and len(word) > 1:
        found = at, word, "praised" if holds(word, "benefits") else "complained"
    if found is None and word in ("去头屑", "不勒肚", "不柔顺") and not is_state(word):
        found = at, word[1:], {"去": "promised", "不": "spared"}[word[0]] if word != "不柔顺" else "lacking"
    return found


def plainly(text: list[list[str]], body: Collection[str]) -> list[Said]:
    found = []
    for value in text:
        at = 0
        while at < len(value):
            phrase = phrase_at(value, at, body)
            end = at if phrase is None else phrase[0]
            if phrase is not None:
                found.append(Said(" ".join(value[at : end + 1]), *phrase[1:]))
            at = end + 1
    return found


@given(TEXTS, BODY)
def test_phrases_are_what_the_grammar_says(texts: list[list[list[str]]], body: set[str]) -> None:
    words = Words.of(sorted(body))
    roles = Roles(words)
    column = pa.array([[" ".join(value) for value in text] for text in texts], pa.list_(pa.string()))
    numbered = words.texts(column)
    roles.grown()  # adds cores of words that are taken apart
    found = read(words, numbered, find_phrases(numbered, roles, flags(words, body)))
    assert found == [plainly(text, body) for text in texts]


@given(TEXTS)
def test_a_text_has_the_same_phrases_alone_and_among_others(texts: list[list[list[str]]]) -> None:
    words = Words()
    roles = Roles(words)
    columns = [[" ".join(value) for value in text] for text in texts]
    together = words.texts(pa.array(columns, pa.list_(pa.string())))
    roles.grown()
    body = np.zeros(len(words), bool)
    whole = read(words, together, find_phrases(together, roles, body))
    for one, expected in zip(columns, whole, strict=True):
        alone = words.texts(pa.array([one], pa.list_(pa.string())))
        assert read(words, alone, find_phrases(alone, roles, body)) == [expected]


def test_nothing_holds_no_phrase() -> None:
    words = Words()
    for texts in (words.lists([]), words.lists([[], []])):
        found = find_phrases(texts, Roles(words), np.zeros(0, bool))
        assert found.core.size == 0
