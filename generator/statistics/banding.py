"""The publisher's own levels, decided on counts, and how sure they are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS, Band, Direction
from generator.statistics.categories import choose
from generator.statistics.keys import Flags, Numbers
from generator.statistics.posterior import Posterior

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

    An end that is infinite is open. NaN where neither counts nor an interval tell, or an end is missing.
    """
    posterior = Posterior.of(rows, metric)
    return posterior.below(upper_end) - posterior.below(lower_end)


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
    denominator, base = (rows[name].to_numpy(np.float64) for name in ("denominator", "base"))
    return np.asarray(np.where(np.isnan(denominator), base, denominator) >= metric.minimum_denominator)


def _stability(
    rows: pd.DataFrame, band: pd.Categorical, good: Numbers, acceptable: Numbers, metric: Metric
) -> Numbers:
    """Return the probability that the true value lies in the printed band, NaN where there is none."""
    banded = np.asarray(band != Band.NOT_BANDED)
    if not banded.any():
        return np.full(len(rows), np.nan)
    is_good, is_acceptable = (np.asarray(band == word) for word in (Band.GOOD, Band.ACCEPTABLE))
    # Ends from the worse to the better side; below standard ends where the next band that exists begins.
    worst = np.where(np.isnan(acceptable), good, acceptable)
    open_side = -np.inf if metric.direction is Direction.LOWER_IS_BETTER else np.inf
    worse_end = np.where(is_good, good, np.where(is_acceptable, acceptable, -open_side))
    better_end = np.where(
        is_good, open_side, np.where(is_acceptable, np.where(np.isnan(good), open_side, good), worst)
    )
    worse_end[~banded] = np.nan
    lower_end, upper_end = np.minimum(worse_end, better_end), np.maximum(worse_end, better_end)
    return stability_between(rows, lower_end, upper_end, metric)
