"""Values from protected counts, and how many patients they cover."""

from __future__ import annotations

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS, Kind


def add_values(rows: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the rows with value completed and the column coverage.

    A value is numerator * multiplier / denominator, in that order; what the source supplied stands. A count
    is numerator * multiplier. Standardised rates, scores and statuses are never calculated. Coverage is
    numerator * multiplier / (denominator + excluded), NaN where nobody is stated to be excluded.
    """
    numerator, denominator = rows["numerator"], rows["denominator"]
    multiplied = numerator * metric.multiplier
    value = rows["value"]
    if metric.kind in (*COUNTED_KINDS, Kind.MEAN):
        value = value.fillna(multiplied / denominator.mask(denominator <= 0))
    elif metric.kind is Kind.COUNT:
        value = value.fillna(multiplied)
    coverage = pd.Series(np.nan, index=rows.index)
    if metric.kind in COUNTED_KINDS and rows["excluded"].notna().any():
        everyone = denominator + rows["excluded"]
        coverage = multiplied / everyone.mask(everyone <= 0)
    return rows.assign(value=value, coverage=coverage)
