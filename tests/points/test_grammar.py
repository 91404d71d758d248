"""The grammar as one thing: texts as the segmenter cuts them, phrases as people mean them."""

from __future__ import annotations

import numpy as np

from gapfinder.lexicon import words_of
from gapfinder.points.grammar import Grammar
from gapfinder.texts.words import Words
from tests.demand.logs import segmenter
from tests.points.made import Said, said_in

CUTTER = segmenter()


def said(*texts: str, claims: tuple[str, ...] = (), body: tuple[str, ...] = ()) -> list[list[Said]]:
    words = Words.of(body)
    grammar = Grammar(words, CUTTER, claims)
    grammar.learn(np.ones(len(body), bool) if body else np.zeros(0, bool))
    return said_in(grammar, [CUTTER.query_terms(text) for text in texts])


def test_what_people_write_is_read_however_it_is_cut() -> None:
    found = said("缓解红屁股的纸尿裤", "毛孔粗大怎么办", "无硅油洗发水", "去屑洗发水", "不勒肚纸尿裤")
    assert [[phrase.core for phrase in phrases] for phrases in found] == [
        ["红屁股"], ["毛孔粗大"], ["无硅油"], ["去屑"], ["不勒肚"],
    ]  # fmt: skip


def test_every_listed_state_is_found_when_it_stands_alone() -> None:
    states = sorted(word for word in words_of("complaints") | words_of("benefits") if len(word) > 1)
    for state, phrases in zip(states, said(*states), strict=True):
        assert [phrase.core for phrase in phrases] == [state]


def test_a_learned_part_makes_a_phrase_of_a_short_state() -> None:
    assert said("头皮很痒") == [[Said("很 痒", "痒", "complained")]]
    assert said("头皮很痒", body=("头皮",)) == [[Said("头皮 很 痒", "痒", "complained")]]


def test_a_claim_is_found_as_one_word() -> None:
    assert said("云朵感腰围纸尿裤") == [[]]
    assert said("云朵感腰围纸尿裤", claims=("云朵感腰围",)) == [[Said("云朵感腰围", "云朵感腰围", "praised")]]


def test_the_words_of_a_core_can_be_read_again() -> None:
    words = Words.of(["头皮"])
    grammar = Grammar(words, CUTTER)
    grammar.learn(np.array([True]))
    texts = grammar.join(words.lists([["滋养", "头皮"], ["头皮", "痒"]]))
    assert [grammar.wording(core) for core in grammar.find(texts).core.tolist()] == ["滋养头皮", "痒"]
    assert grammar.body == ["头皮"]


def test_words_that_come_after_learning_are_no_parts() -> None:
    words = Words.of(["头皮"])
    grammar = Grammar(words, CUTTER)
    grammar.learn(np.array([True]))
    assert said_in(grammar, [["头皮", "痒"], ["面料", "痒"]]) == [[Said("头皮 痒", "痒", "complained")], []]
