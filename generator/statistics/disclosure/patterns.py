"""Columns that may move together, and by how much they may, looked up only where it is asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from generator.statistics.disclosure.forest import UNLIMITED, Range, expand
from generator.statistics.keys import Numbers, Positions

Pattern = tuple[tuple[int, float], ...]
"""Columns of a block that move together, each with its sign."""


@dataclass(frozen=True)
class Cells:
    """Cells that are asked for, once for each pattern that moves them."""

    target: Positions
    """Which of the cells asked for."""
    place: Positions
    column: Positions
    pattern: Positions
    sign: Numbers


@dataclass(frozen=True)
class Patterns:
    """Which columns each pattern moves, and which patterns move each column."""

    columns: Positions
    """Patterns by their columns, -1 where a pattern has fewer."""
    signs: Numbers
    pattern: Positions
    """Patterns in the order of the columns that they move; `bounds` tells where each column's begin."""
    sign: Numbers
    bounds: Positions

    @classmethod
    def of(cls, patterns: tuple[Pattern, ...], count: int) -> Patterns:
        """Return how so many columns are moved."""
        longest = max((len(pattern) for pattern in patterns), default=1)
        columns = np.full((len(patterns), longest), -1, dtype=np.int64)
        signs = np.ones((len(patterns), longest))
        for number, pattern in enumerate(patterns):
            columns[number, : len(pattern)] = [column for column, _ in pattern]
            signs[number, : len(pattern)] = [sign for _, sign in pattern]
        which, place = np.nonzero(columns >= 0)
        used = columns[which, place]
        order = np.argsort(used, kind="stable")
        bounds = np.searchsorted(used[order], np.arange(count + 1))
        return cls(columns, signs, which[order], signs[which, place][order], bounds)

    def __len__(self) -> int:
        return len(self.columns)

    def cells(self, place: Positions, column: Positions) -> Cells:
        """Return these cells with every pattern that moves them."""
        target, use = expand(self.bounds, column)
        return Cells(target, place[target], column[target], self.pattern[use], self.sign[use])


@dataclass(frozen=True)
class Moves:
    """By how much the counts of some places may move. What is not asked for is not worked out."""

    rows: Positions
    """Places by columns, -1 where there is no row."""
    leeway: Range
    """By how much the count of each row may fall and rise."""
    unbound: float
    """By how much a cell without a row may move."""
    patterns: Patterns
    gate: Range | None
    """Places by patterns: by how much a pattern may move in any case. None where nothing more holds it."""

    def together(self, place: Positions, pattern: Positions) -> Range:
        """Return by how much all columns of the pattern may move together at each place."""
        return self._moved(place, pattern, None)

    def others(self, cells: Cells) -> Range:
        """Return by how much the pattern may move going by its other columns at the same place."""
        return self._moved(cells.place, cells.pattern, cells.column)

    def _alone(self, place: Positions, column: Positions) -> Range:
        """Return by how much each cell may move."""
        row = self.rows[place, column]
        there = row >= 0
        return (
            np.where(there, self.leeway[0][row], -self.unbound),
            np.where(there, self.leeway[1][row], self.unbound),
        )

    def _moved(self, place: Positions, pattern: Positions, without: Positions | None) -> Range:
        longest = self.patterns.columns.shape[1]
        if longest == 1 and without is None and self.gate is None:
            return self._alone(place, self.patterns.columns[pattern, 0])
        low, high = np.full(len(place), -UNLIMITED), np.full(len(place), UNLIMITED)
        for number in range(longest):
            column = self.patterns.columns[pattern, number]
            moves = column >= 0 if without is None else (column >= 0) & (column != without)
            here = np.flatnonzero(moves)
            if not len(here):
                continue
            fall, rise = self._alone(place[here], column[here])
            turned = self.patterns.signs[pattern[here], number] < 0
            low[here] = np.maximum(low[here], np.where(turned, -rise, fall))
            high[here] = np.minimum(high[here], np.where(turned, -fall, rise))
        if self.gate is None:
            return low, high
        return np.maximum(low, self.gate[0][place, pattern]), np.minimum(high, self.gate[1][place, pattern])
