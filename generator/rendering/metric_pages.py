"""The pages about metrics: one metric, one metric in an area, one domain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import Outlier
from generator.rendering.book import ROWS_AT_MOST, Book
from generator.rendering.facts import Fact
from generator.rendering.inequality import Inequality, inequality_of
from generator.rendering.interval_charts import (
    IntervalChart,
    IntervalRow,
    by_value,
    interval_chart,
    row_of,
)
from generator.rendering.percentiles import middle_of
from generator.rendering.period_names import PeriodName
from generator.rendering.records import MetricPeriod, Organisation, Plates
from generator.rendering.scorecard import groups_of
from generator.rendering.templates import Templates

FLAGGED_AT_MOST = 100
"""How many organisations outside a funnel a metric's page lists."""


@dataclass(frozen=True)
class PlaceRow:
    """One organisation or area in a table about one metric."""

    organisation: Organisation
    fact: Fact
    href: str


@dataclass(frozen=True)
class Level:
    """The areas of one level, with their rows."""

    level: str
    rows: tuple[PlaceRow, ...]


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


def metric_page(book: Book, templates: Templates, metric_id: str) -> Page:
    """Return the page of one metric: the country, its areas, and how it is measured."""
    metric = book.metrics[metric_id]
    root = "../../"
    country = book.country
    facts = book.facts_of(country.code)[metric_id] if country else {}
    history = tuple(facts[ALL_PATIENTS]) if country else ()
    fact = book.current(history) if history else None
    completeness = _completeness(book, fact)
    plates = book.plates.get(metric_id)
    has_funnel = bool(plates and plates.funnel and completeness and completeness.has_outliers)
    flagged, flagged_are = _flagged(book, plates, metric_id, root) if has_funnel and plates else ((), "")
    fifths = inequality_of(book, metric)
    breakdowns = _breakdowns(book, metric, facts)
    levels = _levels(book, metric_id, root)
    rows = _organisations(book, metric_id, root)
    noted = {(note.day, note.label) for note in plates.trend.notes} if plates and plates.trend else set()
    present = [
        ("result", True),
        ("trend", plates and plates.trend),
        ("spread", plates and plates.spread),
        ("funnel", has_funnel),
        ("fifths", fifths),
        ("groups", breakdowns),
        ("by_area", levels),
        ("organisations", rows),
        ("measured", True),
        ("data", True),
    ]
    body = templates.page(
        "metric",
        {
            "root": root,
            "metric": metric,
            "versions": book.versions_of(metric_id),
            "is_overdue": metric.review_by is not None
            and metric.review_by < book.descriptor.publication_date,
            "domain": book.domain_of(metric),
            "country": country,
            "fact": fact,
            "history": history,
            "first": _first_comparable(history, plates),
            "since": book.since(history, fact) if fact else None,
            "completeness": completeness,
            "period": fact.period if fact else None,
            "plates": plates,
            "middle": middle_of(book, metric),
            "has_funnel": has_funnel,
            "flagged": flagged,
            "flagged_are": flagged_are,
            "fifths": fifths,
            "fifths_chart": _fifths_chart(book, templates, metric, fifths, fact),
            "breakdowns": breakdowns,
            "levels": levels,
            "rows": rows,
            "events": [
                row
                for row in book.rows_about("events", "metric_id", metric_id)
                if not row["organisation_code"] and (row["date"], row["label"]) not in noted
            ],
            "release": book.descriptor,
        },
    )
    return Page(
        f"metrics/{metric_id}/",
        "metric",
        templates.words("titles", "metric_title", metric.title),
        templates.words("titles", "metric_description", metric.question, country.name if country else ""),
        metric.question,
        _headings(templates, present),
        body,
    )


