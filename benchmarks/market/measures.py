"""The measures, each a function of plain labels: groups against groups, judge against judge, lists against lists."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grouped:
    """How well groups fit those of the list.

    Attributes:
        purity: Share of items that are in the largest true group of their group.
        precision, recall, f1: B-cubed (Bagga, Baldwin 1998): means over the items.
        groups: How many groups were made.
    """

    purity: float
    precision: float
    recall: float
    f1: float
    groups: int


@dataclass(frozen=True, slots=True)
class Found:
    """Precision and recall of what was found.

    Attributes:
        right: How many were found and right.
        told: How many were found.
        true: How many there are.
    """

    right: int
    told: int
    true: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right."""
        return self.right / self.told if self.told else 0.0

    @property
    def recall(self) -> float:
        """Share of what there is that was found."""
        return self.right / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2.0 * self.right / (self.told + self.true) if self.told + self.true else 0.0


def b3(made: Mapping[str, Hashable], true: Mapping[str, Hashable]) -> Grouped:
    """Compare groups.

    Args:
        made: The group of each item.
        true: The group it belongs to; the same items.

    Raises:
        ValueError: Of other items, or none.
    """
    if made.keys() != true.keys() or not made:
        raise ValueError("both groupings must be of the same items, and of some")
    of_made, of_true = _members(made), _members(true)
    pure = sum(max(Counter(true[item] for item in members).values()) for members in of_made.values())
    shared = {item: len(of_made[made[item]] & of_true[true[item]]) for item in made}
    precision = sum(count / len(of_made[made[item]]) for item, count in shared.items()) / len(made)
    recall = sum(count / len(of_true[true[item]]) for item, count in shared.items()) / len(made)
    f1 = 2.0 * precision * recall / (precision + recall)
    return Grouped(pure / len(made), precision, recall, f1, len(of_made))


def _members(group: Mapping[str, Hashable]) -> dict[Hashable, set[str]]:
    found: dict[Hashable, set[str]] = defaultdict(set)
    for item, name in group.items():
        found[name].add(item)
    return found


def agreement(one: Sequence[Hashable], other: Sequence[Hashable]) -> tuple[float, float]:
    """The share of items that two judges label alike, and Cohen's kappa: how far above chance that is.

    Kappa is 1 where both gave all items the same label, and chance would agree as well.

    Raises:
        ValueError: If they did not label equally many items, or none.
    """
    if len(one) != len(other) or not one:
        raise ValueError("both judges must label the same items, and some")
    alike = sum(a == b for a, b in zip(one, other, strict=True)) / len(one)
    first, second = Counter(one), Counter(other)
    chance = sum(count * second[label] for label, count in first.items()) / len(one) ** 2
    return alike, (alike - chance) / (1.0 - chance) if chance < 1.0 else 1.0


def by_label(told: Sequence[str], true: Sequence[str]) -> dict[str, Found]:
    """Precision and recall of each label that is true or told of some item; labels by name."""
    pairs = list(zip(told, true, strict=True))
    return {
        label: Found(
            sum(label == a == b for a, b in pairs), sum(a == label for a, _ in pairs), sum(b == label for _, b in pairs)
        )
        for label in sorted({*told, *true})
    }


def accuracy(told: Sequence[Hashable], true: Sequence[Hashable]) -> float:
    """Share of items whose label is right."""
    return sum(a == b for a, b in zip(told, true, strict=True)) / len(true) if true else 0.0


def recall_at(listed: Sequence[Collection[str]], planted: Sequence[Collection[str]], first: int) -> float:
    """The share of planted things that the first of a list hold.

    Args:
        listed: The names of each thing of the list, in order; one name that both have makes two the same.
        planted: The names of each planted thing.
        first: How far down the list is read.
    """
    if not planted:
        return 0.0
    held = {name for names in listed[:first] for name in names}
    return sum(not held.isdisjoint(names) for names in planted) / len(planted)


def shares_off(told: Sequence[float], true: Sequence[float]) -> float:
    """Sum of the differences of shares, over the sum of the true ones; what was told is first scaled to sum 1.

    Raises:
        ValueError: If they are not equally many.
    """
    if len(told) != len(true):
        raise ValueError(f"{len(told)} shares can't be compared with {len(true)}")
    total = sum(told) or 1.0
    off = sum(abs(a / total - b) for a, b in zip(told, true, strict=True))
    return off / (sum(true) or 1.0)
