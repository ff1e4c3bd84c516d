"""The page of one area or country."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import COUNTED_KINDS
from generator.rendering.book import ROWS_AT_MOST, Book
from generator.rendering.facts import Fact
from generator.rendering.records import Organisation
from generator.rendering.scorecard import Link
from generator.rendering.templates import Templates


@dataclass(frozen=True)
class AreaRow:
    """One metric on an area's page."""

    fact: Fact
    href: str


@dataclass(frozen=True)
class AreaSection:
    """One domain on an area's page."""

    fragment: str
    title: str
    rows: tuple[AreaRow, ...]


@dataclass(frozen=True)
class Without:
    """Metrics that an area has no figure for, and the one reason."""

    reason: str
    """nobody, not_added or no_total: see wording/<language>/places.html."""
    metrics: tuple[Metric, ...]


@dataclass(frozen=True)
class Gathering:
    """Organisations of one kind in an area, or its areas of one level."""

    kind: str
    level: str
    links: tuple[Link, ...]


def area_page(book: Book, templates: Templates, code: str) -> Page:
    """Return the page of one area: its results as a whole, and who is in it."""
    area = book.organisations[code]
    root = "../../"
    facts = book.facts_of(code)
    sections = []
    for domain in book.domains:
        rows = []
        for metric in domain.metrics:
            history = facts.get(metric.metric_id, {}).get(ALL_PATIENTS)
            if history:
                page = f"{root}metrics/{metric.metric_id}/"
                with_page = code in book.area_pages[metric.metric_id]
                rows.append(
                    AreaRow(book.current(history), f"{page}areas/{area.slug}/" if with_page else page)
                )
        if rows:
            sections.append(AreaSection(f"d-{domain.domain_id}", domain.title, tuple(rows)))
    gatherings = _gatherings(book, area, root)
    without = _without(book, code, facts) if sections else ()
    body = templates.page(
        "area",
        {
            "root": root,
            "area": area,
            "country": book.country,
            "trail": book.trail(area),
            "successor": book.organisations.get(area.successor_code),
            "sections": sections,
            "gatherings": gatherings,
            "without": without,
            "measured": {row.fact.metric.applies_to for section in sections for row in section.rows},
            "too_many": len(book.inside(code)) if len(book.inside(code)) > ROWS_AT_MOST else 0,
            "release": book.descriptor,
        },
    )
    contents = (
        *((Heading("inside", templates.words("titles", "section", "inside")),) if gatherings else ()),
        *(Heading(section.fragment, section.title) for section in sections),
        *((Heading("without", templates.words("places", "area_without")),) if without else ()),
        Heading("data", templates.words("titles", "section", "data")),
    )
    return Page(
        area.path,
        "area",
        templates.words("titles", "area_title", area.name),
        templates.words("titles", "area_description", area.name),
        area.name,
        contents,
        body,
    )


def _without(book: Book, code: str, facts: Collection[str]) -> tuple[Without, ...]:
    """Return the metrics that an area has no row for, by the reason."""
    found: dict[str, list[Metric]] = {"nobody": [], "not_added": [], "no_total": []}
    for metric_id, metric in book.metrics.items():
        if metric_id in facts:
            continue
        if not book.reporting_in(metric_id, code):
            reason = "nobody"
        else:
            reason = "no_total" if metric.kind in COUNTED_KINDS else "not_added"
        found[reason].append(metric)
    return tuple(Without(reason, tuple(metrics)) for reason, metrics in found.items() if metrics)


def _gatherings(book: Book, area: Organisation, root: str) -> tuple[Gathering, ...]:
    inside = book.inside(area.code)
    members = [member for member in book.members_of(area.code) if member.is_area]
    if len(inside) <= ROWS_AT_MOST or not members:
        members = [*members, *inside]
    found: dict[tuple[str, str], list[Link]] = defaultdict(list)
    for member in members:
        postcode = member.postcode.replace(" ", "\N{NO-BREAK SPACE}")
        note = ", ".join(part for part in (member.town, postcode) if part)
        found[member.kind, member.level].append(Link(f"{root}{member.path}", member.name, note))
    return tuple(
        Gathering(kind, level, tuple(links))
        for (kind, level), links in sorted(found.items(), key=lambda item: (item[0][0] != "area", item[0]))
    )
