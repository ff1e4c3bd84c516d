"""95% confidence intervals: Wilson, exact Poisson and Byar's, Student's t; what was supplied stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from generator.model.metric import Metric
from generator.model.vocabulary import IntervalSource, Kind
from generator.statistics.categories import choose
from generator.statistics.keys import Numbers

CONFIDENCE = 0.95
EXACT_BELOW = 10
"""Events below which a rate's interval is exact; from here on it is Byar's."""


def add_intervals(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the rows with lower and upper completed, in the metric's unit, and the column interval.

    Where the source supplied a limit, its limits stand and nothing is computed.
    """
    value, lower, upper = (rows[name].to_numpy(np.float64) for name in ("value", "lower", "upper"))
    shown = ~np.isnan(value)
    supplied = shown & ~(np.isnan(lower) & np.isnan(upper))
    computed = _computed(rows, metric)
    lower, upper = (
        np.where(supplied, given, np.where(shown, ends, np.nan))
        for given, ends in zip((lower, upper), computed, strict=True)
    )
    return rows.assign(
        lower=lower,
        upper=upper,
        interval=choose(
            "interval",
            {IntervalSource.SUPPLIED: supplied, IntervalSource.COMPUTED: ~np.isnan(lower)},
            otherwise=IntervalSource.NONE,
        ),
    )


def proportion_interval(
    numerator: pd.Series, denominator: pd.Series, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Return the Wilson score interval of each proportion, as columns lower and upper (fractions of 1).

    Chosen over the normal approximation because small practices often score 0% or 100%, where the latter
    gives an interval of no width. Both ends are NaN where the denominator is 0, a count is missing, or the
    numerator lies outside 0 to the denominator (the check refuses such packages; here they must not stop the
    others). See docs/methods/intervals.md.
    """
    lower, upper = wilson(
        numerator.to_numpy(np.float64), denominator.to_numpy(np.float64), confidence=confidence
    )
    return pd.DataFrame({"lower": lower, "upper": upper}, index=numerator.index)


def rate_interval(
    numerator: pd.Series, denominator: pd.Series, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Return the interval of each rate or ratio, as columns lower and upper (per 1 of the denominator).

    Exact Poisson limits below 10 events, Byar's approximation from 10. Both ends are NaN where the
    denominator is not above 0 or a count is missing or negative. Events may exceed the denominator.
    """
    lower, upper = poisson(
        numerator.to_numpy(np.float64), denominator.to_numpy(np.float64), confidence=confidence
    )
    return pd.DataFrame({"lower": lower, "upper": upper}, index=numerator.index)


def mean_interval(
    mean: pd.Series, standard_deviation: pd.Series, size: pd.Series, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Return Student's t interval of each mean, as columns lower and upper, in the unit of the mean.

    Both ends are NaN where the standard deviation is not known or fewer than two were measured.
    """
    shown = (size > 1) & (standard_deviation >= 0) & mean.notna()
    sizes, place = np.unique(size[shown].to_numpy(np.float64), return_inverse=True)
    quantile = special.stdtrit(sizes - 1, 0.5 + confidence / 2)[place]
    half = quantile * standard_deviation[shown] / np.sqrt(size[shown])
    interval = pd.DataFrame({"lower": mean[shown] - half, "upper": mean[shown] + half})
    return interval.reindex(mean.index)


def effective_counts(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return what a proportion's interval, change and stability rest on: columns numerator, denominator.

    For a survey the denominator is its effective base, else its base, and the numerator that share of it
    which the value states; otherwise they are the counts. NaN where they are not known.
    """
    numerator, denominator = effective_sizes(rows, metric)
    return pd.DataFrame({"numerator": numerator, "denominator": denominator}, index=rows.index)


def effective_sizes(rows: pd.DataFrame, metric: Metric) -> tuple[Numbers, Numbers]:
    """Return the two columns of `effective_counts` as arrays."""
    numerator, denominator, base, effective_base, value = (
        rows[name].to_numpy(np.float64)
        for name in ("numerator", "denominator", "base", "effective_base", "value")
    )
    base = np.where(np.isnan(effective_base), base, effective_base)
    is_survey = ~np.isnan(base)
    follows = is_survey | np.isnan(numerator)
    if not follows.any():
        return numerator, denominator
    size = np.where(is_survey, base, denominator)
    possible = value <= metric.multiplier * (1 + 1e-9)
    share = np.where(possible, np.minimum(value / metric.multiplier, 1), np.nan)
    return np.where(follows, share * size, numerator), size


def wilson(
    numerator: Numbers, denominator: Numbers, *, confidence: float = CONFIDENCE
) -> tuple[Numbers, Numbers]:
    """Return lower and upper ends of `proportion_interval` as arrays."""
    z = special.ndtri(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where((denominator > 0) & (numerator >= 0), denominator, np.nan)
        # Beyond the denominator the root is of a negative number, or the end would be: there is none.
        size[numerator > denominator] = np.nan
        middle = numerator + z * z / 2
        half = z * np.sqrt(numerator * (size - numerator) / size + z * z / 4)
        lower, upper = (middle - half) / (size + z * z), (middle + half) / (size + z * z)
    # The ends of 0% and 100% are exact; arithmetic alone can leave them 1e-17 off, beyond a benchmark of 0.
    lower[(numerator == 0) & (size > 0)] = 0.0
    upper[numerator == size] = 1.0
    return lower, upper


def poisson(
    numerator: Numbers, denominator: Numbers, *, confidence: float = CONFIDENCE
) -> tuple[Numbers, Numbers]:
    """Return lower and upper ends of `rate_interval` as arrays."""
    known = (denominator > 0) & (numerator >= 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(known, denominator, np.nan)
        lower, upper = _byar(np.maximum(numerator, EXACT_BELOW), confidence)
    few = np.flatnonzero(known & (numerator < EXACT_BELOW))
    # A few events take few values: each is computed once.
    events, place = np.unique(numerator[few], return_inverse=True)
    tail = (1 - confidence) / 2
    lower[few] = np.where(events > 0, special.gammaincinv(events, tail), 0.0)[place]
    upper[few] = special.gammainccinv(events + 1, tail)[place]
    return lower / size, upper / size


def _computed(rows: pd.DataFrame, metric: Metric) -> tuple[Numbers, Numbers]:
    """Return the ends of the intervals that follow from the counts, in the metric's unit, NaN for none."""
    if metric.kind is Kind.PROPORTION:
        lower, upper = wilson(*effective_sizes(rows, metric))
    elif metric.kind in (Kind.RATE, Kind.RATIO):
        lower, upper = poisson(
            rows["numerator"].to_numpy(np.float64), rows["denominator"].to_numpy(np.float64)
        )
    elif metric.kind is Kind.MEAN:
        size = rows["denominator"].fillna(rows["base"])
        interval = mean_interval(rows["value"], rows["standard_deviation"], size)
        return interval["lower"].to_numpy(), interval["upper"].to_numpy()
    else:
        return np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    return lower * metric.multiplier, upper * metric.multiplier


def _byar(events: Numbers, confidence: float) -> tuple[Numbers, Numbers]:
    z = special.ndtri(0.5 + confidence / 2)
    more = events + 1
    lower = 1 - 1 / (9 * events) - z / (3 * np.sqrt(events))
    upper = 1 - 1 / (9 * more) + z / (3 * np.sqrt(more))
    return events * (lower * lower * lower), more * (upper * upper * upper)
