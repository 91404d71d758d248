"""How much meaning changed: the same keywords judged without the embedder and with it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

import numpy as np
import numpy.typing as npt

MET: Final = "met"
_NAMED: Final = 5  # keywords at most


class Effect(TypedDict):
    """What an embedder changed.

    Attributes:
        keywords: Keywords that were judged.
        mean_absolute_change: Mean of ``|unmet probability with - without|``, 0 to 1.
        changed_kind: Keywords whose kind is another one.
        closed_gaps, opened_gaps: Keywords that are a gap only without the embedder, and only with it.
        closed, opened: Those of them whose probability changed most, at most five each.
    """

    keywords: int
    mean_absolute_change: float
    changed_kind: int
    closed_gaps: int
    opened_gaps: int
    closed: list[str]
    opened: list[str]


def effect_of(
    keywords: Sequence[str],
    without: tuple[npt.NDArray[np.float64], Sequence[str]],
    with_: tuple[npt.NDArray[np.float64], Sequence[str]],
    nameable: npt.NDArray[np.bool_],
) -> Effect:
    """What an embedder changed.

    Args:
        keywords: The keywords.
        without: Unmet probability and kind of each, judged without the embedder.
        with_: The same, judged with it.
        nameable: Which may be named; manifests are shown over HTTP, where few searchers stay private.
    """
    change = with_[0] - without[0]
    was = np.array([kind != MET for kind in without[1]], bool)
    now = np.array([kind != MET for kind in with_[1]], bool)
    closed, opened = was & ~now, now & ~was

    def named(chosen: npt.NDArray[np.bool_]) -> list[str]:
        places = np.flatnonzero(chosen & nameable).tolist()
        places.sort(key=lambda place: (-abs(round(float(change[place]), 6)), keywords[place]))
        return [keywords[place] for place in places[:_NAMED]]

    return {
        "keywords": len(keywords),
        "mean_absolute_change": round(math.fsum(np.abs(change).tolist()) / max(len(keywords), 1), 4),
        "changed_kind": sum(one != other for one, other in zip(without[1], with_[1], strict=True)),
        "closed_gaps": int(closed.sum()),
        "opened_gaps": int(opened.sum()),
        "closed": named(closed),
        "opened": named(opened),
    }


def effect_sentence(effect: Effect | Mapping[str, Any]) -> str:
    """The effect in Chinese, for the command line and the report."""
    points = 100 * effect["mean_absolute_change"]
    text = (
        f"语义模型的影响：{effect['keywords']:,} 个关键词的未满足概率平均变动 {points:.1f} 个百分点，"
        f"{effect['changed_kind']:,} 个的缺口类型有变"
    )
    for count, names, what in (
        (effect["closed_gaps"], effect["closed"], "不再算缺口"),
        (effect["opened_gaps"], effect["opened"], "新成为缺口"),
    ):
        if count:
            text += f"；{count:,} 个{what}{_examples(names, count)}"
    return text + "。"


def _examples(names: Sequence[str], count: int) -> str:
    if not names:
        return ""
    listed = "、".join(f"“{name}”" for name in names)
    return f"（{listed}{'等' if count > len(names) else ''}）"
