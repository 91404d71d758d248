"""What comments say of selling points: praised, complained about, asked for, or only named."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Said:
    """How many comments speak of a point in which way."""

    praised: int = 0
    complained: int = 0
    asked: int = 0
    named: int = 0


@dataclass(frozen=True)
class CommentCounts:
    """What all comments say of each point."""

    points: dict[int, Said] = field(default_factory=dict)

    def of_point(self, point: int) -> Said:
        """What they say of one point."""
        return self.points.get(point, Said())
