"""Which way the last five annual values go."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import Direction, Frequency, Kind, Trend
from generator.statistics.categories import choose, repeat
from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.panel import Panel
from generator.statistics.periods import Calendar

POINTS = 5
CHI_SQUARE = 9.5495
"""The chi-square value, one degree of freedom, of 99.8% confidence."""
WIDTH_IN_ERRORS = 3.92
"""The test's own rounding of the width of a 95% interval in standard errors."""
ANNUAL = (Frequency.YEAR, Frequency.ROLLING_YEAR)
NOISE = 1e-14
"""A slope that is a smaller share than this of what it is the difference of comes from arithmetic alone."""
DRIFT = 2
"""Years may end so many months earlier or later than a year after the one before."""


def add_trend(rows: pd.DataFrame, metric: Metric, calendar: Calendar, series: Positions) -> pd.DataFrame:
    """Return the rows of one metric, all versions together and sorted by key, with the column trend.

    Each row looks back on five annual points, its own the last. Blank where the metric is not annual.
    `series` numbers for each period the series that its definition belongs to (see `number_series`). It
    cannot be calculated where one of the five has no value or no interval, where the definition broke between
    them, or where numerator and denominator of one are equal.
    """
    if metric.frequency not in ANNUAL or rows.empty:
        return rows.assign(trend=repeat("trend", "", len(rows)))
    value, lower, upper = (rows[name].to_numpy(np.float64) for name in ("value", "lower", "upper"))
    error = (upper - lower) / WIDTH_IN_ERRORS
    points = _points(rows, calendar, series)
    # Position -1, which stands for no point, reads the last entry.
    valid = np.append(~np.isnan(value) & (error > 0) & ~_is_full(rows, metric), np.False_)
    chosen = np.flatnonzero(valid[points].all(axis=0))
    points = points[:, chosen]
    direction = np.full(len(rows), np.nan)
    direction[chosen] = find_direction(value[points], error[points])
    is_annual = np.isin(calendar.frequency, ANNUAL)[rows["period"].to_numpy(np.int64)]
    return rows.assign(trend=_in_words(direction, is_annual, metric))


def number_series(versions: Sequence[Metric], in_force: Positions) -> Positions:
    """Return for each period the number of its series: a version that breaks the series begins a new one.

    `in_force` is the place of each period's version among the versions.
    """
    return np.cumsum([metric.breaks_series for metric in versions])[in_force]


def find_years_before(used: Positions, calendar: Calendar, series: Positions) -> Positions:
    """Return for each of these periods (sorted) the annual one before it, -1 where there is none.

    It has the same frequency, shares no day, and belongs to the same series. Rolling years end exactly twelve
    months apart; other years may drift by two months, as those of a survey do.
    """
    months = calendar.end.astype("datetime64[M]").astype(np.int64)
    before = np.full(len(used), -1, dtype=np.int64)
    for place, number in enumerate(used.tolist()):
        frequency = calendar.frequency[number]
        if frequency not in ANNUAL:
            continue
        off = np.abs(months[number] - 12 - months[used])
        near = off <= (DRIFT if frequency == Frequency.YEAR else 0)
        near &= calendar.frequency[used] == frequency
        near &= (series[used] == series[number]) & (calendar.end[used] < calendar.start[number])
        if near.any():
            before[place] = used[near][np.argmin(off[near])]
    return before


def find_direction(value: Numbers, error: Numbers) -> Numbers:
    """Return 1 for a clear rise, -1 for a clear fall, 0 for no clear trend.

    `value` and `error` (the standard errors, above 0) are tables of points by cases, earliest first, a year
    apart. A trend is clear where the slope weighted by 1/error² is beyond what chance gives in 2 of 1,000
    cases, and keeps its sign with each single point left out.
    """
    weight = 1 / error**2
    # Moments about the middle point and the last value: large values of little change keep their digits.
    year = np.arange(len(value), dtype=np.float64)[:, np.newaxis] - len(value) // 2
    rise = value - value[-1]
    moments = np.stack([weight, weight * year, weight * rise, weight * year * rise])
    total = moments.sum(axis=1)
    tilt = _tilt(total)
    spread = total[0] * (weight * year**2).sum(axis=0) - total[1] ** 2
    # slope = tilt / spread, and its variance = sum of weights / spread.
    clear = np.flatnonzero(tilt**2 > CHI_SQUARE * total[0] * spread)
    direction = np.sign(tilt[clear])
    moments, total = moments[:, :, clear], total[:, clear]
    weights, years, rises, both = np.abs(moments).sum(axis=1)
    flat = NOISE * (weights * both + years * rises)
    for point in range(len(value)):
        without = _tilt(total - moments[:, point])
        direction = np.where(without * direction > flat, direction, 0.0)
    found = np.zeros(len(tilt))
    found[clear] = direction
    return found


def _tilt(sums: Numbers) -> Numbers:
    """Return what has the sign of the weighted slope, from the sums of the moments over the points."""
    weight, year, rise, both = sums
    return np.asarray(weight * both - year * rise)


def _points(rows: pd.DataFrame, calendar: Calendar, series: Positions) -> Positions:
    """Return the positions of the five points of each row (points by rows, earliest first), -1 for none."""
    panel = Panel.of(rows)
    used = np.unique(panel.period)
    year_before = np.full(len(calendar), -1, dtype=np.int64)
    year_before[used] = find_years_before(used, calendar, series)
    # The last column is that of no period, which -1 stands for.
    back = np.append(panel.column_of(panel.breakdown, year_before[panel.period]), -1)
    points = np.empty((POINTS, len(rows)), dtype=np.int64)
    organisation, column = rows["organisation"].to_numpy(np.int64), panel.column
    for point in reversed(range(POINTS)):
        points[point] = panel.find(organisation, column)
        column = back[column]
    return points


def _is_full(rows: pd.DataFrame, metric: Metric) -> Flags:
    """Tell which rows are a full count: everyone counted."""
    full = rows["numerator"].to_numpy(np.float64) == rows["denominator"].to_numpy(np.float64)
    if metric.kind is Kind.PROPORTION:
        full |= rows["value"].to_numpy(np.float64) == metric.multiplier
    return np.asarray(full)


def _in_words(direction: Numbers, is_annual: Flags, metric: Metric) -> pd.Categorical:
    neutral = metric.direction is Direction.NEUTRAL
    up, down = (Trend.RISING, Trend.FALLING) if neutral else (Trend.IMPROVING, Trend.WORSENING)
    better = -1.0 if metric.direction is Direction.LOWER_IS_BETTER else 1.0
    conditions: dict[str, npt.NDArray[np.bool_]] = {
        "": ~is_annual,
        Trend.CANNOT_BE_CALCULATED: np.isnan(direction),
        up: direction == better,
        down: direction == -better,
    }
    return choose("trend", conditions, otherwise=Trend.NO_CLEAR_TREND)
