"""Many points as few marks: hexagons of a grid, and curves cut to what a plot shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float64]
"""Lengths in plate pixels."""

_RADII = (4.5, 5.5, 7.0, 9.0, 12.0)
"""Sizes of hexagons, the finest first."""


@dataclass(frozen=True)
class Hexagons:
    """The hexagons of a grid that hold a point."""

    x: Pixels
    """Their centres."""
    y: Pixels
    points: npt.NDArray[np.int64]
    """How many points each holds."""
    radius: float
    """From a hexagon's centre to its corners."""

    def __len__(self) -> int:
        return len(self.x)


def group_points(x: Pixels, y: Pixels, most: int) -> Hexagons:
    """Return the points as at most so many hexagons, the smallest ones with which that can be done.

    Where not even the largest do, these are returned.
    """
    for radius in _RADII:
        hexagons = _group(x, y, radius)
        if len(hexagons) <= most:
            break
    return hexagons


def cut_curve(x: Pixels, y: Pixels, low: float, high: float) -> list[list[tuple[float, float]]]:
    """Return the parts of a curve between two heights, each ending where the curve leaves them.

    `x` and `y` are the curve's points in order; between two of them it is a straight line.
    """
    parts: list[list[tuple[float, float]]] = []
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    for start, end in pairwise(points):
        piece = _inside(start, end, low, high)
        if piece is None:
            continue
        if parts and parts[-1][-1] == piece[0]:
            parts[-1].append(piece[1])
        else:
            parts.append(list(piece))
    return parts


def _group(x: Pixels, y: Pixels, radius: float) -> Hexagons:
    """Return the hexagons of this size, corners up, that hold a point.

    The centres form two grids of rectangles, one shifted by half a width and height against the other: a
    point belongs to the nearer of the two centres next to it.
    """
    across, down = math.sqrt(3) * radius, 3 * radius
    straight = np.round(x / across), np.round(y / down)
    shifted = np.floor(x / across) + 0.5, np.floor(y / down) + 0.5
    first, second = (
        (column * across - x) ** 2 + (row * down - y) ** 2 for column, row in (straight, shifted)
    )
    column, row = (
        np.where(first <= second, one, other) for one, other in zip(straight, shifted, strict=True)
    )
    # Halves become whole numbers, so that equal centres are equal.
    cells, points = np.unique(np.round(np.stack([column, row]) * 2), axis=1, return_counts=True)
    return Hexagons(cells[0] / 2 * across, cells[1] / 2 * down, points, radius)


def _inside(
    start: tuple[float, float], end: tuple[float, float], low: float, high: float
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Return the part of a straight line between two heights, None where there is none."""
    (x1, y1), (x2, y2) = start, end
    if max(y1, y2) < low or min(y1, y2) > high:
        return None

    def kept(x: float, y: float) -> tuple[float, float]:
        bound = min(max(y, low), high)
        return (x, y) if bound == y else (x1 + (x2 - x1) * (bound - y1) / (y2 - y1), bound)

    return kept(x1, y1), kept(x2, y2)
