"""How a value moved since the period before, and since a year before, tested at the 99% level."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from generator.model.metric import Metric
from generator.model.vocabulary import Change, Direction, Frequency, Kind
from generator.statistics.categories import choose, repeat
from generator.statistics.intervals import effective_sizes, wilson
from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.panel import Panel
from generator.statistics.periods import Calendar, EarlierPeriods
from generator.statistics.posterior import WIDTH_IN_ERRORS

CONFIDENCE = 0.99
CRITICAL = 2.575829
"""The normal quantile of 99% confidence."""
BERRY_ESSEEN = 0.4748
"""No sum of independent parts is further from normal than this, times its third absolute moment."""


def add_change(
    rows: pd.DataFrame, metric: Metric, calendar: Calendar, earlier: EarlierPeriods, version: Positions
) -> pd.DataFrame:
    """Return the rows of one metric, all versions together and sorted by key, with both columns of change.

    For `change` a value is compared with that of the previous period of the same frequency, for `change_year`
    that of a quarter or month with the same quarter or month a year before. Not comparable: a rolling metric,
    overlapping periods, another version of the definition (`version` numbers it for each period), no value
    shown in the earlier period, or nothing to test with. Blank where there is no value now or no such period.
    """
    series = _Series(rows, Panel.of(rows), metric, calendar, version)
    return rows.assign(
        change=series.change_since(earlier.previous, "change"),
        change_year=series.change_since(earlier.year_before, "change_year"),
    )


def difference_interval(
    earlier: pd.DataFrame, later: pd.DataFrame, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Return Newcombe's hybrid score interval of later minus earlier proportions (fractions of 1).

    Each table has the columns numerator and denominator; the ends are NaN where a Wilson interval is missing.
    """
    first, second = (
        _Proportions.of(
            counts["numerator"].to_numpy(np.float64), counts["denominator"].to_numpy(np.float64), confidence
        )
        for counts in (earlier, later)
    )
    lower, upper = second.minus(first)
    return pd.DataFrame({"lower": lower, "upper": upper})


def rates_differ(
    events_1: Numbers,
    exposure_1: Numbers,
    events_2: Numbers,
    exposure_2: Numbers,
    *,
    level: float = 1 - CONFIDENCE,
) -> Flags:
    """Tell which pairs of rates differ, by the exact conditional test: p below the level.

    Events are rounded to whole ones. Only pairs whose one-sided p is below the level can have a two-sided one
    that is. Both tails are above it wherever the normal approximation is by more than its greatest possible
    error; that leaves few pairs for the exact tails.
    """
    first = np.rint(events_1)
    both = first + np.rint(events_2)
    share = exposure_1 / (exposure_1 + exposure_2)
    differ = np.zeros(len(first), dtype=np.bool_)
    chosen = np.flatnonzero(_smallest_tail(first, both, share) < level)
    first, both, share = first[chosen], both[chosen], share[chosen]
    low_tail, high_tail = special.bdtr(first, both.astype(np.int64), share), _at_least(first, both, share)
    smaller = np.flatnonzero(np.minimum(low_tail, high_tail) < level)
    differ[chosen[smaller]] = exact_p(first[smaller], both[smaller], share[smaller]) < level
    return differ


def exact_p(events: Numbers, both: Numbers, share: Numbers) -> Numbers:
    """Return the two-sided p of so many events of both, when each falls here with probability `share`.

    The sum of the probabilities of all outcomes no more likely than the one seen, as `scipy.stats.binomtest`
    has it.
    """
    # Seen from the side below the expected number, the other tail begins at the first outcome that is as
    # unlikely.
    mirrored = events > both * share
    events = np.where(mirrored, both - events, events)
    share = np.where(mirrored, 1 - share, share)
    limit = _log_probability(events, both, share) + np.log1p(1e-7)
    low, high = np.ceil(both * share), both + 1
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        unlikely = _log_probability(middle, both, share) <= limit
        low, high = np.where(unlikely, low, np.minimum(middle + 1, high)), np.where(unlikely, middle, high)
    p = special.bdtr(events, both.astype(np.int64), share) + _at_least(low, both, share)
    return np.asarray(np.where(events == both * share, 1.0, np.minimum(p, 1.0)))


@dataclass(frozen=True)
class _Proportions:
    """Shares of 1 with the ends of their Wilson intervals; NaN where there is none."""

    share: Numbers
    lower: Numbers
    upper: Numbers

    @classmethod
    def of(cls, numerator: Numbers, denominator: Numbers, confidence: float) -> _Proportions:
        lower, upper = wilson(numerator, denominator, confidence=confidence)
        with np.errstate(divide="ignore", invalid="ignore"):
            return cls(numerator / denominator, lower, upper)

    def at(self, place: Positions) -> _Proportions:
        return _Proportions(self.share[place], self.lower[place], self.upper[place])

    def minus(self, other: _Proportions) -> tuple[Numbers, Numbers]:
        """Return the ends of Newcombe's interval of the differences."""
        difference = self.share - other.share
        below = np.hypot(self.share - self.lower, other.upper - other.share)
        above = np.hypot(self.upper - self.share, other.share - other.lower)
        return difference - below, difference + above


