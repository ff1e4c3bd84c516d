"""Control charts (XmR): how far results move when nothing has changed, and where something did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.methods import MethodOptions
from generator.model.metric import Metric
from generator.model.vocabulary import Frequency, Kind
from generator.statistics.control_rules import BETTER, Limits, find_signals, name_assurance, name_variation
from generator.statistics.keys import KEY, Flags, Numbers, Positions
from generator.statistics.periods import Calendar, Days
from generator.statistics.places import Places

MINIMUM_POINTS = 13
"""A segment with fewer points has no limits and no icons."""
LIMIT_IN_RANGES = 2.66
"""Process limits are so many mean moving ranges away from the mean: three sigma."""
SCREEN_IN_RANGES = 3.267
"""A moving range of so many mean ones is left out of a second mean."""

MONTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3}
"""The frequencies that are charted, and how many months lie between the ends of neighbouring periods."""


def add_control_charts(
    rows: pd.DataFrame,
    versions: Sequence[Metric],
    in_force: Positions,
    places: Places,
    calendar: Calendar,
    rebases: pd.DataFrame,
    target: Numbers,
    *,
    options: MethodOptions = MethodOptions(),  # noqa: B008 - frozen
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of one metric with variation and assurance, and the segments of its charts by number.

    The rows are those of all versions, sorted by key, with protected values in the metric's unit; `in_force`
    numbers the version that holds for each period; `target` holds what each row has to meet, NaN for nothing.
    Each organisation and breakdown is a series. Charted are values of months and quarters that neither roll
    nor overlap, except of a status. A series starts a new segment where a version breaks it and at each row
    of REBASES (those of other metrics are passed over) for its organisation or for all; a period belongs to
    the segment that holds on its last day. Where a period has no value, nothing is said of the target.

    The second table lists the segments that have a value, with the columns of SPC: organisation, breakdown
    and start (the segment's first period) are numbers; mean, lower and upper are NaN below 13 points.
    """
    place = np.flatnonzero(_is_charted(rows, versions, in_force, calendar))
    period = rows["period"].to_numpy(np.int64)[place]
    layout = _lay_out(rows, place, versions, in_force, places, calendar, rebases)
    chart, column = layout.chart, _places_in_time(period, versions[-1].frequency, calendar)
    value = rows["value"].to_numpy(np.float64)[place]
    values = np.full((len(layout.first), int(column.max(initial=-1)) + 1), np.nan)
    values[chart, column] = value
    limits = _with_enough_points(measure_limits(values))
    signals = find_signals(values, limits, options.two_of_three)

    better = np.array([BETTER[metric.direction] for metric in versions], dtype=np.int8)[in_force[period]]
    has_value = ~np.isnan(value)
    points_of_series = np.bincount(layout.series, weights=limits.points)
    variation = name_variation(
        signals[chart, column],
        better,
        charted=points_of_series[layout.series[chart]] > 0,
        has_value=has_value,
        has_limits=~np.isnan(limits.mean)[chart],
    )
    assurance = name_assurance(
        limits.lower[chart], limits.upper[chart], np.where(has_value, target[place], np.nan), better
    )
    charted_rows = rows.assign(
        variation=_spread(variation, place, len(rows)), assurance=_spread(assurance, place, len(rows))
    )
    return charted_rows, _list_segments(rows[[*KEY]].iloc[place[layout.first]], layout.series, limits)


def measure_limits(values: Numbers, *, screen: bool = True) -> Limits:
    """Return the lines of each chart: mean and process limits from its moving ranges, in the values' unit.

    Each row is a chart, each column a place in time; NaN is a gap, across which no moving range is taken.
    With `screen`, moving ranges of 3.267 times their mean or more are left out, once, and the mean is taken
    again; the points themselves stay. No limits where no two neighbours have values.
    """
    known = ~np.isnan(values)
    points = known.sum(axis=1)
    ranges = np.abs(np.diff(values, axis=1))
    usual = _mean_of(ranges, ~np.isnan(ranges))
    if screen:
        # A series that never moves has ranges of 0 only, which are not unusual.
        usual = _mean_of(ranges, (ranges < SCREEN_IN_RANGES * usual[:, np.newaxis]) | (ranges == 0))
    mean = _mean_of(values, known)
    return Limits(mean, mean - LIMIT_IN_RANGES * usual, mean + LIMIT_IN_RANGES * usual, points)


@dataclass(frozen=True)
class _Layout:
    """Which chart each charted row belongs to; each segment of a series is a chart of its own."""

    chart: Positions
    """The number of each row's chart."""
    first: Positions
    """The first row of each chart, by its place among the charted rows."""
    series: Positions
    """The number of each chart's series."""


