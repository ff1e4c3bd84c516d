"""Rows in cells: organisations of one country, breakdown and period, that are held against each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.statistics.aggregation import counts_in_totals
from generator.statistics.keys import Positions, key_of
from generator.statistics.panel import Panel
from generator.statistics.periods import Calendar
from generator.statistics.places import Places


@dataclass(frozen=True)
class Cells:
    """Every country with every breakdown and period that rows have, numbered from 0."""

    number: Positions
    """The cell of each row; -1 where the row is in none."""
    keys: Positions
    """The key of each cell, with the country as organisation; sorted. Some cells may hold no row."""

    def __len__(self) -> int:
        return len(self.keys)


def find_cells(rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar) -> Cells:
    """Return the cells of the rows of one metric, which are sorted by key.

    In a cell are the organisations of the metric's kind that were open in the period, under the country that
    held them on its last day. Rows of others, and of organisations that no country holds, are in none.
    """
    panel, timeline = Panel.of(rows), places.through(calendar)
    countries = np.flatnonzero(places.is_country)
    organisation, period = (rows[name].to_numpy(np.int64) for name in ("organisation", "period"))
    country = timeline.country[timeline.standing[period], organisation]
    is_member = counts_in_totals(rows, metric, places, calendar) & (country >= 0)
    columns = len(panel.period)
    return Cells(
        number=np.where(is_member, np.searchsorted(countries, country) * columns + panel.column, -1),
        keys=key_of(
            np.repeat(countries, columns),
            np.tile(panel.breakdown, len(countries)),
            np.tile(panel.period, len(countries)),
        ),
    )
