"""How a value moved since the period it is compared with, tested at the 99% level."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from generator.model.metric import Metric
from generator.model.vocabulary import Change, Direction, Frequency, Kind
from generator.statistics.banding import WIDTH_IN_ERRORS
from generator.statistics.categories import choose
from generator.statistics.intervals import effective_counts, proportion_interval
from generator.statistics.keys import Flags, Numbers, Positions, find_rows, key_of, keys_of
from generator.statistics.periods import Calendar, EarlierPeriods

CONFIDENCE = 0.99
CRITICAL = 2.575829
"""The normal quantile of 99% confidence."""


def add_change(
    rows: pd.DataFrame, metric: Metric, calendar: Calendar, earlier: EarlierPeriods, version: Positions
) -> pd.DataFrame:
    """Return the rows of one metric, all versions together and sorted by key, with the column change.

    A value is compared with that of the previous period of the same frequency; for quarters, where that is
    not comparable, with the same quarter a year before. Not comparable: a rolling metric, overlapping
    periods, another version of the definition (`version` numbers it for each period), no value shown in the
    earlier period, or nothing to test with. Blank where there is no value now, or no earlier period.
    """
    shown = rows["value"].notna().to_numpy()
    period = rows["period"].to_numpy(np.int64)
    previous, year_before = earlier.previous[period], earlier.year_before[period]
    outcome = _compare_with(rows, previous, metric, calendar, version)
    again = np.isnan(outcome) & (year_before >= 0)
    if again.any():
        outcome = np.where(again, _compare_with(rows, year_before, metric, calendar, version), outcome)

    rose = metric.direction is Direction.NEUTRAL
    up, down = (Change.ROSE, Change.FELL) if rose else (Change.IMPROVED, Change.WORSENED)
    better = -1.0 if metric.direction is Direction.LOWER_IS_BETTER else 1.0
    return rows.assign(
        change=choose(
            "change",
            {
                "": ~shown | ((previous < 0) & (year_before < 0)),
                Change.NOT_COMPARABLE: np.isnan(outcome),
                up: outcome == better,
                down: outcome == -better,
            },
            otherwise=Change.NO_CLEAR_CHANGE,
        )
    )


def difference_interval(
    earlier: pd.DataFrame, later: pd.DataFrame, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Return Newcombe's hybrid score interval of later minus earlier proportions (fractions of 1).

    Each table has the columns numerator and denominator; the ends are NaN where a Wilson interval is missing.
    """
    first, second = (
        proportion_interval(counts["numerator"], counts["denominator"], confidence=confidence)
        for counts in (earlier, later)
    )
    before, after = (counts["numerator"] / counts["denominator"] for counts in (earlier, later))
    return pd.DataFrame(
        {
            "lower": after - before - np.hypot(after - second["lower"], first["upper"] - before),
            "upper": after - before + np.hypot(second["upper"] - after, before - first["lower"]),
        }
    )


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
    that is; the second tail is computed for these alone.
    """
    first = np.rint(events_1)
    both = first + np.rint(events_2)
    share = exposure_1 / (exposure_1 + exposure_2)
    low_tail, high_tail = special.bdtr(first, both.astype(np.int64), share), _at_least(first, both, share)
    differ = np.asarray(np.minimum(low_tail, high_tail) < level, dtype=np.bool_)
    chosen = np.flatnonzero(differ)
    differ[chosen] = exact_p(first[chosen], both[chosen], share[chosen]) < level
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


def _compare_with(
    rows: pd.DataFrame, earlier_period: Positions, metric: Metric, calendar: Calendar, version: Positions
) -> Numbers:
    """Return 1 for a clear rise, -1 for a clear fall, 0 for no clear change, NaN where not comparable."""
    outcome = np.full(len(rows), np.nan)
    if metric.rolling or metric.frequency is Frequency.ROLLING_YEAR:
        return outcome
    keys = keys_of(rows)
    period = rows["period"].to_numpy(np.int64)
    organisation, breakdown = (rows[name].to_numpy(np.int64) for name in ("organisation", "breakdown"))
    place = find_rows(keys, key_of(organisation, breakdown, np.maximum(earlier_period, 0)))
    shown = rows["value"].notna().to_numpy()
    comparable = (earlier_period >= 0) & (place >= 0) & shown & shown[place]
    comparable &= (version[period] == version[earlier_period]) & ~calendar.overlaps(period, earlier_period)
    comparable &= calendar.frequency[period] != Frequency.ROLLING_YEAR
    chosen = np.flatnonzero(comparable)
    if len(chosen):
        outcome[chosen] = _movement(rows.iloc[place[chosen]], rows.iloc[chosen], metric)
    return outcome


def _movement(earlier: pd.DataFrame, later: pd.DataFrame, metric: Metric) -> Numbers:
    """Return 1, -1, 0 or NaN for pairs of shown rows."""
    earlier, later = earlier.reset_index(drop=True), later.reset_index(drop=True)
    moved = _movement_of_intervals(earlier, later)
    if metric.kind is Kind.PROPORTION:
        interval = difference_interval(effective_counts(earlier, metric), effective_counts(later, metric))
        clear = np.where(interval["lower"] > 0, 1.0, np.where(interval["upper"] < 0, -1.0, 0.0))
        return np.where(interval["lower"].notna(), clear, moved)
    if metric.kind in (Kind.RATE, Kind.RATIO):
        counts = [
            table[name].to_numpy(np.float64)
            for table in (earlier, later)
            for name in ("numerator", "denominator")
        ]
        known = np.flatnonzero(~np.isnan(counts).any(axis=0) & (counts[1] > 0) & (counts[3] > 0))
        events_1, exposure_1, events_2, exposure_2 = (figures[known] for figures in counts)
        direction = np.sign(events_2 * exposure_1 - events_1 * exposure_2)
        moved[known] = np.where(rates_differ(events_1, exposure_1, events_2, exposure_2), direction, 0.0)
    return moved


def _movement_of_intervals(earlier: pd.DataFrame, later: pd.DataFrame) -> Numbers:
    """Return the movement judged by z, from values and widths of intervals; NaN without intervals."""
    difference = (later["value"] - earlier["value"]).to_numpy()
    widths = ((table["upper"] - table["lower"]).to_numpy() for table in (earlier, later))
    width = np.hypot(*widths)
    clear = np.abs(difference) > CRITICAL * width / WIDTH_IN_ERRORS
    return np.asarray(np.where(np.isnan(width), np.nan, np.where(clear, np.sign(difference), 0.0)))


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
