"""What each word may be in a phrase, and words that are taken apart."""

from __future__ import annotations

import pytest

from gapfinder.lexicon import CLASSES, point_groups, words_of
from gapfinder.points.roles import (
    BAD,
    CLOSE,
    COMPLAINED,
    DENY,
    GIVE,
    GOOD,
    LACKING,
    PRAISED,
    PROMISED,
    REMOVE,
    SHORT,
    SKIP,
    SPARED,
    STRESS,
    WHOLE,
    WITHOUT,
    Roles,
    doubled,
    doubled_forms,
)
from gapfinder.texts.words import Words
from indexer.normalize import normalize


def told(name: str, claims: frozenset[str] = frozenset()) -> tuple[int, str | None, int]:
    """Roles, core and way of one word."""
    words = Words()
    number = words.number(name)
    known = Roles(words, claims).grown()
    core = int(known.core[number])
    return int(known.role[number]), words.names[core] if core >= 0 else None, int(known.way[number])


@pytest.mark.parametrize(
    ("word", "core", "way"),
    [
        ("去头屑", "头屑", PROMISED),
        ("缓解红屁股", "红屁股", PROMISED),
        ("防蓝光", "蓝光", PROMISED),
        ("不勒", "勒", SPARED),
        ("没有头屑", "头屑", SPARED),
        ("无酒精", "酒精", SPARED),
        ("不柔顺", "柔顺", LACKING),
        ("不会干枯", "干枯", SPARED),  # the longest verb or denial is cut
    ],
)
def test_a_word_that_is_a_phrase_is_taken_apart(word: str, core: str, way: int) -> None:
    assert told(word) == (WHOLE, core, way)


@pytest.mark.parametrize("word", ["洗发水", "不香", "去上海", "不", "防晒霜", "缓解红屁股怎么办才好"])
def test_what_is_no_phrase_is_not(word: str) -> None:
    role, core, _ = told(word)
    assert role & WHOLE == 0
    assert core is None


def test_words_of_the_lists_are_what_the_lists_say() -> None:
    assert told("缓解")[:2] == (REMOVE, None)
    assert told("滋补")[:2] == (0, None)
    assert told("促进")[:2] == (GIVE, None)
    assert told("没有")[:2] == (DENY, None)
    assert told("完全")[:2] == (SKIP, None)
    assert told("很")[:2] == (SKIP | STRESS, None)
    assert told("的")[:2] == (SKIP | CLOSE, None)
    assert told("头屑") == (BAD, "头屑", COMPLAINED)
    assert told("痒") == (BAD | SHORT, "痒", COMPLAINED)
    assert told("柔顺")[1:] == ("柔顺", PRAISED)
    assert told("硅油")[:2] == (WITHOUT, "硅油")


def test_a_listed_word_is_not_taken_apart() -> None:
    for word in sorted(words_of("complaints") | words_of("benefits")):
        role, core, _ = told(word)
        assert role & WHOLE == 0
        assert core == word
        assert bool(role & SHORT) == (len(word) == 1)


def test_a_claim_is_a_good_state_whatever_else_it_is() -> None:
    assert told("小猪佩奇", frozenset({"小猪佩奇"})) == (GOOD, "小猪佩奇", PRAISED)
    assert told("去头屑", frozenset({"去头屑"})) == (GOOD, "去头屑", PRAISED)


@pytest.mark.parametrize(
    ("word", "state"),
    [("软软的", "软"), ("毛毛躁躁", "毛躁"), ("清清爽爽", "清爽"), ("小小的", None), ("软软", None), ("紧紧地", None)],
)
def test_a_doubled_state_is_the_state(word: str, state: str | None) -> None:
    assert doubled(word) == state
    if state is not None:
        good = state in words_of("benefits")
        assert told(word)[1:] == (state, PRAISED if good else COMPLAINED)


def test_every_doubled_form_is_told_apart_again() -> None:
    forms = doubled_forms()
    assert "软软的" in forms
    assert all(doubled(form) is not None for form in forms)
    assert not set(forms) & (words_of("complaints") | words_of("benefits")), "a listed word is no doubled one"


def test_liking_that_names_no_property_is_no_need() -> None:
    for word in sorted(words_of("general")):
        assert told(word)[1] is None, word


def test_the_vocabulary_grows_by_cores_that_never_stood_alone() -> None:
    words = Words.of(["去头屑"])
    roles = Roles(words)
    first = roles.grown()
    assert words.names == ["去头屑", "头屑"]
    assert first.role.tolist() == [WHOLE, BAD]
    words.number("洗发水")
    again = roles.grown()
    assert again.role.tolist() == [WHOLE, BAD, 0]
    assert again.core.tolist() == [1, 1, -1]
    assert roles.grown() is again, "nothing new is described twice"


def test_an_empty_vocabulary_is_told_too() -> None:
    assert Roles(Words()).grown().role.size == 0


def test_the_shipped_lists_hold_normal_words_once() -> None:
    for name in CLASSES:
        words = words_of(name)
        assert words, name
        assert all(word and word == normalize(word) for word in words), name
    listed = [word for group in point_groups() for word in group]
    assert len(listed) == len(set(listed)), "a word is in one group at the most"
