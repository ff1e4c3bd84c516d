"""The pages about services of all providers: the list, a programme, a service, its definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.rendering.book import Book
from generator.rendering.facts import Fact, Moved
from generator.rendering.records import MetricPeriod, Organisation
from generator.rendering.services import (
    FEWEST_CHECKED,
    Flags,
    country_fact_of,
    flag_of,
    headings_of,
    is_not_sent,
    metrics_of,
    programme_of,
    programmes,
    tells_change,
    whole_of,
    without_programme,
)
from generator.rendering.templates import Templates


@dataclass(frozen=True)
class ProviderRow:
    """One provider of a service."""

    organisation: Organisation
    href: str
    ended: date | None
    """The day after which it no longer provides the service; None while it does."""
    facts: tuple[Fact | None, ...]
    """One for each of the service's metrics, in its latest period; None without a row."""


@dataclass(frozen=True)
class Comparison:
    """One metric of a service, everybody who provides it."""

    metric: Metric
    country: Fact | None
    whole: MetricPeriod | None
    rows: tuple[tuple[ProviderRow, Fact], ...]
    """Those with a figure, by name."""
    moves: tuple[tuple[Moved, ...], ...]
    """How each of these figures moved."""
    absent: tuple[tuple[ProviderRow, Fact], ...]
    """Those that should have one."""

    @property
    def fragment(self) -> str:
        """Where it stands on its page."""
        return f"m-{self.metric.metric_id}"

    @property
    def is_checked(self) -> bool:
        """Whether it was looked for figures beyond the limits of chance."""
        return any(fact.result.outlier for _, fact in self.rows)

    @property
    def is_of_few(self) -> bool:
        """Whether too few have a figure for that."""
        return len(self.rows) < FEWEST_CHECKED

    @property
    def tells_change(self) -> bool:
        """Whether there is a word for how any of the figures goes."""
        return any(tells_change(fact, moves) for (_, fact), moves in zip(self.rows, self.moves, strict=True))

    @property
    def bases(self) -> tuple[str, ...]:
        """Who vouches for the figures: one word where it is the same for all."""
        return tuple(dict.fromkeys(fact.result.basis for _, fact in self.rows))


@dataclass(frozen=True)
class Entry:
    """One figure, or one that is missing, in a list over all providers and metrics of a service."""

    row: ProviderRow
    fact: Fact

    @property
    def href(self) -> str:
        """Where the provider's profile tells of it."""
        return f"{self.row.href}#m-{self.fact.metric.metric_id}"


@dataclass(frozen=True)
class ServiceSummary:
    """One service in a list."""

    service: Mapping[str, Any]
    providers: int
    metrics: tuple[Metric, ...]
    flags: Flags
    """How many figures of the latest periods lie beyond the limits of chance."""
    is_checked: bool
    are_few: bool
    """Whether too few have figures for that."""
    missing: int
    """How many figures of the latest periods were not sent."""

    @property
    def href(self) -> str:
        """Address of its page below the site's root."""
        return f"services/{self.service['service_id']}/"


def service_page(book: Book, templates: Templates, service_id: str) -> Page:
    """Return one service: all its providers beside each other, then metric by metric."""
    root = "../../"
    service = book.rows_about("services", "service_id", service_id)[0]
    metrics = metrics_of(book, service_id)
    providers = _providers(book, service_id, metrics, root)
    comparisons = tuple(_comparison(book, metric, place, providers) for place, metric in enumerate(metrics))
    entries = tuple(Entry(row, fact) for row in providers for fact in row.facts if fact)
    body = templates.page(
        "service",
        {
            "root": root,
            "service": service,
            "programme": programme_of(book, service),
            "country": book.country,
            "providers": providers,
            "comparisons": comparisons,
            "flags": Flags.of(entry.fact for entry in entries),
            "checked": sum(entry.fact.result.outlier != "" for entry in entries),
            "fewest": FEWEST_CHECKED,
            "flagged": tuple(entry for entry in entries if flag_of(entry.fact)),
            "missing": tuple(entry for entry in entries if is_not_sent(entry.fact)),
            "release": book.descriptor,
        },
    )
    return Page(
        f"services/{service_id}/",
        "service",
        templates.words("titles", "services_title", service["title"]),
        service["description"],
        service["title"],
        (
            *headings_of(templates, [("glance", providers and comparisons), ("providers", providers)]),
            *(Heading(comparison.fragment, comparison.metric.title) for comparison in comparisons),
            *headings_of(templates, [("data", True)]),
        ),
        body,
    )


