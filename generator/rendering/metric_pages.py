"""The pages about metrics: one metric, one metric in an area, one domain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.model.vocabulary import Outlier
from generator.rendering.book import ROWS_AT_MOST, Book
from generator.rendering.facts import Fact
from generator.rendering.inequality import inequality_of
from generator.rendering.interval_charts import interval_chart
from generator.rendering.metric_charts import (
    breakdowns_of,
    caterpillar_of,
    completeness_of,
    country_history,
    fifths_rows,
    first_comparable,
)
from generator.rendering.percentiles import middle_of
from generator.rendering.records import Organisation, Plates
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


def metric_page(book: Book, templates: Templates, metric_id: str) -> Page:
    """Return the page of one metric: the country, its areas, and how it is measured."""
    metric = book.metrics[metric_id]
    root = "../../"
    country = book.country
    facts = book.country_facts[metric_id] if country else {}
    history = country_history(book, metric_id)
    fact = book.current(history) if history else None
    completeness = completeness_of(book, fact)
    plates = book.plates.get(metric_id)
    has_funnel = bool(plates and plates.funnel and completeness and completeness.has_outliers)
    flagged, flagged_are = _flagged(book, plates, metric_id, root) if has_funnel and plates else ((), "")
    fifths = inequality_of(book, metric)
    breakdowns = breakdowns_of(book, metric, facts)
    levels = _levels(book, metric_id, root)
    rows = _organisations(book, metric_id, root)
    noted = {(note.day, note.label) for note in plates.trend.notes} if plates and plates.trend else set()
    present = [
        ("result", True),
        ("trend", plates and plates.trend and plates.trend.is_by_itself),
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
            "first": first_comparable(book, history, plates.trend if plates else None),
            "moves": book.moves_of(fact) if fact else (),
            "completeness": completeness,
            "period": fact.period if fact else None,
            "plates": plates,
            "middle": middle_of(book, metric),
            "has_funnel": has_funnel,
            "flagged": flagged,
            "flagged_are": flagged_are,
            "fifths": fifths,
            "fifths_chart": interval_chart(metric, *fifths_rows(book, templates, fifths)) if fifths else None,
            "breakdowns": breakdowns,
            "levels": levels,
            "rows": rows,
            "events": [
                row
                for row in book.rows_about("events", "metric_id", metric_id)
                if not row["organisation_code"] and (row["date"], row["label"]) not in noted
            ],
            "policy": book.publication.policy,
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
    caterpillar = caterpillar_of(book, metric_id, code)
    title = templates.words("titles", "metric_area_title", metric.title, area.name)
    body = templates.page(
        "metric_area",
        {
            "root": root,
            "metric": metric,
            "domain": book.domain_of(metric),
            "area": area,
            "fact": own[0] if own else None,
            "moves": book.moves_of(own[0]) if own else (),
            "period": facts[0].period,
            "rows": rows,
            "caterpillar": caterpillar,
            "chart": interval_chart(metric, caterpillar.rows, caterpillar.lines),
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


def _country_fact(book: Book, metric: Metric) -> Fact | None:
    facts = book.latest_facts(metric.metric_id, [book.country.code]) if book.country else []
    return facts[0] if facts else None


def _headings(templates: Templates, present: Sequence[tuple[str, object]]) -> tuple[Heading, ...]:
    return tuple(
        Heading(name.replace("_", "-"), templates.words("titles", "section", name))
        for name, is_there in present
        if is_there
    )
