"""The boundaries of the eight areas, drawn so that neighbours share their edges."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from tools.demonstration.places import AREAS
from tools.demonstration.population import SEED

Point = tuple[float, float]

_LONGITUDES = (-34.06, -33.59, -33.21, -32.81, -32.36)
_LATITUDES = (47.53, 46.99, 46.54)
_STEPS = 6
"""Pieces that each side of an area is drawn in."""
_ROUGHNESS = 0.012


def area_boundaries() -> dict[str, Any]:
    """Return a GeoJSON feature collection of the areas, with the organisation's code as each feature's id."""
    rng = np.random.default_rng([SEED, 4])
    corners = {
        (row, column): (longitude + float(rng.normal(0, 0.01)), latitude + float(rng.normal(0, 0.01)))
        for row, latitude in enumerate(_LATITUDES)
        for column, longitude in enumerate(_LONGITUDES)
    }
    sides: dict[tuple[tuple[int, int], tuple[int, int]], list[Point]] = {}
    for row, column in corners:
        for neighbour in ((row, column + 1), (row + 1, column)):
            if neighbour in corners:
                sides[(row, column), neighbour] = _rough_line(corners[row, column], corners[neighbour], rng)

    def side(start: tuple[int, int], end: tuple[int, int]) -> list[Point]:
        return sides[start, end] if (start, end) in sides else sides[end, start][::-1]

    areas = [area for area in AREAS if area.level == "icb"]
    features = []
    for number, area in enumerate(areas):
        row, column = divmod(number, len(_LONGITUDES) - 1)
        # Anticlockwise, as the standard asks: down the west side, along the south, up the east and back.
        ring = ((row, column), (row + 1, column), (row + 1, column + 1), (row, column + 1), (row, column))
        points = [point for start, end in pairwise(ring) for point in side(start, end)[:-1]]
        features.append(
            {
                "type": "Feature",
                "id": area.code,
                "properties": {"organisation_code": area.code, "name": area.name},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[list(point) for point in (*points, points[0])]],
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


def _rough_line(start: Point, end: Point, rng: np.random.Generator) -> list[Point]:
    """Return a line from start to end that bends a little on its way."""
    points = []
    for step in range(_STEPS + 1):
        part = step / _STEPS
        bend = 0.0 if step in (0, _STEPS) else _ROUGHNESS
        points.append(
            (
                round(start[0] + part * (end[0] - start[0]) + bend * float(rng.normal()), 4),
                round(start[1] + part * (end[1] - start[1]) + bend * float(rng.normal()), 4),
            )
        )
    return points
