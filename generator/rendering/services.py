"""What pages about services have in common: programmes, the metrics of a service, flags and gaps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from generator.model.metric import Metric
from generator.model.pages import Heading
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import Absence, Change, Outlier, Trend, Variation
from generator.rendering.book import Book
from generator.rendering.facts import Fact, Moved
from generator.rendering.records import MetricPeriod
from generator.rendering.templates import Templates

NOT_SENT = (Absence.NOT_SUBMITTED, Absence.LATE, Absence.FAILED_CHECKS, Absence.WITHDRAWN)
"""The absences that a provider can do something about."""

FEWEST_CHECKED = 10
"""Among fewer organisations with a figure nobody is looked for who lies beyond the limits of chance."""

_CLEAR_VARIATION = (
    Variation.IMPROVEMENT_HIGH,
    Variation.IMPROVEMENT_LOW,
    Variation.CONCERN_HIGH,
    Variation.CONCERN_LOW,
    Variation.NEUTRAL_HIGH,
    Variation.NEUTRAL_LOW,
)
_LONGEST_SLUG = 80
"""A folder's name must not be too long for a disk."""


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


def without_programme(book: Book) -> tuple[Programme, ...]:
    """Return the services that belong to no programme, as one of a kind; nothing where all do."""
    rows = _by_title(row for row in book.rows_of("services") if not row["programme_of_care"])
    return (Programme("others", "", rows),) if rows else ()


def metrics_of(book: Book, service_id: str) -> list[Metric]:
    """Return the metrics of a service, in scorecard order."""
    return [metric for metric in book.metrics.values() if metric.service_id == service_id]


@dataclass(frozen=True)
class Flags:
    """How many figures lie beyond the limits of chance."""

    alerts: int
    alarms: int

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> Flags:
        """Return how many of the facts are alerts, and how many alarms."""
        flagged = [fact for fact in facts if flag_of(fact)]
        alarms = sum(fact.is_outlier for fact in flagged)
        return cls(len(flagged) - alarms, alarms)

    @property
    def total(self) -> int:
        """How many they are together."""
        return self.alerts + self.alarms


def flag_of(fact: Fact) -> str:
    """Return the word of OUTLIER where a figure lies beyond the limits of chance, else nothing."""
    return "" if fact.result.outlier in ("", Outlier.NONE) else fact.result.outlier


def country_fact_of(book: Book, metric: Metric, period: str) -> Fact | None:
    """Return the country's figure of a period, where it has one."""
    if book.country is None:
        return None
    facts = book.latest_facts(metric.metric_id, [book.country.code])
    if not facts or facts[0].result.period != period:
        history = book.country_facts.get(metric.metric_id, {}).get(ALL_PATIENTS, [])
        facts = [fact for fact in history if fact.result.period == period]
    return facts[0] if facts and facts[0].has_value else None


def whole_of(book: Book, fact: Fact) -> MetricPeriod | None:
    """Return the country's METRIC_PERIODS of a fact's metric and period."""
    if book.country is None:
        return None
    return book.group_periods.get((fact.result.metric_id, book.country.code), {}).get(fact.result.period)


def is_not_sent(fact: Fact) -> bool:
    """Return whether a figure is missing that should have been sent, in time and without faults."""
    return fact.result.absence in NOT_SENT


def tells_change(fact: Fact, moves: Sequence[Moved]) -> bool:
    """Return whether there is a word for how a figure goes: of its control chart, five years or its moves."""
    result = fact.result
    is_trend = result.trend not in ("", Trend.CANNOT_BE_CALCULATED)
    return fact.has_value and (bool(result.variation) or is_trend or bool(moves))


def has_clearly_changed(fact: Fact, moves: Sequence[Moved]) -> bool:
    """Return whether a figure moved by more than chance: the first move, five years or its control chart."""
    result = fact.result
    return fact.has_value and (
        any(move.word != Change.NO_CLEAR_CHANGE for move in moves[:1])
        or result.trend in (Trend.IMPROVING, Trend.WORSENING, Trend.RISING, Trend.FALLING)
        or result.variation in _CLEAR_VARIATION
    )


def headings_of(templates: Templates, present: Sequence[tuple[str, object]]) -> tuple[Heading, ...]:
    """Return the headings of the sections that are there."""
    return tuple(
        Heading(name, templates.words("services", "section", name)) for name, is_there in present if is_there
    )


def _by_title(services: Iterable[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    return tuple(sorted(services, key=lambda row: (row["title"].casefold(), row["service_id"])))


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:_LONGEST_SLUG].strip("-")
