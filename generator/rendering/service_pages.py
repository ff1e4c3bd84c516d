"""The pages about services: one at one provider, one with all its providers, its definitions, programmes."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import Absence, Basis, Outlier
from generator.rendering.book import Book
from generator.rendering.chart_keys import chart_key
from generator.rendering.control_charts import ControlChart, control_chart
from generator.rendering.facts import Fact, signs_of
from generator.rendering.records import MetricPeriod, Organisation
from generator.rendering.scorecard import MetricCard, sections_of
from generator.rendering.templates import Templates

ENOUGH_FOR_A_POSITION = 10
"""Among fewer organisations a fifth would be one or two of them: a rank by another name."""

_LONGEST_SLUG = 80
"""A folder's name must not be too long for a disk."""
_GAPS_SHOWN = 12
"""How many periods back a page tells of figures that were not sent."""
_NOT_SENT = (Absence.NOT_SUBMITTED, Absence.LATE, Absence.FAILED_CHECKS, Absence.WITHDRAWN)
"""The absences that a provider can do something about."""


@dataclass(frozen=True)
class Measure:
    """One metric of a service at one provider."""

    card: MetricCard
    country: Fact | None
    whole: MetricPeriod | None
    """The country's METRIC_PERIODS of the same period."""
    chart: ControlChart | None

    @property
    def fact(self) -> Fact:
        """The figure the page leads with."""
        return self.card.fact

    @property
    def is_checked(self) -> bool:
        """Whether it was looked whether the figure lies beyond the limits of chance."""
        return self.fact.result.outlier != ""

    @property
    def flag(self) -> str:
        """The word of OUTLIER for a flagged figure, else empty."""
        return flag_of(self.fact)

    @property
    def fifth(self) -> int:
        """The fifth of organisations it lies in, 1 for the lowest values; 0 where there is no saying."""
        return fifth_of(self.fact, self.whole)


@dataclass(frozen=True)
class Gap:
    """Figures of one metric that were not sent, for one reason."""

    metric: Metric
    absence: str
    facts: tuple[Fact, ...]
    """In order of time."""


@dataclass(frozen=True)
class Vouched:
    """What a provider declares about one question, beside what others have verified."""

    metric: Metric
    declared: Fact | None
    """The latest figure it declared itself."""
    verified: Fact | None
    """The latest one that was verified."""

    @property
    def agree(self) -> bool:
        """Whether both say the same."""
        return (
            self.declared is not None
            and self.verified is not None
            and self.declared.result.value == self.verified.result.value
        )

    @property
    def together(self) -> bool:
        """Whether both are of the same period."""
        return (
            self.declared is not None
            and self.verified is not None
            and self.declared.result.period == self.verified.result.period
        )


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
    absent: tuple[tuple[ProviderRow, Fact], ...]
    """Those that should have one."""

    @property
    def fragment(self) -> str:
        """Where it stands on its page."""
        return f"m-{self.metric.metric_id}"


@dataclass(frozen=True)
class ServiceSummary:
    """One service in a list."""

    service: Mapping[str, Any]
    providers: int
    metrics: tuple[Metric, ...]
    flags: int
    """How many figures of the latest periods lie beyond the limits of chance."""
    is_checked: bool
    missing: int
    """How many figures of the latest periods were not sent."""

    @property
    def href(self) -> str:
        """Address of its page below the site's root."""
        return f"services/{self.service['service_id']}/"


@dataclass(frozen=True)
class Programme:
    """The services of one programme of care."""

    programme_id: str
    title: str
    """Empty for services that belong to none."""
    services: tuple[Mapping[str, Any], ...]

    @property
    def path(self) -> str:
        """Address of its page below the site's root."""
        return f"programmes/{self.programme_id}/"


