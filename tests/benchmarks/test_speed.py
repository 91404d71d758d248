"""The speed benchmark at a small size: all ways agree, goals are told, and ways that disagree are refused."""

from __future__ import annotations

import os
import shutil
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import pytest

from benchmarks.speed import daily, growth, in_c, segmentation, supply
from benchmarks.speed.__main__ import PARTS, page
from benchmarks.speed.children import DifferentError, Work, alternating
from benchmarks.speed.part import Goal, Part


def told(answer: int, _: Path) -> Work:
    return lambda: answer


def test_ways_that_disagree_are_refused(tmp_path: Path) -> None:
    same = alternating({"one": partial(told, 1), "other": partial(told, 1)}, tmp_path, 1)
    assert {one.answer for one in same.values()} == {1}
    assert all(one.peak_mib > 1 for one in same.values())
    with pytest.raises(DifferentError, match="the answers differ"):
        alternating({"one": partial(told, 1), "other": partial(told, 2)}, tmp_path, 1)


def test_segmenting_agrees_with_its_peers(tmp_path: Path) -> None:
    cut = segmentation.measure(tmp_path, 60, 1)
    assert [row[0] for row in cut.rows] == list(segmentation.WAYS)


@pytest.mark.skipif(not (shutil.which("cc") or os.environ.get("CI")), reason="there is no C compiler (cc)")
def test_the_kernel_does_what_the_same_in_c_does(tmp_path: Path) -> None:
    supply.prepare(tmp_path, 300, 200)
    kernel = in_c.measure(tmp_path, 1)
    assert kernel.goals[0].reached > 0


def test_growth_is_told_by_exponents(tmp_path: Path) -> None:
    assert growth.exponent({100: 2.0, 200: 4.0, 400: 8.0}) == pytest.approx(1)
    part = growth.measure(tmp_path, 400, 100, 1)
    assert len(part.rows) == 5
    assert len(part.goals) == 3


def test_a_day_is_measured_and_right(tmp_path: Path) -> None:
    part = daily.measure(tmp_path, 1_500, 12_000, 2)
    steps = {row[0]: row[1:] for row in part.rows}
    assert float(str(steps["import"][0])) > 0
    assert steps["import"][2] == "0.0"
    assert part.goals[0].reached > 0


def test_the_page_says_what_was_reached_and_why_not() -> None:
    name = next(iter(PARTS))
    goal = Goal("speed", 3.0, 4.0, least=True, why="physics")
    part = Part("about it", ("way", "seconds"), [("ours", 1)], (goal, replace(goal, name="size", least=False)))
    text = page({name: asdict(part)}, {"processors": 2})
    assert "| speed | 3.00 | >= 4 | no |" in text
    assert "| size | 3.00 | <= 4 | yes |" in text
    assert "- speed: physics." in text
    assert "| ours | 1 |" in text
