"""The proof against every world of small examples, counted out one by one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from generator.statistics.disclosure.forest import Family, World


def _families(draw: np.random.Generator, count: int) -> list[Family]:
    """Return one or two trees over so many organisations: pairs within the whole; halves across the pairs."""
    pairs = np.arange(count) // 2
    groups = int(pairs.max()) + 1
    top, halves = groups, groups + 1
    size = np.array([*np.bincount(pairs), count, (count + 1) // 2, count // 2])
    parent = np.array([*([top] * groups), -1, -1, -1])
    main = Family(pairs, parent, size, np.arange(groups + 1))
    across = Family(
        halves + np.arange(count) % 2, np.full(len(size), -1), size, np.array([halves, halves + 1])
    )
    return [main, across] if draw.random() < 0.5 else [main]


@pytest.mark.parametrize("seed", range(30))
def test_whatever_is_certified_is_possible(seed: int) -> None:
    """In one tree every possible move is found as well; across trees the proof may miss some."""
    draw = np.random.default_rng(seed)
    count = 4
    families = _families(draw, count)
    groups = len(families[0].size)
    low, high = -draw.integers(0, 3, (count, 1)).astype(float), draw.integers(0, 3, (count, 1)).astype(float)
    least, most = (
        -draw.integers(0, 3, (groups, 1)).astype(float),
        draw.integers(0, 3, (groups, 1)).astype(float),
    )
    everyone = np.arange(count), np.zeros(count, dtype=np.int64)
    nobody = (np.zeros(0, dtype=np.int64),) * 2
    found = np.zeros((2, count))
    for family in families:
        others = [other for other in families if other is not family]
        world = World.of(family, others, count)
        moves, _ = world.ask(everyone, nobody).answer(
            lambda place, column: (low[place, column], high[place, column]),
            lambda group, column: (least[group, column], most[group, column]),
        )
        found[0] = np.minimum(found[0], np.maximum(moves[0], low[:, 0]))
        found[1] = np.maximum(found[1], np.minimum(moves[1], high[:, 0]))

    possible = _possible(families, low[:, 0], high[:, 0], least[:, 0], most[:, 0])

    assert (found[0] >= possible[0]).all()
    assert (found[1] <= possible[1]).all()
    if len(families) == 1:
        assert (found == possible).all()


def _possible(
    families: list[Family], low: np.ndarray, high: np.ndarray, least: np.ndarray, most: np.ndarray
) -> np.ndarray:
    """Return the lowest and highest move of each organisation in any world."""
    lowest, highest = np.zeros(len(low)), np.zeros(len(low))
    for moves in product(*(range(int(first), int(last) + 1) for first, last in zip(low, high, strict=True))):
        change = np.zeros(len(least))
        for family in families:
            for organisation, move in enumerate(moves):
                change[family.chain(int(family.lowest[organisation]))] += move
        if ((change >= least) & (change <= most)).all():
            lowest, highest = np.minimum(lowest, moves), np.maximum(highest, moves)
    return np.array([lowest, highest])
