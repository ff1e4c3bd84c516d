"""The figures of a chart as a table: one row for each point, in full, from the published tables."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

from generator.model.tables import PERCENTILES
from generator.rendering.book import Book
from generator.rendering.downloads import neutralise
from generator.rendering.facts import Fact
from generator.rendering.numbers import raw_text

Cell = str | float


@dataclass(frozen=True)
class ChartTable:
    """What a chart shows, for reading elsewhere; missing numbers are NaN."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def csv(self) -> bytes:
        """The table as a CSV file that no spreadsheet takes for formulas."""
        target = io.StringIO(newline="")
        writer = csv.writer(target, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return target.getvalue().encode()


@dataclass(frozen=True)
class TrendPeriod:
    """The country in one period: a row of METRIC_PERIODS."""

    period: str
    end: str
    """ISO date."""
    value: float
    reported: int
    expected: int
    percentiles: tuple[float, ...]
    """In the order of PERCENTILES."""
    shown: float
    """The country's value; for a metric that has none, the median of the organisations' values."""
    run: int
    """Number of the uninterrupted series it belongs to."""

    def percentile(self, percent: int) -> float:
        """Return that percentile of the organisations' values."""
        return self.percentiles[PERCENTILES.index(percent)]


def spread_facts(book: Book, metric_id: str) -> list[Fact]:
    """Return the facts whose values a spread shows, in order of code."""
    return [fact for fact in book.latest_facts(metric_id, book.reporters(metric_id)) if fact.has_value]


def spread_table(book: Book, facts: Sequence[Fact]) -> ChartTable:
    """Return everybody's value in the latest period, with its interval."""
    return ChartTable(
        ("metric_id", "period", "organisation_code", "name", "value", "lower", "upper"),
        tuple(
            (
                fact.result.metric_id,
                fact.result.period,
                fact.result.organisation_code,
                book.organisations[fact.result.organisation_code].name,
                fact.result.value,
                fact.result.lower,
                fact.result.upper,
            )
            for fact in facts
        ),
    )


def trend_periods(book: Book, metric_id: str) -> list[TrendPeriod]:
    """Return the periods that a trend shows: those with a value of the country's, or else percentiles."""
    names = [f"p{percent}" for percent in PERCENTILES]
    table = book.country_periods(metric_id)
    rows = sorted(
        zip(
            table["period"].astype(str).tolist(),
            table["value"].tolist(),
            table["reported"].tolist(),
            table["expected"].tolist(),
            *(table[name].tolist() for name in names),
            strict=True,
        ),
        key=lambda row: book.period_order[row[0]],
    )
    has_country = any(math.isfinite(row[1]) for row in rows)
    found: list[TrendPeriod] = []
    run, before, is_joined = 0, None, False
    for period, value, reported, expected, *percentiles in rows:
        end = book.period_ends[period]
        shown = value if has_country else percentiles[PERCENTILES.index(50)]
        is_known = math.isfinite(shown)
        if not is_joined or (before and book.breaks_between(metric_id, before, end)):
            run += 1
        before, is_joined = end, is_known
        if is_known:
            found.append(
                TrendPeriod(
                    period,
                    end.isoformat(),
                    value,
                    int(reported),
                    int(expected),
                    tuple(percentiles),
                    shown,
                    run,
                )
            )
    return found


def trend_table(book: Book, metric_id: str, periods: Sequence[TrendPeriod]) -> ChartTable:
    """Return the country's value in each period, and how the organisations' values were spread."""
    country = book.country.code if book.country else ""
    names = tuple(f"p{percent}" for percent in PERCENTILES)
    return ChartTable(
        ("metric_id", "period", "end", "organisation_code", "value", "reported", "expected", *names),
        tuple(
            (
                metric_id,
                item.period,
                item.end,
                country,
                item.value,
                item.reported,
                item.expected,
                *item.percentiles,
            )
            for item in periods
        ),
    )


def _cell(value: Cell) -> str:
    return neutralise(value) if isinstance(value, str) else raw_text(value)
