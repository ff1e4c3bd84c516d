"""A metric by fifths of deprivation, as pages print it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from generator.model.metric import Metric
from generator.model.tables import ALL_PATIENTS
from generator.rendering.book import Book
from generator.rendering.numbers import count_text, figure_text, round_half_up, value_text


@dataclass(frozen=True)
class Fifth:
    """One fifth of the organisations: a row of FIFTHS."""

    metric: Metric
    number: int
    """1 holds the organisations with the highest deprivation."""
    organisations: int
    value: float
    lower: float
    upper: float

    @property
    def text(self) -> str:
        """The value with its unit."""
        return value_text(self.value, self.metric)

    @property
    def cell(self) -> str:
        """The value for a table whose head names the unit."""
        return self.text if self.metric.unit == "%" else figure_text(self.value, self.metric)

    @property
    def lower_figure(self) -> str:
        """The lower limit without its unit."""
        return figure_text(self.lower, self.metric)

    @property
    def upper_figure(self) -> str:
        """The upper limit without its unit."""
        return figure_text(self.upper, self.metric)

    @property
    def count(self) -> str:
        """How many organisations it holds."""
        return count_text(self.organisations)


@dataclass(frozen=True)
class Slope:
    """The slope index of inequality, which rises where the least deprived have the higher values."""

    metric: Metric
    value: float
    lower: float
    upper: float

    @property
    def rises(self) -> bool:
        """Whether values are higher where there is less deprivation."""
        return self.value > 0

    @property
    def may_be_chance(self) -> bool:
        """Whether the interval holds no difference."""
        return self.lower <= 0 <= self.upper

    @property
    def size(self) -> str:
        """How large it is, without its sign and unit."""
        return round_half_up(abs(self.value), self.metric.decimals)

    @property
    def ends(self) -> tuple[str, str]:
        """The interval in the slope's own direction, the smaller size first, without unit."""
        low, high = (self.lower, self.upper) if self.rises else (-self.upper, -self.lower)
        decimals = self.metric.decimals
        return round_half_up(low, decimals), round_half_up(high, decimals)


@dataclass(frozen=True)
class Inequality:
    """A metric by fifths, the most deprived first."""

    fifths: tuple[Fifth, ...]
    slope: Slope | None

    @property
    def most_deprived(self) -> Fifth:
        """The fifth of organisations with the highest deprivation."""
        return self.fifths[0]

    @property
    def least_deprived(self) -> Fifth:
        """The fifth with the lowest."""
        return self.fifths[-1]


def inequality_of(book: Book, metric: Metric) -> Inequality | None:
    """Return the country's fifths in the metric's latest period, None where one of the five has no value."""
    if book.country is None or metric.metric_id not in book.latest:
        return None
    fifths, groups = (
        table[
            (
                (table["metric_id"] == metric.metric_id)
                & (table["breakdown_id"] == ALL_PATIENTS)
                & (table["period"] == book.latest[metric.metric_id])
                & (table["group_code"] == book.country.code)
            ).to_numpy()
        ]
        for table in (book.publication.tables.fifths, book.publication.tables.metric_periods)
    )
    names = ("fifth", "organisations", "value", "lower", "upper")
    rows = [
        Fifth(metric, int(number), int(organisations), *figures)
        for number, organisations, *figures in zip(*(fifths[name].tolist() for name in names), strict=True)
    ]
    rows = sorted((row for row in rows if not math.isnan(row.value)), key=lambda row: row.number)
    if len(rows) < 5:
        return None
    slopes = [
        Slope(metric, *figures)
        for figures in zip(
            *(groups[name].tolist() for name in ("sii", "sii_lower", "sii_upper")), strict=True
        )
        if not math.isnan(figures[0])
    ]
    return Inequality(tuple(rows), slopes[0] if slopes else None)
