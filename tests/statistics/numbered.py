"""The rows of a small release as calculations see them: one metric, by number, with values and intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.release import Directory
from generator.statistics.absence import add_absences
from generator.statistics.intervals import add_intervals
from generator.statistics.numbering import Numbering, RawRows
from generator.statistics.periods import Calendar
from generator.statistics.places import Places
from generator.statistics.values import add_values
from tests.factories import Row, make_release


@dataclass(frozen=True)
class Numbered:
    """The shown rows of one metric, and what they are numbered by."""

    rows: pd.DataFrame
    metric: Metric
    directory: Directory
    places: Places
    calendar: Calendar
    breakdowns: pd.Index[str]

    def by_code(self, figures: Any, period: str = "2025-q4", breakdown: str = "all") -> dict[str, Any]:
        """Return the figures of the rows of one period by the organisation's code; None where blank."""
        number, group = self.calendar.names.get_loc(period), self.breakdowns.get_loc(breakdown)
        here = np.flatnonzero((self.rows["period"] == number) & (self.rows["breakdown"] == group))
        cells = np.asarray(figures)[here]
        codes = self.places.codes[self.rows["organisation"].to_numpy()[here]]
        return {code: None if pd.isna(cell) else cell for code, cell in zip(codes, cells, strict=True)}


def number_rows(observations: Iterable[Row], metric: Row | None = None, **release: Any) -> Numbered:
    """Return the rows of these observations of one metric (a quarterly open proportion, unless changed)."""
    made = make_release(observations, metrics=[metric or {}], **release)
    numbering = Numbering.of(made)
    raw = RawRows.of(made.observations, numbering)
    (metric_id,) = raw.metrics()
    rows, definition = raw.of_metric(metric_id), numbering.versions[metric_id][-1]
    rows = add_intervals(add_absences(add_values(rows, definition)), definition)
    return Numbered(
        rows, definition, made.directory, numbering.places, numbering.calendar, numbering.breakdowns
    )


def practices(count: int, **cells: Any) -> list[Row]:
    """Return so many practices P01, P02 … of one country C1, and the country."""
    listed: list[Row] = [
        {"organisation_code": f"P{number:02d}", "name": f"Practice {number}", "kind": "practice", **cells}
        for number in range(1, count + 1)
    ]
    return [*listed, {"organisation_code": "C1", "name": "Exampleland", "kind": "country"}]