def provider_service_page(book: Book, templates: Templates, code: str, service_id: str) -> Page:
    """Return the quality profile of one service at one provider."""
    organisation = book.organisations[code]
    service = book.rows_about("services", "service_id", service_id)[0]
    sections = sections_of(book, organisation, service_id=service_id)
    measures = tuple(_measure(book, card) for section in sections for card in section.cards)
    facts = [measure.fact for measure in measures]
    provisions = [
        row
        for row in book.rows_about("provisions", "organisation_code", code)
        if row["service_id"] == service_id
    ]
    gaps = tuple(gap for measure in measures for gap in _gaps(measure.card))
    vouched = _vouched([measure.card for measure in measures])
    title = templates.words("titles", "service_title", service["title"], organisation.name)
    body = templates.page(
        "provider_service",
        {
            "root": "../../../../",
            "organisation": organisation,
            "service": service,
            "programme": programme_of(book, service),
            "provisions": provisions,
            "sites": {row["site_code"]: book.organisations.get(row["site_code"]) for row in provisions},
            "trail": (*book.trail(organisation), organisation),
            "country": book.country,
            "counts": signs_of(facts),
            "against": tuple(dict.fromkeys(fact.benchmark_name for fact in facts if fact.is_judged)),
            "shown": len(measures),
            "checked": sum(measure.is_checked for measure in measures),
            "flagged": tuple(measure for measure in measures if measure.flag),
            "measures": measures,
            "chart_key": chart_key(measure.card for measure in measures),
            "gaps": gaps,
            "vouched": vouched,
            "release": book.descriptor,
        },
    )
    return Page(
        f"{organisation.path}services/{service_id}/",
        "provider_service",
        title,
        templates.words("titles", "service_description", service["title"], organisation.name),
        title,
        _headings(
            templates,
            [
                ("glance", True),
                ("summary", measures),
                ("vouched", vouched),
                ("missing", gaps),
                ("measures", measures),
                ("data", True),
            ],
        ),
        body,
    )


def control_charts_of(book: Book, code: str, service_id: str) -> list[ControlChart]:
    """Return the control charts on the profile of a service at one provider."""
    sections = sections_of(book, book.organisations[code], service_id=service_id)
    charts = (control_chart(book, card.history) for section in sections for card in section.cards)
    return [chart for chart in charts if chart is not None]


def service_page(book: Book, templates: Templates, service_id: str) -> Page:
    """Return one service: all its providers beside each other, then metric by metric."""
    root = "../../"
    service = book.rows_about("services", "service_id", service_id)[0]
    metrics = _metrics_of(book, service_id)
    providers = _providers(book, service_id, metrics, root)
    comparisons = tuple(_comparison(book, metric, place, providers) for place, metric in enumerate(metrics))
    body = templates.page(
        "service",
        {
            "root": root,
            "service": service,
            "programme": programme_of(book, service),
            "country": book.country,
            "providers": providers,
            "comparisons": comparisons,
            "flagged": sum(flag_of(fact) != "" for row in providers for fact in row.facts if fact),
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
            *_headings(templates, [("providers", providers)]),
            *(Heading(comparison.fragment, comparison.metric.title) for comparison in comparisons),
            *_headings(templates, [("data", True)]),
        ),
        body,
    )


def definitions_page(book: Book, templates: Templates, service_id: str) -> Page:
    """Return the definitions of a service's metrics as one sheet to print."""
    service = book.rows_about("services", "service_id", service_id)[0]
    metrics = _metrics_of(book, service_id)
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
            "release": book.descriptor,
        },
    )
    return Page(
        programme.path,
        "programme",
        templates.words("services", "programme_title", programme.title),
        templates.words("services", "programme_description", programme.title),
        programme.title,
        _headings(templates, [("services", True)]),
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
                for programme in (*found, *_without_programme(book))
            ),
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
            *_headings(templates, [("others", _without_programme(book))]),
        ),
        body,
    )


def flag_of(fact: Fact) -> str:
    """Return the word of OUTLIER where a figure lies beyond the limits of chance, else nothing."""
    return "" if fact.result.outlier in ("", Outlier.NONE) else fact.result.outlier


def fifth_of(fact: Fact, whole: MetricPeriod | None) -> int:
    """Return the fifth of organisations that a figure lies in, 1 for the lowest; 0 among too few."""
    quintile = fact.result.quintile
    if whole is None or whole.reported < ENOUGH_FOR_A_POSITION or math.isnan(quintile):
        return 0
    return int(quintile)


def programmes(book: Book) -> tuple[Programme, ...]:
    """Return the programmes of care, by title; their ids are their titles as addresses have them."""
    rows = sorted(
        (row for row in book.rows_of("services") if row["programme_of_care"]),
        key=lambda row: (row["programme_of_care"].casefold(), row["programme_of_care"]),
    )
    found: dict[str, Programme] = {}
    for title, services in groupby(rows, key=lambda row: str(row["programme_of_care"])):
        slug = _slug(title) or "programme"
        ids = (slug, *(f"{slug}-{number}" for number in range(2, len(rows) + 2)))
        programme_id = next(item for item in ids if item not in found)
        found[programme_id] = Programme(programme_id, title, _by_title(services))
    return tuple(found.values())