def metric_area_page(book: Book, templates: Templates, metric_id: str, code: str) -> Page:
    """Return the organisations of one area for one metric."""
    metric = book.metrics[metric_id]
    area = book.organisations[code]
    root = "../../../../"
    facts = book.latest_facts(metric_id, book.reporting_in(metric_id, code))
    rows = tuple(
        PlaceRow(
            book.organisations[fact.result.organisation_code],
            fact,
            f"{root}{book.organisations[fact.result.organisation_code].path}#m-{metric_id}",
        )
        for fact in facts
    )
    own = book.latest_facts(metric_id, [code])
    known = [fact for fact in facts if fact.has_value]
    compared = Counter(fact.benchmark_name for fact in known if fact.is_compared)
    title = templates.words("titles", "metric_area_title", metric.title, area.name)
    body = templates.page(
        "metric_area",
        {
            "root": root,
            "metric": metric,
            "domain": book.domain_of(metric),
            "area": area,
            "fact": own[0] if own else None,
            "period": facts[0].period,
            "rows": rows,
            "chart": _caterpillar(book, metric, rows, [*own, *_country_facts(book, metric, area)]),
            "highest": max(known, key=lambda fact: fact.result.value, default=None),
            "lowest": min(known, key=lambda fact: fact.result.value, default=None),
            "tally": _tally(known),
            "against": compared.most_common(1)[0][0] if compared else "",
            "trail": book.trail(area),
            "release": book.descriptor,
        },
    )
    return Page(
        f"metrics/{metric_id}/areas/{area.slug}/",
        "metric_area",
        title,
        templates.words("titles", "metric_area_description", metric.title, area.name),
        title,
        _headings(templates, [("result", True), ("organisations", True)]),
        body,
    )


def domain_page(book: Book, templates: Templates, domain_id: str) -> Page:
    """Return one domain: its metrics with the country's figures."""
    root = "../../"
    domain = next(item for item in book.domains if item.domain_id == domain_id)
    rows = [(metric, _country_fact(book, metric)) for metric in domain.metrics]
    body = templates.page(
        "domain",
        {
            "root": root,
            "domain": domain,
            "rows": rows,
            "country": book.country,
            "release": book.descriptor,
        },
    )
    title = templates.words("titles", "domain_title", domain.title)
    return Page(
        f"domains/{domain_id}/",
        "domain",
        title,
        domain.description,
        domain.title,
        _headings(templates, [("metrics", True)]),
        body,
    )


def _levels(book: Book, metric_id: str, root: str) -> list[Level]:
    """Return the areas of every level that is not too large for a table."""
    with_page = set(book.area_pages[metric_id])
    levels = []
    for level in book.area_levels:
        if len(level.areas) > ROWS_AT_MOST:
            continue
        rows = tuple(
            PlaceRow(
                area,
                fact,
                f"areas/{area.slug}/" if area.code in with_page else f"{root}{area.path}",
            )
            for area in level.areas
            for fact in book.latest_facts(metric_id, [area.code])
        )
        if rows:
            levels.append(Level(level.level, rows))
    return levels


def _organisations(book: Book, metric_id: str, root: str) -> tuple[PlaceRow, ...]:
    """Return every organisation, by name, where they are few enough for one table."""
    reporters = book.reporters(metric_id)
    return _by_name(book, metric_id, reporters, root) if len(reporters) <= ROWS_AT_MOST else ()


def _flagged(book: Book, plates: Plates, metric_id: str, root: str) -> tuple[tuple[PlaceRow, ...], str]:
    """Return the organisations outside the funnel that a table lists, and which they are.

    All of them; if they are too many, those beyond the outer limits (outer); if these are too many, none
    (many).
    """
    rows = _by_name(book, metric_id, plates.flagged, root)
    if len(rows) <= FLAGGED_AT_MOST:
        return rows, "all"
    outer = tuple(row for row in rows if row.fact.result.outlier in (Outlier.ALARM_LOW, Outlier.ALARM_HIGH))
    return (outer, "outer") if 0 < len(outer) <= FLAGGED_AT_MOST else ((), "many")


