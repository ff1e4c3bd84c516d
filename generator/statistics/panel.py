"""The rows of one metric as a grid: an organisation in each line, a breakdown and period in each column.

Most metrics have a row in nearly every cell, and then a grid is only another view of the same figures: sums
over groups are one product of matrices, percentiles one sort of the columns, and the row of another
organisation or period is found by its place instead of by search.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
import pandas as pd

from generator.statistics.keys import KEY, Numbers, Positions, is_same


@dataclass(frozen=True)
class Panel:
    """Where the rows of one metric stand in their grid. Only lines and columns that have rows are in it."""

    organisations: Positions
    """The organisation (a number) of each line, in order."""
    breakdown: Positions
    """The breakdown of each column; columns are in the order of breakdowns, then periods."""
    period: Positions
    """The period of each column."""
    line: Positions
    """The line of each row."""
    column: Positions
    """The column of each row."""

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Panel:
        """Return the grid of these rows, which are sorted by key."""
        key = [rows[name].to_numpy(np.int64) for name in KEY]
        # One step after the other asks for the grid of the same rows.
        if not (_latest and all(map(is_same, _latest[0], key))):
            _latest[:] = [key, cls._of(*key)]
        return cast(Panel, _latest[1])

    @classmethod
    def _of(cls, organisation: Positions, breakdown: Positions, period: Positions) -> Panel:
        if not len(organisation):
            return cls(*(np.zeros(0, dtype=np.int64) for _ in range(5)))
        begins = np.append(True, organisation[1:] != organisation[:-1])
        periods = int(period.max()) + 1
        code = breakdown * periods + period
        used = np.bincount(code) > 0
        codes = np.flatnonzero(used)
        return cls(
            organisations=organisation[begins],
            breakdown=codes // periods,
            period=codes % periods,
            line=np.cumsum(begins) - 1,
            column=(np.cumsum(used) - 1)[code],
        )

    @property
    def shape(self) -> tuple[int, int]:
        """How many lines and columns there are."""
        return len(self.organisations), len(self.period)

    @property
    def is_full(self) -> bool:
        """Whether every cell has its row."""
        lines, columns = self.shape
        return len(self.line) == lines * columns

    def spread(self, values: Numbers, blank: float) -> Numbers:
        """Return the figures of the rows as a grid, `blank` where there is no row."""
        if self.is_full:
            return np.asarray(values, dtype=np.float64).reshape(self.shape)
        grid = np.full(self.shape, blank)
        grid[self.line, self.column] = values
        return grid

    def find(self, organisation: Positions, column: Positions) -> Positions:
        """Return the place of the row of each organisation (a number) and column, -1 where there is none.

        A -1 among organisations or columns stands for none.
        """
        return np.asarray(self._row[self._line_of[np.minimum(organisation, self._last)], column])

    def column_of(self, breakdown: Positions, period: Positions) -> Positions:
        """Return the column of each breakdown and period, -1 where there is none."""
        places = {
            key: place
            for place, key in enumerate(zip(self.breakdown.tolist(), self.period.tolist(), strict=True))
        }
        wanted = zip(breakdown.tolist(), period.tolist(), strict=True)
        return np.array([places.get(key, -1) for key in wanted], dtype=np.int64)

    def find_in(self, period: Positions) -> Positions:
        """Return the place of each row's like in another period, given by column; -1 where there is none."""
        column = self.column_of(self.breakdown, period)
        return self.find(self.organisations[self.line], column[self.column])

    @property
    def _last(self) -> int:
        return len(self._line_of) - 1

    @cached_property
    def _line_of(self) -> Positions:
        """The line of each organisation, -1 where it has none and at the end, which is also at -1."""
        lines = np.full(int(self.organisations.max(initial=-1)) + 2, -1, dtype=np.int64)
        lines[self.organisations] = np.arange(len(self.organisations))
        return lines

    @cached_property
    def _row(self) -> Positions:
        """The place of each cell's row, -1 where there is none and in a last line and column."""
        lines, columns = self.shape
        row = np.full((lines + 1, columns + 1), -1, dtype=np.int64)
        row[self.line, self.column] = np.arange(len(self.line))
        return row


_latest: list[Any] = []
"""The key columns that a grid was last made for, and the grid. What pandas hands out is never written to."""