def programme_of(book: Book, service: Mapping[str, Any]) -> Programme | None:
    """Return the programme that a service belongs to."""
    title = service["programme_of_care"]
    return next((item for item in programmes(book) if item.title == title), None) if title else None


def _without_programme(book: Book) -> tuple[Programme, ...]:
    rows = _by_title(row for row in book.rows_of("services") if not row["programme_of_care"])
    return (Programme("others", "", rows),) if rows else ()


def _by_title(services: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(sorted(services, key=lambda row: (row["title"].casefold(), row["service_id"])))


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:_LONGEST_SLUG].strip("-")


def _metrics_of(book: Book, service_id: str) -> list[Metric]:
    return [metric for metric in book.metrics.values() if metric.service_id == service_id]


def _measure(book: Book, card: MetricCard) -> Measure:
    result = card.fact.result
    country = _country_fact(book, card.metric, result.period)
    return Measure(
        card,
        country,
        _whole(book, card.fact),
        control_chart(book, card.history),
    )


def _country_fact(book: Book, metric: Metric, period: str) -> Fact | None:
    """Return the country's figure of a period, where it has one."""
    if book.country is None:
        return None
    facts = book.latest_facts(metric.metric_id, [book.country.code])
    if not facts or facts[0].result.period != period:
        history = book.country_facts.get(metric.metric_id, {}).get(ALL_PATIENTS, [])
        facts = [fact for fact in history if fact.result.period == period]
    return facts[0] if facts and facts[0].has_value else None


def _whole(book: Book, fact: Fact) -> MetricPeriod | None:
    if book.country is None:
        return None
    return book.group_periods.get((fact.result.metric_id, book.country.code), {}).get(fact.result.period)


def _gaps(card: MetricCard) -> list[Gap]:
    """Return what of a metric's latest periods was not sent, by reason."""
    latest = card.history[-_GAPS_SHOWN:]
    return [
        Gap(card.metric, str(absence), facts)
        for absence in _NOT_SENT
        if (facts := tuple(fact for fact in latest if fact.result.absence == absence))
    ]


def _vouched(cards: Sequence[MetricCard]) -> tuple[Vouched, ...]:
    """Return what is declared and what is verified. Metrics that ask the same question stand in one row."""
    found: dict[str, Vouched] = {}
    for card in cards:
        latest = {
            fact.result.basis: fact
            for fact in card.history
            if fact.has_value and fact.result.basis in (Basis.SELF_DECLARED, Basis.VERIFIED)
        }
        if not latest:
            continue
        known = found.get(card.metric.question)
        declared, verified = latest.get(Basis.SELF_DECLARED), latest.get(Basis.VERIFIED)
        if known:
            declared, verified = known.declared or declared, known.verified or verified
        found[card.metric.question] = Vouched(known.metric if known else card.metric, declared, verified)
    return tuple(found.values())


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
    country = _country_fact(book, metric, book.latest.get(metric.metric_id, ""))
    return Comparison(
        metric,
        country,
        _whole(book, pairs[0][1]) if pairs else None,
        tuple(pair for pair in pairs if pair[1].has_value),
        tuple(pair for pair in pairs if not pair[1].has_value),
    )


def _summary(book: Book, service: Mapping[str, Any]) -> ServiceSummary:
    metrics = _metrics_of(book, service["service_id"])
    providers = _providers(book, service["service_id"], metrics, "")
    facts = [fact for row in providers for fact in row.facts if fact]
    return ServiceSummary(
        service,
        sum(row.ended is None for row in providers),
        tuple(metrics),
        sum(flag_of(fact) != "" for fact in facts),
        any(fact.result.outlier != "" for fact in facts),
        sum(fact.result.absence in _NOT_SENT for fact in facts),
    )


def _headings(templates: Templates, present: Sequence[tuple[str, object]]) -> tuple[Heading, ...]:
    return tuple(
        Heading(name, templates.words("services", "section", name)) for name, is_there in present if is_there
    )
