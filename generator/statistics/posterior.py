"""How probable it is that a true value lies below a level, given the counts or the interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from generator.model.metric import Metric
from generator.model.vocabulary import Kind
from generator.statistics.intervals import effective_sizes
from generator.statistics.keys import Numbers

WIDTH_IN_ERRORS = 3.919928
"""A 95% interval is this many standard errors wide."""
CERTAIN = 32.0
"""A probability below exp(-32), 1 in 10^14, is none."""


@dataclass(frozen=True)
class Posterior:
    """What is known of the true values of rows of one metric, in the metric's unit; NaN where nothing is.

    The prior is Jeffreys': Beta(x + ½, n - x + ½) for proportions, Gamma(x + ½, n) for rates and ratios;
    otherwise the value is taken to be normal with the standard error of the interval.
    """

    kind: Kind
    multiplier: float
    numerator: Numbers
    denominator: Numbers
    value: Numbers
    error: Numbers

    @classmethod
    def of(cls, rows: pd.DataFrame, metric: Metric) -> Posterior:
        """Return what these rows tell."""
        value, lower, upper = (rows[name].to_numpy(np.float64) for name in ("value", "lower", "upper"))
        error = (upper - lower) / WIDTH_IN_ERRORS
        counts = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
        if metric.kind is Kind.PROPORTION:
            counts = effective_sizes(rows, metric)
        elif metric.kind in (Kind.RATE, Kind.RATIO):
            counts = rows["numerator"].to_numpy(np.float64), rows["denominator"].to_numpy(np.float64)
        # An interval without width says that nothing varied, not that the value is certain.
        return cls(metric.kind, metric.multiplier, *counts, value, np.where(error > 0, error, np.nan))

    def below(self, level: Numbers) -> Numbers:
        """Return the probability that each true value is below its level, which may be infinite."""
        below = np.where(np.isnan(level), np.nan, np.where(level > 0, 1.0, 0.0))
        asked = np.flatnonzero(np.isfinite(level))
        level = level[asked]
        numerator, denominator = self.numerator[asked], self.denominator[asked]
        if self.kind is Kind.PROPORTION:
            share = np.clip(level / self.multiplier, 0, 1)
            by_counts = beta_below(numerator + 0.5, denominator - numerator + 0.5, share)
        else:
            by_counts = gamma_below(numerator + 0.5, np.maximum(level, 0) / self.multiplier * denominator)
        unknown = np.flatnonzero(np.isnan(by_counts))
        place = asked[unknown]
        by_counts[unknown] = special.ndtr((level[unknown] - self.value[place]) / self.error[place])
        below[asked] = by_counts
        return below


def beta_below(first: Numbers, second: Numbers, share: Numbers) -> Numbers:
    """Return the probability that Beta(first, second) is below the share; NaN where there is no such one.

    The function itself takes long, and most shares are far off: there the bound of Chernoff is enough.
    """
    mean = first / (first + second)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = first * np.log(share / mean) + second * np.log((1 - share) / (1 - mean))
    below = np.where(share > mean, 1.0, 0.0)
    near = np.flatnonzero(~(exponent < -CERTAIN))
    below[near] = special.betainc(first[near], second[near], share[near])
    return below


def gamma_below(shape: Numbers, level: Numbers) -> Numbers:
    """Return the probability that Gamma(shape), of scale 1, is below the level; NaN where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = shape * np.log(level / shape) + shape - level
    below = np.where(level > shape, 1.0, 0.0)
    near = np.flatnonzero(~(exponent < -CERTAIN))
    below[near] = special.gammainc(shape[near], level[near])
    return below
