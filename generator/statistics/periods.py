"""Periods in the order of time: which came before, which overlap, and which definition held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.metric import Metric, metric_from_row
from generator.model.vocabulary import Frequency
from generator.statistics.keys import Flags, Positions

Days = npt.NDArray[np.datetime64]

SEASONAL = (Frequency.QUARTER, Frequency.MONTH)
"""Periods that the seasons set apart: these are compared with those of a year before too."""


@dataclass(frozen=True)
class Calendar:
    """Every period of a release; its number is its place in the order of end, then start, then name."""

    names: pd.Index[str]
    start: Days
    end: Days
    frequency: npt.NDArray[np.object_]

    @classmethod
    def of(cls, periods: pd.DataFrame) -> Calendar:
        """Return the calendar of PERIODS."""
        ordered = periods.sort_values(["end", "start", "period"], ignore_index=True)
        return cls(
            names=pd.Index(ordered["period"].astype(object), dtype=object),
            start=ordered["start"].to_numpy("datetime64[s]"),
            end=ordered["end"].to_numpy("datetime64[s]"),
            frequency=ordered["frequency"].to_numpy(object),
        )

    def __len__(self) -> int:
        return len(self.names)

    def overlaps(self, period: Positions, earlier: Positions) -> Flags:
        """Tell for each pair of periods whether they share a day; the second ends no later than the first."""
        return np.asarray(self.start[period] <= self.end[earlier])


@dataclass(frozen=True)
class EarlierPeriods:
    """What each period of the calendar may be compared with, by number; -1 where there is none."""

    previous: Positions
    """The last period of the same frequency before it that the metric has figures or absences for."""
    year_before: Positions
    """For a quarter or month, the same one a year before."""


def find_earlier_periods(calendar: Calendar, used: Positions) -> EarlierPeriods:
    """Return the earlier periods of each of these numbers of periods (sorted), found among them."""
    previous = np.full(len(calendar), -1, dtype=np.int64)
    year_before = np.full(len(calendar), -1, dtype=np.int64)
    months = calendar.end.astype("datetime64[M]").astype(np.int64)
    for frequency in np.unique(calendar.frequency[used].astype(str)):
        same = used[calendar.frequency[used] == frequency]
        previous[same[1:]] = same[:-1]
        if frequency in SEASONAL:
            by_month = dict(zip(months[same].tolist(), same.tolist(), strict=True))
            year_before[same] = [by_month.get(month - 12, -1) for month in months[same].tolist()]
    return EarlierPeriods(previous, year_before)


def versions_of_metrics(metrics: pd.DataFrame) -> dict[str, list[Metric]]:
    """Return the versions of every metric, earliest first, by metric_id in sorted order."""
    versions: dict[str, list[Metric]] = {}
    for row in metrics.to_dict("records"):
        metric = metric_from_row({str(name): value for name, value in row.items()})
        versions.setdefault(metric.metric_id, []).append(metric)
    return {
        metric_id: sorted(
            versions[metric_id], key=lambda metric: (metric.valid_from or date.min, metric.version)
        )
        for metric_id in sorted(versions)
    }


def version_in_force(versions: Sequence[Metric], calendar: Calendar) -> Positions:
    """Return for each period the place of the version that holds on its last day.

    Where none does (the check refuses such packages), the last one that had begun holds, else the first.
    """
    place = np.zeros(len(calendar), dtype=np.int64)
    for number, metric in enumerate(versions):
        place[_on_or_after(calendar.end, metric.valid_from)] = number
    for number, metric in enumerate(versions):
        valid = _on_or_after(calendar.end, metric.valid_from)
        if metric.valid_to is not None:
            valid &= calendar.end <= np.datetime64(metric.valid_to)
        place[valid] = number
    return place


def _on_or_after(days: Days, day: date | None) -> Flags:
    if day is None:
        return np.ones(len(days), dtype=np.bool_)
    return np.asarray(days >= np.datetime64(day))
