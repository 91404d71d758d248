"""The notes read like notes of many people, not like one template."""

from __future__ import annotations

import re
from collections import Counter
from statistics import median

import pytest

from data.samples.market.bank import read_market
from tests.samples.market_files import notes, truth

SENTENCE = re.compile(r"[。！～…\n？❗🔥]+")


def own_contents() -> list[str]:
    copies = {note for group in truth()["near_duplicates"] for note in group[1:]}
    return [note["content"] for note_id, note in notes().items() if note_id not in copies]


def test_lengths_are_those_of_notes() -> None:
    lengths = sorted(len(content) for content in own_contents())
    assert 80 < median(lengths) < 250
    assert lengths[len(lengths) // 10] < 70
    assert lengths[-len(lengths) // 10] > 180
    assert lengths[-1] <= 500


def test_sentences_seldom_repeat() -> None:
    counts = Counter(
        part.strip() for content in own_contents() for part in SENTENCE.split(content) if len(part.strip()) > 6
    )
    assert len(counts) / counts.total() > 0.55
    assert max(counts.values()) < 0.002 * counts.total()


def test_four_grams_vary() -> None:
    grams = Counter(content[place : place + 4] for content in own_contents() for place in range(len(content) - 3))
    assert len(grams) > 60_000
    assert len(grams) / grams.total() > 0.2


def test_two_notes_on_one_need_share_few_sentences() -> None:
    parts = {
        note_id: {part.strip() for part in SENTENCE.split(note["content"]) if len(part.strip()) > 6}
        for note_id, note in notes().items()
    }
    copies = {note for group in truth()["near_duplicates"] for note in group}
    shares = []
    for keyword in truth()["keywords"]:
        answers = [note for note in keyword["answers"] if note not in copies][:25] if keyword["kind"] == "met" else []
        for number, one in enumerate(answers):
            for other in answers[number + 1 :]:
                least = min(len(parts[one]), len(parts[other]))
                shares.append(len(parts[one] & parts[other]) / least if least else 0.0)
    assert len(shares) > 10_000
    assert sum(shares) / len(shares) < 0.1


def test_openings_and_titles_differ() -> None:
    openings = Counter(content[:8] for content in own_contents())
    titles = Counter(note["title"] for note in notes().values())
    assert len(openings) / openings.total() > 0.35
    assert len(titles) / titles.total() > 0.55


@pytest.mark.parametrize("mark", ["{", "}", "|", "<", ">"])
def test_no_choice_or_slot_is_left_open(mark: str) -> None:
    assert [note["note_id"] for note in notes().values() if mark in note["title"] + note["content"]] == []


def test_brands_are_few_and_all_are_in_notes() -> None:
    text = "\n".join(own_contents())
    brands = [brand for category in read_market() for brand in category.brands]
    assert len(brands) == len(set(brands)) == 24
    assert [brand for brand in brands if text.count(brand) < 10] == []
