"""What the charts about a metric show and say, for its pages and for the files beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from generator.model.metric import Metric
from generator.model.tables import ALL_PATIENTS
from generator.rendering.book import Book
from generator.rendering.facts import Fact
from generator.rendering.inequality import Inequality
from generator.rendering.interval_charts import (
    IntervalChart,
    IntervalRow,
    Line,
    by_value,
    interval_chart,
    row_of,
)
from generator.rendering.percentiles import middle_of
from generator.rendering.period_names import PeriodName
from generator.rendering.plates import Plate, PlateName
from generator.rendering.records import MetricPeriod
from generator.rendering.scorecard import groups_of
from generator.rendering.templates import Templates


@dataclass(frozen=True)
class Breakdown:
    """The groups of patients of one dimension."""

    dimension: str
    period: PeriodName
    rows: tuple[tuple[str, Fact], ...]
    """Title and result of each group."""
    chart: IntervalChart | None
    highest: tuple[str, Fact] | None
    lowest: tuple[str, Fact] | None
    overlaps: bool
    """Whether the intervals of the highest and the lowest have a value in common."""
    chart_name: str
    """Name of the files of its chart."""


@dataclass(frozen=True)
class Caterpillar:
    """One metric's organisations in one area, by value, and what is said about them."""

    rows: tuple[IntervalRow, ...]
    """The highest first; those without a value last."""
    facts: Mapping[str, Fact]
    """The result of each row, by the organisation's code."""
    lines: tuple[Line, ...]
    """The area's own value and the country's."""
    period: PeriodName
    tally: Mapping[str, int]
    """How many of those compared have each verdict."""
    against: str
    """With whom most are compared; empty for a target or nobody."""
    highest: Fact | None
    lowest: Fact | None


def country_history(book: Book, metric_id: str) -> tuple[Fact, ...]:
    """Return the country's results of all periods; none where it has none."""
    if book.country is None:
        return ()
    return tuple(book.country_facts[metric_id][ALL_PATIENTS])


def plate_message(book: Book, templates: Templates, metric: Metric, plate: Plate) -> str:
    """Return what a plate of the metric says, as plain text: the title that it has on the metric's page."""
    kinds = templates.words("places", "kinds", metric.applies_to)
    history = country_history(book, metric.metric_id)
    fact = book.current(history) if history else None
    if plate.name is PlateName.TREND:
        assert book.country, "a trend is the country's"
        first = first_comparable(book, history, plate)
        return templates.words("metrics", "trend_title", book.country.name, first, fact)
    if plate.name is PlateName.SPREAD and (middle := middle_of(book, metric)):
        return templates.words("metrics", "middle", middle, kinds)
    completeness = completeness_of(book, fact)
    if plate.name is PlateName.FUNNEL and completeness and completeness.has_outliers:
        return templates.words("metrics", "funnel_title", completeness, plate, kinds)
    return templates.words("explore", "message", plate, kinds)


def first_comparable(book: Book, history: Sequence[Fact], trend: Plate | None) -> Fact | None:
    """Return the first result with a value since the series last broke, to tell how far the last one is away.

    Many figures rise and fall with the seasons: in a series of quarters or months it is the first one of the
    same time of the year as the last, where there is such an earlier one.
    """
    breaks = trend.breaks if trend else frozenset()
    comparable: list[Fact] = []
    for fact in history:
        if fact.result.period in breaks:
            comparable = []
        if fact.has_value:
            comparable.append(fact)
    if not comparable:
        return None
    last = book.current(history)
    same = [fact for fact in comparable[:-1] if book.is_same_season(fact.result.period, last.result.period)]
    return same[0] if same else comparable[0]


def completeness_of(book: Book, fact: Fact | None) -> MetricPeriod | None:
    """Return the country's METRIC_PERIODS beside its fact."""
    if fact is None:
        return None
    result = fact.result
    return book.group_periods.get((result.metric_id, result.organisation_code), {}).get(result.period)


def breakdowns_of(book: Book, metric: Metric, facts: Mapping[str, Sequence[Fact]]) -> tuple[Breakdown, ...]:
    """Return the country's latest figures of each group of patients, by dimension."""
    found = []
    for number, group in enumerate(groups_of(book, facts), start=1):
        known = [(title, fact) for title, fact in group.rows if fact.has_value]
        highest = max(known, key=lambda row: row[1].result.value, default=None)
        lowest = min(known, key=lambda row: row[1].result.value, default=None)
        found.append(
            Breakdown(
                group.dimension,
                group.period,
                group.rows,
                interval_chart(metric, group_rows(group.rows)),
                highest,
                lowest,
                overlaps=not (highest and lowest and highest[1].result.lower > lowest[1].result.upper),
                # A dimension may be called anything.
                chart_name=f"groups-{number}",
            )
        )
    return tuple(found)


def group_rows(rows: Sequence[tuple[str, Fact]]) -> list[IntervalRow]:
    """Return the groups of one dimension as rows of a chart."""
    return [replace(row_of(title, fact), code="") for title, fact in rows]


def fifths_rows(book: Book, templates: Templates, fifths: Inequality) -> tuple[list[IntervalRow], list[Line]]:
    """Return the fifths of deprivation as rows of a chart, and the country's line."""
    rows = [
        IntervalRow(
            templates.words("metrics", "fifth_name", fifth.number), fifth.value, fifth.lower, fifth.upper
        )
        for fifth in fifths.fifths
    ]
    metric_id = fifths.most_deprived.metric.metric_id
    history = country_history(book, metric_id)
    country = [(book.country.name, book.current(history).result.value, True)] if book.country else []
    return rows, country


def caterpillar_of(book: Book, metric_id: str, code: str) -> Caterpillar:
    """Return one area's organisations by value, with the lines of the area and the country."""
    facts = book.latest_facts(metric_id, book.reporting_in(metric_id, code))
    country = book.country.code if book.country else ""
    known = [fact for fact in facts if fact.has_value]
    verdicts = Counter(str(fact.verdict) for fact in known if fact.is_compared)
    compared = Counter(fact.benchmark_name for fact in known if fact.is_compared)
    return Caterpillar(
        rows=tuple(
            by_value(
                row_of(book.organisations[fact.result.organisation_code].full_name, fact) for fact in facts
            )
        ),
        facts={fact.result.organisation_code: fact for fact in facts},
        lines=tuple(
            (
                book.organisations[fact.result.organisation_code].full_name,
                fact.result.value,
                fact.result.organisation_code == country,
            )
            for fact in book.latest_facts(metric_id, dict.fromkeys((code, country)))
        ),
        period=facts[0].period,
        tally={word: verdicts[word] for word in ("better", "similar", "worse", "higher", "lower")},
        against=compared.most_common(1)[0][0] if compared else "",
        highest=max(known, key=lambda fact: fact.result.value, default=None),
        lowest=min(known, key=lambda fact: fact.result.value, default=None),
    )