def _is_charted(
    rows: pd.DataFrame, versions: Sequence[Metric], in_force: Positions, calendar: Calendar
) -> Flags:
    """Tell which rows have a place in the metric's charts."""
    period = rows["period"].to_numpy(np.int64)
    frequency = versions[-1].frequency
    suits = np.array([not metric.rolling and metric.kind is not Kind.STATUS for metric in versions])
    charted = suits[in_force] & (calendar.frequency == frequency) & (frequency in MONTHS)
    charted &= np.bincount(period, minlength=len(calendar)) > 0
    used = np.flatnonzero(charted)
    if calendar.overlaps(used[1:], used[:-1]).any():
        # Neighbours that share days move together, so that limits would be far too narrow.
        return np.zeros(len(rows), dtype=np.bool_)
    return np.asarray(charted[period])


def _lay_out(
    rows: pd.DataFrame,
    place: Positions,
    versions: Sequence[Metric],
    in_force: Positions,
    places: Places,
    calendar: Calendar,
    rebases: pd.DataFrame,
) -> _Layout:
    """Return which chart each of the rows at these places belongs to."""
    organisation, breakdown, period = (rows[name].to_numpy(np.int64)[place] for name in KEY)
    begins_series = _differs(organisation) | _differs(breakdown)
    breaks = np.cumsum([metric.breaks_series for metric in versions])
    begins_chart = begins_series | _differs(breaks[in_force[period]])
    own = rebases[rebases["metric_id"] == versions[-1].metric_id]
    if len(own):
        begins_chart |= _differs(_count_rebases(own, places, organisation, calendar.end[period]))
    first = np.flatnonzero(begins_chart)
    return _Layout(np.cumsum(begins_chart) - 1, first, (np.cumsum(begins_series) - 1)[first])


def _count_rebases(rebases: pd.DataFrame, places: Places, organisation: Positions, day: Days) -> Positions:
    """Return a number for each row that rises with each rebase up to its day, its own or one of all."""
    days = day.astype("datetime64[D]").astype(np.int64)
    dates = rebases["date"].to_numpy("datetime64[D]").astype(np.int64)
    code = rebases["organisation_code"].to_numpy(object)
    of_all = code == ""
    owner = places.codes.get_indexer(pd.Index(code[~of_all])).astype(np.int64)
    own_dates = np.sort((owner << 32) + dates[~of_all])
    return np.searchsorted(np.sort(dates[of_all]), days, side="right") + np.searchsorted(
        own_dates, (organisation << 32) + days, side="right"
    )


def _places_in_time(period: Positions, frequency: Frequency, calendar: Calendar) -> Positions:
    """Return the column of each row's period; where periods are left out, an empty column keeps the place."""
    used = np.flatnonzero(np.bincount(period, minlength=len(calendar)))
    months = calendar.end[used].astype("datetime64[M]").astype(np.int64)
    skipped = np.diff(months, prepend=months[:1]) > MONTHS.get(frequency, 0)
    column = np.zeros(len(calendar), dtype=np.int64)
    column[used] = np.arange(len(used)) + np.cumsum(skipped)
    return column[period]


def _with_enough_points(limits: Limits) -> Limits:
    """Return the limits without those of charts that have too few points."""
    enough = (limits.points >= MINIMUM_POINTS) & ~np.isnan(limits.lower)
    mean, lower, upper = (
        np.where(enough, line, np.nan) for line in (limits.mean, limits.lower, limits.upper)
    )
    return Limits(mean, lower, upper, limits.points)


def _list_segments(first: pd.DataFrame, series: Positions, limits: Limits) -> pd.DataFrame:
    """Return the segments that have a value, given the first row and the series of each chart."""
    listed = np.flatnonzero(limits.points > 0)
    organisation, breakdown, start = (first[name].to_numpy(np.int64)[listed] for name in KEY)
    return pd.DataFrame(
        {
            "organisation": organisation,
            "breakdown": breakdown,
            "segment": _number_within(series[listed]),
            "start": start,
            "mean": limits.mean[listed],
            "lower": limits.lower[listed],
            "upper": limits.upper[listed],
            "points": limits.points[listed],
        }
    )


def _differs(numbers: Positions) -> Flags:
    """Tell which cells differ from the one before; the first one does."""
    differs = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=differs[1:])
    return differs


def _number_within(series: Positions) -> Positions:
    """Return the number of each row among those of the same series, which stand together, from 1."""
    first = np.flatnonzero(_differs(series))
    return np.arange(len(series)) - np.repeat(first, np.diff(first, append=len(series))) + 1


def _mean_of(figures: Numbers, wanted: Flags) -> Numbers:
    """Return the mean of the wanted figures of each row, NaN where none is."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(wanted, figures, 0.0).sum(axis=1) / wanted.sum(axis=1))


def _spread(words: pd.Categorical, place: Positions, count: int) -> pd.Categorical:
    """Return a coded column that holds these words at these places of so many, and is blank elsewhere."""
    codes = np.full(count, words.categories.get_loc(""), dtype=np.int8)
    codes[place] = words.codes
    return pd.Categorical.from_codes(codes, dtype=words.dtype)
