"""95% confidence intervals: Wilson, exact Poisson and Byar's, Student's t; what was supplied stands."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from generator.model.metric import Metric
from generator.model.vocabulary import IntervalSource, Kind
from generator.statistics.categories import choose

CONFIDENCE = 0.95
EXACT_BELOW = 10
"""Events below which a rate's interval is exact; from here on it is Byar's."""


def add_intervals(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the rows with lower and upper completed, in the metric's unit, and the column interval.

    Where the source supplied a limit, its limits stand and nothing is computed.
    """
    shown = rows["value"].notna()
    supplied = shown & (rows["lower"].notna() | rows["upper"].notna())
    computed = _computed(rows, metric).where(shown & ~supplied)
    lower = rows["lower"].where(supplied, computed["lower"])
    upper = rows["upper"].where(supplied, computed["upper"])
    return rows.assign(
        lower=lower,
        upper=upper,
        interval=choose(
            "interval",
            {IntervalSource.SUPPLIED: supplied.to_numpy(), IntervalSource.COMPUTED: lower.notna().to_numpy()},
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
    shown = (denominator > 0) & numerator.between(0, denominator)
    count, size = numerator[shown].to_numpy(np.float64), denominator[shown].to_numpy(np.float64)
    lower, upper = proportion_confint(count, size, alpha=1 - confidence, method="wilson")
    # The ends of 0% and 100% are exact; arithmetic alone can leave them 1e-17 off, beyond a benchmark of 0.
    lower, upper = np.where(count == 0, 0.0, lower), np.where(count == size, 1.0, upper)
    interval = pd.DataFrame({"lower": lower, "upper": upper}, index=numerator.index[shown])
    return interval.reindex(numerator.index)


def rate_interval(
    numerator: pd.Series, denominator: pd.Series, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Return the interval of each rate or ratio, as columns lower and upper (per 1 of the denominator).

    Exact Poisson limits below 10 events, Byar's approximation from 10. Both ends are NaN where the
    denominator is not above 0 or a count is missing or negative. Events may exceed the denominator.
    """
    shown = (denominator > 0) & (numerator >= 0)
    events = numerator[shown].to_numpy(np.float64)
    lower, upper = _byar(np.maximum(events, EXACT_BELOW), confidence)
    few = events < EXACT_BELOW
    # A few events take few values: each is computed once.
    counts, place = np.unique(events[few], return_inverse=True)
    exact = confint_poisson(counts, 1, method="exact-c", alpha=1 - confidence)
    exact_lower, exact_upper = (np.atleast_1d(ends) for ends in exact)  # a single 0 comes back as a number
    lower[few], upper[few] = exact_lower[place], exact_upper[place]
    interval = pd.DataFrame({"lower": lower, "upper": upper}, index=numerator.index[shown])
    return interval.div(denominator[shown], axis=0).reindex(numerator.index)


def mean_interval(
    mean: pd.Series, standard_deviation: pd.Series, size: pd.Series, *, confidence: float = CONFIDENCE
) -> pd.DataFrame:
    """Return Student's t interval of each mean, as columns lower and upper, in the unit of the mean.

    Both ends are NaN where the standard deviation is not known or fewer than two were measured.
    """
    shown = (size > 1) & (standard_deviation >= 0) & mean.notna()
    sizes, place = np.unique(size[shown].to_numpy(np.float64), return_inverse=True)
    quantile = stats.t.ppf(0.5 + confidence / 2, sizes - 1)[place]
    half = quantile * standard_deviation[shown] / np.sqrt(size[shown])
    interval = pd.DataFrame({"lower": mean[shown] - half, "upper": mean[shown] + half})
    return interval.reindex(mean.index)


def effective_counts(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return what a proportion's interval, change and stability rest on: columns numerator, denominator.

    For a survey the denominator is its effective base, else its base, and the numerator that share of it
    which the value states; otherwise they are the counts. NaN where they are not known.
    """
    base = rows["effective_base"].fillna(rows["base"])
    denominator = base.fillna(rows["denominator"])
    share = (
        (rows["value"] / metric.multiplier)
        .clip(upper=1)
        .where(rows["value"] <= metric.multiplier * (1 + 1e-9))
    )
    numerator = rows["numerator"].where(base.isna()).fillna(share * denominator)
    return pd.DataFrame({"numerator": numerator, "denominator": denominator})


def _computed(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the intervals that follow from the counts, in the metric's unit; NaN where none does."""
    if metric.kind is Kind.PROPORTION:
        counts = effective_counts(rows, metric)
        return proportion_interval(counts["numerator"], counts["denominator"]) * metric.multiplier
    if metric.kind in (Kind.RATE, Kind.RATIO):
        return rate_interval(rows["numerator"], rows["denominator"]) * metric.multiplier
    if metric.kind is Kind.MEAN:
        size = rows["denominator"].fillna(rows["base"])
        return mean_interval(rows["value"], rows["standard_deviation"], size)
    return pd.DataFrame({"lower": np.nan, "upper": np.nan}, index=rows.index)


def _byar(events: np.ndarray, confidence: float) -> tuple[np.ndarray, np.ndarray]:
    z = stats.norm.ppf(0.5 + confidence / 2)
    more = events + 1
    lower = events * (1 - 1 / (9 * events) - z / (3 * np.sqrt(events))) ** 3
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return lower, upper
