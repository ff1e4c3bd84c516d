"""The page of one service at one provider: its quality profile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from generator.model.metric import Metric
from generator.model.pages import Page
from generator.model.vocabulary import Basis
from generator.rendering.book import Book
from generator.rendering.chart_keys import chart_key
from generator.rendering.control_charts import ControlChart, control_chart
from generator.rendering.facts import Fact, signs_of
from generator.rendering.records import MetricPeriod
from generator.rendering.scorecard import MetricCard, sections_of
from generator.rendering.services import (
    FEWEST_CHECKED,
    NOT_SENT,
    country_fact_of,
    flag_of,
    has_clearly_changed,
    headings_of,
    programme_of,
    tells_change,
    whole_of,
)
from generator.rendering.templates import Templates

ENOUGH_FOR_A_POSITION = 10
"""Among fewer organisations a fifth would be one or two of them: a rank by another name."""

_GAPS_SHOWN = 12
"""How many periods back a page tells of figures that were not sent."""


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
    def tells_change(self) -> bool:
        """Whether there is a word for how the figure goes."""
        return tells_change(self.fact, self.card.moves)

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
    is_declared_later: bool
    """Whether the place has declared something since it was verified."""

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
    vouched = _vouched(book, [measure.card for measure in measures])
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
            "are_few": all(
                measure.whole is None or measure.whole.reported < FEWEST_CHECKED for measure in measures
            ),
            "fewest": FEWEST_CHECKED,
            "flagged": tuple(measure for measure in measures if measure.flag),
            "absent": tuple(measure for measure in measures if not measure.fact.has_value),
            "changes_told": any(measure.tells_change for measure in measures),
            "changed": tuple(
                measure for measure in measures if has_clearly_changed(measure.fact, measure.card.moves)
            ),
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
        headings_of(
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


def fifth_of(fact: Fact, whole: MetricPeriod | None) -> int:
    """Return the fifth of organisations that a figure lies in, 1 for the lowest; 0 among too few."""
    quintile = fact.result.quintile
    if whole is None or whole.reported < ENOUGH_FOR_A_POSITION or math.isnan(quintile):
        return 0
    return int(quintile)


def _measure(book: Book, card: MetricCard) -> Measure:
    result = card.fact.result
    country = country_fact_of(book, card.metric, result.period)
    return Measure(
        card,
        country,
        whole_of(book, card.fact),
        control_chart(book, card.history),
    )


def _gaps(card: MetricCard) -> list[Gap]:
    """Return what of a metric's latest periods was not sent, by reason."""
    latest = card.history[-_GAPS_SHOWN:]
    return [
        Gap(card.metric, str(absence), facts)
        for absence in NOT_SENT
        if (facts := tuple(fact for fact in latest if fact.result.absence == absence))
    ]


def _vouched(book: Book, cards: Sequence[MetricCard]) -> tuple[Vouched, ...]:
    """Return what is declared and what is verified. Metrics that ask the same question stand in one row."""
    found: dict[str, tuple[Metric, Fact | None, Fact | None]] = {}
    for card in cards:
        latest = {
            fact.result.basis: fact
            for fact in card.history
            if fact.has_value and fact.result.basis in (Basis.SELF_DECLARED, Basis.VERIFIED)
        }
        if not latest:
            continue
        metric, declared, verified = found.get(card.metric.question, (card.metric, None, None))
        found[card.metric.question] = (
            metric,
            declared or latest.get(Basis.SELF_DECLARED),
            verified or latest.get(Basis.VERIFIED),
        )

    def end(fact: Fact | None) -> date:
        return book.period_ends[fact.result.period] if fact else date.min

    return tuple(
        Vouched(metric, declared, verified, end(declared) > end(verified))
        for metric, declared, verified in found.values()
    )
