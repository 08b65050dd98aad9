"""Places texts in a panel so that none covers another: the first free place of several, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from countwell.paper.markup import Child, Safe, el
from countwell.paper.scale import width_of


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether two rectangles overlap."""
        apart = (
            self.right <= other.left or other.right <= self.left or self.bottom <= other.top or other.bottom <= self.top
        )
        return not apart


@dataclass
class Labels:
    """The labels of one panel. inside: where they must stay."""

    inside: Box
    size: float
    taken: list[Box] = field(default_factory=list)
    texts: list[Safe] = field(default_factory=list)

    def keep_free(self, x: float, y: float, radius: float = 5) -> None:
        """Nothing may be written over this mark."""
        self.taken.append(Box(x - radius, y - radius, x + radius, y + radius))

    def put(self, x: float, y: float, words: str, class_: str, *shown: Child, always: bool = False) -> bool:
        """Write words beside a mark: right of it, left, above or below; `always` even over something, if there is no room."""
        places = self._places(x, y, width_of(words, self.size))
        free = next((box for box in places if self._fits(box)), None)
        box = free or (self._pushed_in(places[0]) if always else None)
        if box is None:
            return False
        self.taken.append(box)
        self.texts.append(_text(box, self.size, class_, shown or (words,)))
        return True

    def _places(self, x: float, y: float, width: float) -> Sequence[Box]:
        half, up = width / 2, self.size * 0.8
        lefts_and_bases = [
            (x + 8, y + up / 2 - 1),
            (x + 8, y - 7),
            (x - half, y - 9),
            (x - width - 8, y - 4),
            (x - half, y + up + 9),
            (x + 8, y + up + 8),
        ]
        return [Box(left, base - up, left + width, base + 3) for left, base in lefts_and_bases]

    def _fits(self, box: Box) -> bool:
        inside = self.inside
        within = (
            inside.left <= box.left
            and box.right <= inside.right
            and inside.top <= box.top
            and box.bottom <= inside.bottom
        )
        return within and not any(box.meets(other) for other in self.taken)

    def _pushed_in(self, box: Box) -> Box:
        by = min(0.0, self.inside.right - box.right)
        return Box(box.left + by, box.top, box.right + by, box.bottom)


def _text(box: Box, size: float, class_: str, shown: Sequence[Child]) -> Safe:
    return el("text", *shown, class_=f"label {class_}", x=box.left, y=box.bottom - 3, font_size=size)


def spread(wanted: Sequence[float], apart: float, last: float) -> list[float]:
    """Places as near as can be to the wanted ones, in the same order, `apart` from each other, none beyond `last`."""
    placed: list[float] = []
    for place in wanted:
        placed.append(max(place, placed[-1] + apart) if placed else place)
    over = max(0.0, placed[-1] - last) if placed else 0.0
    for index in range(len(placed) - 1, -1, -1):
        ceiling = last if index == len(placed) - 1 else placed[index + 1] - apart
        placed[index] = min(placed[index], ceiling) if over else placed[index]
    return placed
