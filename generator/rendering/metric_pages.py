"""The pages about metrics: one metric, one metric in an area, one domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.model.tables import ALL_PATIENTS
from generator.rendering.book import ROWS_AT_MOST, Book
from generator.rendering.facts import Fact
from generator.rendering.records import MetricPeriod, Organisation
from generator.rendering.scorecard import groups_of
from generator.rendering.templates import Templates


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


def metric_page(book: Book, templates: Templates, metric_id: str) -> Page:
    """Return the page of one metric: the country, its areas, and how it is measured."""
    metric = book.metrics[metric_id]
    root = "../../"
    country = book.country
    history = tuple(book.facts_of(country.code)[metric_id][ALL_PATIENTS]) if country else ()
    groups = groups_of(book, book.facts_of(country.code)[metric_id]) if country else ()
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
    reporters = book.reporters(metric_id)
    plates = book.plates.get(metric_id)
    few = (
        tuple(
            PlaceRow(book.organisations[fact.result.organisation_code], fact, "")
            for fact in book.latest_facts(metric_id, reporters)
        )
        if len(reporters) <= ROWS_AT_MOST
        else ()
    )
    rows = tuple(
        PlaceRow(row.organisation, row.fact, f"{root}{row.organisation.path}#m-{metric_id}")
        for row in sorted(few, key=lambda row: (row.organisation.name.casefold(), row.organisation.code))
    )
    fact = book.current(history) if history else None
    period = fact.period if fact else None
    present = [
        ("result", True),
        ("spread", plates and plates.spread),
        ("trend", plates and plates.trend),
        ("groups", groups),
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
            "domain": book.domain_of(metric),
            "country": country,
            "fact": fact,
            "history": history,
            "completeness": _completeness(book, fact),
            "period": period,
            "plates": plates,
            "groups": groups,
            "levels": levels,
            "rows": rows,
            "events": [
                row
                for row in book.rows_about("events", "metric_id", metric_id)
                if not row["organisation_code"]
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