def _by_name(book: Book, metric_id: str, codes: Sequence[str], root: str) -> tuple[PlaceRow, ...]:
    """Return these organisations' latest results, by name."""
    rows = (
        (book.organisations[fact.result.organisation_code], fact)
        for fact in book.latest_facts(metric_id, codes)
    )
    return tuple(
        PlaceRow(organisation, fact, f"{root}{organisation.path}#m-{metric_id}")
        for organisation, fact in sorted(rows, key=lambda row: (row[0].name.casefold(), row[0].code))
    )


def _first_comparable(history: Sequence[Fact], plates: Plates | None) -> Fact | None:
    """Return the first result with a value since the series last broke."""
    breaks = plates.trend.breaks if plates and plates.trend else frozenset()
    first = None
    for fact in history:
        if fact.result.period in breaks:
            first = None
        if first is None and fact.has_value:
            first = fact
    return first


def _breakdowns(book: Book, metric: Metric, facts: Mapping[str, Sequence[Fact]]) -> tuple[Breakdown, ...]:
    """Return the country's latest figures of each group of patients, by dimension."""
    found = []
    for group in groups_of(book, facts):
        known = [(title, fact) for title, fact in group.rows if fact.has_value]
        highest = max(known, key=lambda row: row[1].result.value, default=None)
        lowest = min(known, key=lambda row: row[1].result.value, default=None)
        found.append(
            Breakdown(
                group.dimension,
                group.period,
                group.rows,
                interval_chart(metric, [row_of(title, fact) for title, fact in group.rows]),
                highest,
                lowest,
                overlaps=not (highest and lowest and highest[1].result.lower > lowest[1].result.upper),
            )
        )
    return tuple(found)


def _fifths_chart(
    book: Book, templates: Templates, metric: Metric, fifths: Inequality | None, fact: Fact | None
) -> IntervalChart | None:
    if fifths is None:
        return None
    rows = [
        IntervalRow(
            templates.words("metrics", "fifth_name", fifth.number), fifth.value, fifth.lower, fifth.upper
        )
        for fifth in fifths.fifths
    ]
    lines = [(book.country.name, fact.result.value, True)] if book.country and fact else []
    return interval_chart(metric, rows, lines)


def _caterpillar(
    book: Book, metric: Metric, rows: Sequence[PlaceRow], groups: Sequence[Fact]
) -> IntervalChart | None:
    """Return one area's organisations by value, with the lines of the area and the country."""
    country = book.country.code if book.country else ""
    return interval_chart(
        metric,
        by_value(row_of(row.organisation.name, row.fact) for row in rows),
        [
            (
                book.organisations[fact.result.organisation_code].name,
                fact.result.value,
                fact.result.organisation_code == country,
            )
            for fact in groups
        ],
    )


def _tally(facts: Sequence[Fact]) -> Mapping[str, int]:
    """Return how many of the compared facts have each verdict."""
    counts = Counter(str(fact.verdict) for fact in facts if fact.is_compared)
    return {word: counts[word] for word in ("better", "similar", "worse", "higher", "lower")}


def _country_facts(book: Book, metric: Metric, area: Organisation) -> list[Fact]:
    """Return the country's latest result beside that of an area within it."""
    if book.country is None or book.country.code == area.code:
        return []
    return book.latest_facts(metric.metric_id, [book.country.code])


def _country_fact(book: Book, metric: Metric) -> Fact | None:
    facts = book.latest_facts(metric.metric_id, [book.country.code]) if book.country else []
    return facts[0] if facts else None


def _completeness(book: Book, fact: Fact | None) -> MetricPeriod | None:
    """Return the country's METRIC_PERIODS beside its fact."""
    if fact is None:
        return None
    result = fact.result
    return book.group_periods.get((result.metric_id, result.organisation_code), {}).get(result.period)


def _headings(templates: Templates, present: Sequence[tuple[str, object]]) -> tuple[Heading, ...]:
    return tuple(
        Heading(name.replace("_", "-"), templates.words("titles", "section", name))
        for name, is_there in present
        if is_there
    )
