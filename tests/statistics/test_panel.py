from __future__ import annotations

import numpy as np
import pandas as pd

from generator.statistics.panel import Panel


def rows_of(*keys: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(np.array(keys, dtype=np.int64), columns=["organisation", "breakdown", "period"])


GAPS = rows_of((3, 0, 5), (3, 0, 7), (3, 2, 5), (9, 0, 7))
FULL = rows_of((3, 0, 5), (3, 0, 7), (9, 0, 5), (9, 0, 7))


def test_lines_are_organisations_and_columns_breakdowns_and_periods() -> None:
    panel = Panel.of(GAPS)

    assert panel.organisations.tolist() == [3, 9]
    assert list(zip(panel.breakdown.tolist(), panel.period.tolist(), strict=True)) == [(0, 5), (0, 7), (2, 5)]
    assert panel.line.tolist() == [0, 0, 0, 1]
    assert panel.column.tolist() == [0, 1, 2, 1]
    assert (panel.shape, panel.is_full) == ((2, 3), False)


def test_cells_without_a_row_are_blank() -> None:
    grid = Panel.of(GAPS).spread(np.array([1.0, 2.0, 3.0, 4.0]), 0.0)

    assert grid.tolist() == [[1.0, 2.0, 3.0], [0.0, 4.0, 0.0]]


def test_figures_of_a_full_grid_are_not_copied() -> None:
    figures = np.array([1.0, 2.0, 3.0, 4.0])

    grid = Panel.of(FULL).spread(figures, 0.0)

    assert grid.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert np.shares_memory(grid, figures)


def test_rows_are_found_by_organisation_and_column() -> None:
    panel = Panel.of(GAPS)
    organisation = np.array([3, 9, 9, 4, 1000, -1, 3])
    column = np.array([2, 1, 0, 1, 1, 1, -1])

    assert panel.find(organisation, column).tolist() == [2, 3, -1, -1, -1, -1, -1]


def test_columns_are_found_by_breakdown_and_period() -> None:
    panel = Panel.of(GAPS)

    assert panel.column_of(np.array([0, 2, 2]), np.array([7, 5, 7])).tolist() == [1, 2, -1]


def test_no_rows_make_an_empty_grid() -> None:
    panel = Panel.of(GAPS.iloc[:0])

    assert panel.shape == (0, 0)
    assert panel.find(np.array([3]), np.array([-1])).tolist() == [-1]


def test_the_grid_is_that_of_the_rows_asked_for() -> None:
    """It is kept for the next step, which must not get it for other rows."""
    first = Panel.of(GAPS)

    assert Panel.of(GAPS.assign(value=1.0)) is first
    assert Panel.of(GAPS.iloc[:3]).shape == (1, 3)
    assert Panel.of(FULL).shape == (2, 2)
