"""The publisher's own levels, decided on counts, and how sure they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS, Band, Direction, Kind
from generator.statistics.categories import choose
from generator.statistics.intervals import effective_counts
from generator.statistics.keys import Flags, Numbers

WIDTH_IN_ERRORS = 3.919928
"""A 95% interval is this many standard errors wide."""
NOISE = 1e-14
"""Products of counts and thresholds differ by less than this share only through the computer's arithmetic."""


def add_bands(rows: pd.DataFrame, thresholds: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the rows with band and band_stability.

    `thresholds` is aligned with the rows and has the columns threshold_good and threshold_acceptable, in the
    metric's unit. A threshold belongs to the better side. Not banded: no value, no threshold, a neutral
    metric, a denominator below the metric's minimum (or unknown where there is a minimum).
    """
    good, acceptable = (
        thresholds[name].to_numpy(np.float64) for name in ("threshold_good", "threshold_acceptable")
    )
    has_good, has_acceptable = ~np.isnan(good), ~np.isnan(acceptable)
    banded = rows["value"].notna().to_numpy() & (has_good | has_acceptable) & _is_large_enough(rows, metric)
    if metric.direction is Direction.NEUTRAL:
        banded[:] = False
    band = choose(
        "band",
        {
            Band.NOT_BANDED: ~banded,
            Band.GOOD: has_good & _reaches(rows, good, metric),
            Band.ACCEPTABLE: has_acceptable & _reaches(rows, acceptable, metric),
        },
        otherwise=Band.BELOW_STANDARD,
    )
    return rows.assign(band=band, band_stability=_stability(rows, band, good, acceptable, metric))


def stability_between(rows: pd.DataFrame, lower_end: Numbers, upper_end: Numbers, metric: Metric) -> Numbers:
    """Return how probable it is that each true value lies between two levels in the metric's unit.

    An end that is infinite is open. The prior is Jeffreys': Beta(x + ½, n - x + ½) for proportions,
    Gamma(x + ½, n) for rates and ratios; otherwise a normal distribution with the standard error of the
    interval, NaN without one.
    """
    below_upper, below_lower = (_probability_below(rows, end, metric) for end in (upper_end, lower_end))
    return np.asarray(below_upper - below_lower)


def _reaches(rows: pd.DataFrame, threshold: Numbers, metric: Metric) -> Flags:
    """Tell which rows are on the better side of a threshold, or on it.

    Counts decide where there are any: numerator * multiplier against threshold * denominator.
    """
    achieved, needed = rows["value"].to_numpy(np.float64), threshold
    if metric.kind in COUNTED_KINDS:
        numerator, denominator = (rows[name].to_numpy(np.float64) for name in ("numerator", "denominator"))
        by_counts = ~np.isnan(numerator) & (denominator > 0)
        achieved = np.where(by_counts, numerator * metric.multiplier, achieved)
        needed = np.where(by_counts, threshold * denominator, needed)
    slack = np.abs(needed) * NOISE
    if metric.direction is Direction.LOWER_IS_BETTER:
        return np.asarray(achieved <= needed + slack)
    return np.asarray(achieved >= needed - slack)


def _is_large_enough(rows: pd.DataFrame, metric: Metric) -> Flags:
    if metric.minimum_denominator is None:
        return np.ones(len(rows), dtype=np.bool_)
    return (rows["denominator"].fillna(rows["base"]) >= metric.minimum_denominator).to_numpy()


def _stability(
    rows: pd.DataFrame, band: pd.Categorical, good: Numbers, acceptable: Numbers, metric: Metric
) -> Numbers:
    """Return the probability that the true value lies in the printed band, NaN where there is none."""
    stability = np.full(len(rows), np.nan)
    is_good, is_acceptable = (np.asarray(band == word) for word in (Band.GOOD, Band.ACCEPTABLE))
    banded = np.asarray(band != Band.NOT_BANDED)
    if not banded.any():
        return stability
    # Ends from the worse to the better side; below standard ends where the next band that exists begins.
    worst = np.where(np.isnan(acceptable), good, acceptable)
    open_side = -np.inf if metric.direction is Direction.LOWER_IS_BETTER else np.inf
    worse_end = np.select([is_good, is_acceptable], [good, acceptable], default=-open_side)
    better_end = np.select(
        [is_good, is_acceptable], [open_side, np.where(np.isnan(good), open_side, good)], default=worst
    )
    ends = np.sort(np.column_stack([worse_end, better_end])[banded], axis=1)
    stability[banded] = stability_between(rows[banded], ends[:, 0], ends[:, 1], metric)
    return stability


def _probability_below(rows: pd.DataFrame, level: Numbers, metric: Metric) -> Numbers:
    """Return the posterior probability that each true value lies below a level in the metric's unit."""
    if metric.kind is Kind.PROPORTION:
        counts = effective_counts(rows, metric)
        numerator, denominator = counts["numerator"].to_numpy(), counts["denominator"].to_numpy()
        share = np.clip(level / metric.multiplier, 0, 1)
        by_counts = np.asarray(special.betainc(numerator + 0.5, denominator - numerator + 0.5, share))
    elif metric.kind in (Kind.RATE, Kind.RATIO):
        numerator, denominator = (rows[name].to_numpy(np.float64) for name in ("numerator", "denominator"))
        mean = np.maximum(level, 0) / metric.multiplier * denominator
        by_counts = np.asarray(special.gammainc(numerator + 0.5, mean))
    else:
        by_counts = np.full(len(rows), np.nan)
    value, lower, upper = (rows[name].to_numpy(np.float64) for name in ("value", "lower", "upper"))
    error = (upper - lower) / WIDTH_IN_ERRORS
    # An interval without width says that nothing varied, not that the value is certain.
    by_interval = special.ndtr((level - value) / np.where(error > 0, error, np.nan))
    return np.where(np.isnan(by_counts), by_interval, by_counts)