def definitions_page(book: Book, templates: Templates, service_id: str) -> Page:
    """Return the definitions of a service's metrics as one sheet to print."""
    service = book.rows_about("services", "service_id", service_id)[0]
    metrics = metrics_of(book, service_id)
    title = templates.words("services", "definitions_title", service["title"])
    body = templates.page(
        "service_definitions",
        {
            "root": "../../../",
            "service": service,
            "programme": programme_of(book, service),
            "country": book.country,
            "metrics": metrics,
            "release": book.descriptor,
            "policy": book.publication.policy,
        },
    )
    return Page(
        f"services/{service_id}/definitions/",
        "service_definitions",
        title,
        templates.words("services", "definitions_description", service["title"]),
        title,
        tuple(Heading(f"m-{metric.metric_id}", metric.title) for metric in metrics),
        body,
    )


def programme_page(book: Book, templates: Templates, programme_id: str) -> Page:
    """Return one programme of care: its services."""
    programme = next(item for item in programmes(book) if item.programme_id == programme_id)
    body = templates.page(
        "programme",
        {
            "root": "../../",
            "programme": programme,
            "services": tuple(_summary(book, service) for service in programme.services),
            "fewest": FEWEST_CHECKED,
            "release": book.descriptor,
        },
    )
    return Page(
        programme.path,
        "programme",
        templates.words("services", "programme_title", programme.title),
        templates.words("services", "programme_description", programme.title),
        programme.title,
        headings_of(templates, [("services", True)]),
        body,
    )


def services_page(book: Book, templates: Templates) -> Page:
    """Return every service, by programme of care."""
    found = programmes(book)
    body = templates.page(
        "services",
        {
            "root": "../",
            "programmes": tuple(
                (programme, tuple(_summary(book, service) for service in programme.services))
                for programme in (*found, *without_programme(book))
            ),
            "fewest": FEWEST_CHECKED,
            "release": book.descriptor,
        },
    )
    title = templates.words("services", "index_title")
    return Page(
        "services/",
        "services",
        title,
        templates.words("services", "index_description"),
        title,
        (
            *(Heading(f"p-{programme.programme_id}", programme.title) for programme in found),
            *headings_of(templates, [("others", without_programme(book))]),
        ),
        body,
    )


def _providers(book: Book, service_id: str, metrics: Sequence[Metric], root: str) -> tuple[ProviderRow, ...]:
    ends: dict[str, list[date | None]] = {}
    for row in book.rows_about("provisions", "service_id", service_id):
        ends.setdefault(row["organisation_code"], []).append(row["to"])
    facts = [
        {fact.result.organisation_code: fact for fact in book.latest_facts(metric.metric_id, ends)}
        for metric in metrics
    ]
    today = book.descriptor.publication_date
    return tuple(
        ProviderRow(
            organisation,
            f"{root}{organisation.path}services/{service_id}/" if metrics else f"{root}{organisation.path}",
            _ended(ends[organisation.code], today),
            tuple(of_metric.get(organisation.code) for of_metric in facts),
        )
        for organisation in book.organisations.values()
        if organisation.code in ends
    )


def _ended(ends: Sequence[date | None], today: date) -> date | None:
    """Return the last day of a provision that is over; None where one still runs."""
    known = [end for end in ends if end is not None and end < today]
    return max(known) if len(known) == len(ends) else None


def _comparison(book: Book, metric: Metric, place: int, providers: Sequence[ProviderRow]) -> Comparison:
    pairs = [(row, fact) for row in providers if (fact := row.facts[place]) is not None]
    country = country_fact_of(book, metric, book.latest.get(metric.metric_id, ""))
    known = tuple(pair for pair in pairs if pair[1].has_value)
    return Comparison(
        metric,
        country,
        whole_of(book, pairs[0][1]) if pairs else None,
        known,
        tuple(book.moves_of(fact) for _, fact in known),
        tuple(pair for pair in pairs if not pair[1].has_value),
    )


def _summary(book: Book, service: Mapping[str, Any]) -> ServiceSummary:
    metrics = metrics_of(book, service["service_id"])
    providers = _providers(book, service["service_id"], metrics, "")
    facts = [fact for row in providers for fact in row.facts if fact]
    return ServiceSummary(
        service,
        sum(row.ended is None for row in providers),
        tuple(metrics),
        Flags.of(facts),
        any(fact.result.outlier != "" for fact in facts),
        all(
            sum(fact is not None and fact.has_value for fact in of_metric) < FEWEST_CHECKED
            for of_metric in zip(*(row.facts for row in providers), strict=True)
        ),
        sum(map(is_not_sent, facts)),
    )