@dataclass(frozen=True)
class _Series:
    """The rows of one metric, to be compared with rows of earlier periods."""

    rows: pd.DataFrame
    panel: Panel
    metric: Metric
    calendar: Calendar
    version: Positions
    """Which version of the definition holds in each period."""

    def change_since(self, earlier: Positions, column: str) -> pd.Categorical:
        """Return the column of the change since the earlier period of each period."""
        period = self.rows["period"].to_numpy(np.int64)
        told = (earlier[period] >= 0) & ~np.isnan(self._figures("value"))
        if not told.any():
            return repeat(column, "", len(told))
        outcome = self._compare_with(earlier, among=told)
        is_neutral = self.metric.direction is Direction.NEUTRAL
        up, down = (Change.ROSE, Change.FELL) if is_neutral else (Change.IMPROVED, Change.WORSENED)
        better = -1.0 if self.metric.direction is Direction.LOWER_IS_BETTER else 1.0
        return choose(
            column,
            {
                "": ~told,
                Change.NOT_COMPARABLE: np.isnan(outcome),
                up: outcome == better,
                down: outcome == -better,
            },
            otherwise=Change.NO_CLEAR_CHANGE,
        )

    def _compare_with(self, earlier: Positions, *, among: Flags) -> Numbers:
        """Return 1 for a clear rise since the earlier period of each period, -1 for a clear fall.

        0 for no clear change, NaN where the two are not comparable, and for rows that are not among those
        asked for. These have a value.
        """
        outcome = np.full(len(self.rows), np.nan)
        if self.metric.rolling or self.metric.frequency is Frequency.ROLLING_YEAR:
            return outcome
        panel, calendar = self.panel, self.calendar
        # All that decides whether two periods are comparable is the same in a whole column.
        period, before = panel.period, earlier[panel.period]
        comparable = (before >= 0) & (self.version[period] == self.version[before])
        comparable &= ~calendar.overlaps(period, before)
        comparable &= calendar.frequency[period] != Frequency.ROLLING_YEAR
        place = panel.find_in(np.where(comparable, before, -1))
        chosen = np.flatnonzero(among & (place >= 0))
        chosen = chosen[~np.isnan(self._figures("value")[place[chosen]])]
        if len(chosen):
            outcome[chosen] = self._movement(place[chosen], chosen)
        return outcome

    def _movement(self, earlier: Positions, later: Positions) -> Numbers:
        """Return 1, -1, 0 or NaN for pairs of shown rows, given by their places."""
        if self.metric.kind is Kind.PROPORTION:
            lower, upper = self._proportions.at(later).minus(self._proportions.at(earlier))
            moved = (lower > 0).astype(np.float64) - (upper < 0)
            tested = ~np.isnan(lower)
        elif self.metric.kind in (Kind.RATE, Kind.RATIO):
            events, exposure = self._figures("numerator"), self._figures("denominator")
            moved = np.zeros(len(later))
            tested = (
                ~np.isnan(events[earlier] + events[later]) & (exposure[earlier] > 0) & (exposure[later] > 0)
            )
            first, second = earlier[tested], later[tested]
            differ = rates_differ(events[first], exposure[first], events[second], exposure[second])
            rise = np.sign(events[second] * exposure[first] - events[first] * exposure[second])
            moved[tested] = np.where(differ, rise, 0.0)
        else:
            return self._movement_of_intervals(earlier, later)
        untested = np.flatnonzero(~tested)
        if len(untested):
            moved[untested] = self._movement_of_intervals(earlier[untested], later[untested])
        return moved

    def _movement_of_intervals(self, earlier: Positions, later: Positions) -> Numbers:
        """Return the movement judged by z, from values and widths of intervals; NaN without intervals."""
        value, lower, upper = (self._figures(name) for name in ("value", "lower", "upper"))
        width = upper - lower
        difference, error = value[later] - value[earlier], np.hypot(width[earlier], width[later])
        clear = np.abs(difference) > CRITICAL * error / WIDTH_IN_ERRORS
        return np.asarray(np.where(np.isnan(error), np.nan, np.where(clear, np.sign(difference), 0.0)))

    @cached_property
    def _proportions(self) -> _Proportions:
        return _Proportions.of(*effective_sizes(self.rows, self.metric), CONFIDENCE)

    def _figures(self, name: str) -> Numbers:
        return self.rows[name].to_numpy(np.float64)


def _smallest_tail(events: Numbers, both: Numbers, share: Numbers) -> Numbers:
    """Return what the smaller tail of a binomial distribution at least is.

    The distribution differs nowhere from the normal one by more than the bound of Berry and Esseen, with the
    constant of Shevtsova (2011).
    """
    variance = share * (1 - share)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = BERRY_ESSEEN * (1 - 2 * variance) / np.sqrt(variance * both)
        distance = np.abs(events - both * share) / np.sqrt(variance * both)
    # Without events there is nothing to approximate.
    return np.where(both > 0, special.ndtr(-distance) - error, 0.0)


def _at_least(events: Numbers, both: Numbers, share: Numbers) -> Numbers:
    """Return the probability of so many events or more."""
    tail = special.bdtrc(np.maximum(events - 1, 0), both.astype(np.int64), share)
    return np.where(events > 0, tail, 1.0)


def _log_probability(events: Numbers, both: Numbers, share: Numbers) -> Numbers:
    """Return the logarithm of the probability of exactly so many events, minus infinity beyond them all."""
    possible = events <= both
    seen = np.where(possible, events, both)
    log_ways = special.gammaln(both + 1) - special.gammaln(seen + 1) - special.gammaln(both - seen + 1)
    chance = special.xlogy(seen, share) + special.xlog1py(both - seen, -share)
    return np.where(possible, log_ways + chance, -np.inf)
