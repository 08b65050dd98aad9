"""The shapes of the chart, wide, medium (print too) and narrow, and the room of each part. All figures are pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["wide", "medium", "narrow"]


@dataclass(frozen=True, slots=True)
class Frame:
    """Sizes of one shape. size: of letters; small: the least. months: how much of the past is shown, 0 for all."""

    shape: Shape
    width: float
    left: float
    right: float
    head: float
    panel: float
    gap: float
    dose: float
    size: float
    small: float
    months: int
    prefix: str

    @property
    def wide(self) -> bool:
        """Whether names stand in the left gutter and limits in the right one."""
        return self.shape != "narrow"

    @property
    def plot(self) -> tuple[float, float]:
        """Left and right end of the plots."""
        return self.left, self.width - self.right


WIDE = Frame("wide", 1080, 158, 188, 26, 76, 20, 52, 13, 11, 0, "w")
MEDIUM = Frame("medium", 700, 146, 180, 26, 76, 20, 52, 13, 11, 0, "m")
NARROW = Frame("narrow", 358, 30, 12, 24, 82, 34, 56, 12, 12, 5, "n")
FRAMES: dict[Shape, Frame] = {"wide": WIDE, "medium": MEDIUM, "narrow": NARROW}

# Per test: the fixed ends of its axis and its tick. Layout, not limits: a value beyond an end widens the axis.
AXES: dict[str, tuple[float, float, float]] = {
    "wbc": (0, 8, 2),
    "neutrophils": (0, 5, 2),
    "platelets": (0, 300, 100),
    "hb": (0, 160, 40),
    "lymphocytes": (0, 3, 1),
    "alt": (0, 2.6, 1),
    "mcv": (84, 102, 6),
}
AXIS = (0.0, 1.0, 1.0)
