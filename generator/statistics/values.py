"""Values from protected counts, and how many patients they cover."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS, Kind
from generator.statistics.keys import Numbers


def add_values(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the rows with value completed and the column coverage.

    A value is numerator * multiplier / denominator, in that order; what the source supplied stands. A count
    is numerator * multiplier. Standardised rates, scores and statuses are never calculated. Coverage is
    numerator * multiplier / (denominator + excluded), NaN where nobody is stated to be excluded.
    """
    numerator, denominator, excluded, value = (
        rows[name].to_numpy(np.float64) for name in ("numerator", "denominator", "excluded", "value")
    )
    multiplied = numerator * metric.multiplier
    if metric.kind in (*COUNTED_KINDS, Kind.MEAN):
        value = np.where(np.isnan(value), _divide(multiplied, denominator), value)
    elif metric.kind is Kind.COUNT:
        value = np.where(np.isnan(value), multiplied, value)
    coverage = np.full(len(rows), np.nan)
    if metric.kind in COUNTED_KINDS and not np.isnan(excluded).all():
        coverage = _divide(multiplied, denominator + excluded)
    return rows.assign(value=value, coverage=coverage)


def _divide(numerator: Numbers, denominator: Numbers) -> Numbers:
    """Return the quotients, NaN where the denominator is not above 0."""
    quotient = np.full(len(numerator), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=quotient, where=denominator > 0))
