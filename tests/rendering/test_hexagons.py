"""Many points as few hexagons, and curves that end where the plot ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.rendering.hexagons import cut_curve, group_points

places = st.lists(st.tuples(st.floats(0, 250), st.floats(0, 180)), min_size=1, max_size=60)


@given(points=places)
def test_every_point_is_in_one_hexagon(points: list[tuple[float, float]]) -> None:
    x, y = np.array(points).T

    hexagons = group_points(x, y, 130)

    assert int(hexagons.points.sum()) == len(points)
    for at, down in points:
        assert np.hypot(hexagons.x - at, hexagons.y - down).min() <= hexagons.radius + 1e-9


def test_hexagons_grow_until_they_are_few_enough() -> None:
    random = np.random.default_rng(1)
    x, y = random.uniform(0, 250, 6000), random.uniform(0, 170, 6000)

    fine, coarse = group_points(x, y, 1000), group_points(x, y, 150)

    assert fine.radius < coarse.radius
    assert len(coarse) <= 150


def test_points_in_one_place_share_a_hexagon_and_neighbours_lie_a_width_apart() -> None:
    width = math.sqrt(3) * 4.5

    hexagons = group_points(np.array([0.1, 0.0, width]), np.array([0.0, 0.1, 0.0]), 10)

    assert hexagons.points.tolist() == [2, 1]
    assert hexagons.x.tolist() == pytest.approx([0, width])


def test_a_curve_is_cut_where_it_leaves_the_plot() -> None:
    x, y = np.array([0.0, 10, 20, 30, 40]), np.array([-10.0, 10, 30, 10, 5])

    parts = cut_curve(x, y, 0, 20)

    assert parts == [[(5, 0), (10, 10), (15, 20)], [(25, 20), (30, 10), (40, 5)]]


def test_a_curve_outside_the_plot_is_not_drawn() -> None:
    assert cut_curve(np.array([0.0, 1]), np.array([30.0, 40]), 0, 20) == []


def test_a_curve_along_the_edge_is_drawn() -> None:
    assert cut_curve(np.array([0.0, 1]), np.array([0.0, 0]), 0, 20) == [[(0, 0), (1, 0)]]
