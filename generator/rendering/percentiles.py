"""Where most organisations lie, as pages print it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.model.metric import Metric
from generator.model.vocabulary import Kind
from generator.rendering.book import Book
from generator.rendering.numbers import figure_text, value_text


@dataclass(frozen=True)
class Middle:
    """The 10th and the 90th percentile of the organisations' values, ready to print."""

    low: str
    high: str


def middle_of(book: Book, metric: Metric) -> Middle | None:
    """Return between which values 8 in 10 organisations lie in the latest period; None where unknown."""
    rows = book.country_periods(metric.metric_id)
    rows = rows[(rows["period"] == book.latest.get(metric.metric_id)).to_numpy()]
    if metric.kind is Kind.STATUS or rows.empty:
        return None
    low, high = (float(rows[name].iloc[0]) for name in ("p10", "p90"))
    if math.isnan(low) or math.isnan(high):
        return None
    text = value_text if metric.unit == "%" else figure_text
    return Middle(text(low, metric), value_text(high, metric))
