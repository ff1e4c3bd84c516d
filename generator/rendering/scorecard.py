"""The page of one practice, provider or site."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.model.policy import Rule
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import Absence, Band, BenchmarkKind, Judgement, Submission
from generator.rendering.book import Book
from generator.rendering.chart_keys import chart_key
from generator.rendering.facts import Fact, Moved, signs_of
from generator.rendering.marks import (
    BenchmarkMark,
    SpreadMark,
    TrendMark,
    TrendPoint,
    benchmark_mark,
    spread_mark,
    trend_mark,
)
from generator.rendering.numbers import round_half_up
from generator.rendering.period_names import PeriodName
from generator.rendering.records import Organisation, Plates
from generator.rendering.scorecard_services import provided_services
from generator.rendering.templates import Templates


@dataclass(frozen=True)
class Group:
    """One breakdown of a metric: its groups of patients in the latest period."""

    dimension: str
    period: PeriodName
    rows: tuple[tuple[str, Fact], ...]


@dataclass(frozen=True)
class Comment:
    """What an organisation says about its own results."""

    metric_id: str
    """Empty for what is about all of them."""
    text: str
    role: str
    received_on: date
    about: str
    """The period commented on; empty for none in particular."""


@dataclass(frozen=True)
class MetricCard:
    """One metric on a page about one organisation."""

    metric: Metric
    fact: Fact
    history: tuple[Fact, ...]
    is_past: bool
    """The organisation has no row for the metric's latest period, so an earlier one is shown."""
    groups: tuple[Group, ...]
    comments: tuple[Comment, ...]
    plates: Plates | None
    spread: SpreadMark | None
    benchmark: BenchmarkMark | None
    """What the value is compared with, on the spread."""
    trend: TrendMark | None
    like: Fact | None
    """The same result compared with organisations like this one; None where that cannot be."""
    moves: tuple[Moved, ...]
    """How it moved, as far as that is told."""
    service: str
    """Title of the service that the metric is about; empty for most."""

    @property
    def fragment(self) -> str:
        """Where the card stands on its page."""
        return f"m-{self.metric.metric_id}"


@dataclass(frozen=True)
class Section:
    """One domain of a scorecard."""

    fragment: str
    title: str
    description: str
    cards: tuple[MetricCard, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many of its metrics are better, similar, worse and so on."""
        return signs_of([card.fact for card in self.cards])


@dataclass(frozen=True)
class Shortlist:
    """The metrics that stand out one way."""

    judgement: Judgement
    cards: tuple[MetricCard, ...]


@dataclass(frozen=True)
class Standards:
    """How the results do by the standards set for them."""

    good: int
    acceptable: int
    below: tuple[MetricCard, ...]


@dataclass(frozen=True)
class Likeness:
    """Which organisations are like this one, and how they were found."""

    organisations: tuple[Organisation, ...]
    chosen_by: tuple[str, ...]
    """The characteristics in which they are alike; none where the publisher named them."""
    counts: Mapping[str, int]
    """How many results are better, similar and worse than theirs."""


@dataclass(frozen=True)
class Link:
    """A link with its text and an optional remark."""

    href: str
    text: str
    note: str = ""


def organisation_page(book: Book, templates: Templates, code: str) -> Page:
    """Return the scorecard of one organisation."""
    organisation = book.organisations[code]
    root = "../../"
    sections = sections_of(book, organisation)
    cards = [card for section in sections for card in section.cards]
    facts = [card.fact for card in cards]
    services = provided_services(book, code, facts)
    sites = [
        Link(f"{root}{member.path}", member.full_name)
        for member in book.members_of(code)
        if member.kind == "site"
    ]
    context = _context(book, code)
    likeness = _likeness(book, code, cards) if organisation.is_open else None
    comments = [comment for comment in comments_of(book, code) if not comment.metric_id]
    policy = book.publication.policy
    events = _events(book, code, {card.metric.metric_id for card in cards})
    present: list[tuple[str | Section, object]] = [
        ("contact", True),
        ("glance", True),
        *((section, True) for section in sections),
        ("context", context),
        ("like", likeness),
        ("services", services),
        ("sites", sites),
        ("events", events),
        ("comments", comments),
        ("data", True),
    ]
    contents = tuple(
        Heading(item.fragment, item.title)
        if isinstance(item, Section)
        else Heading(item, templates.words("scorecard", "section", item))
        for item, is_there in present
        if is_there
    )
    body = templates.page(
        "organisation",
        {
            "root": root,
            "organisation": organisation,
            "kind": templates.words("places", "kind", organisation.kind, book.kind_name(organisation.kind)),
            "trail": book.trail(organisation),
            "successor": book.organisations.get(organisation.successor_code),
            "counts": signs_of(facts),
            "against": _benchmark_names(facts),
            "absences": _absences(facts),
            "shown": len(facts),
            "standards": _standards(cards) if organisation.is_open else None,
            "stands_out": _shortlists(cards) if organisation.is_open else (),
            "domains": sections,
            "chart_key": chart_key(cards),
            "context": context,
            "likeness": likeness,
            "services": services,
            "sites": sites,
            "events": events,
            "comments": comments,
            "own_links": _own_links(book, templates, organisation),
            "release": book.descriptor,
            "grouped": any(card.groups for card in cards),
            "rounded": any(policy.rule_for(card.metric.disclosure) is not Rule.OPEN for card in cards),
            "policy": policy,
        },
    )
    release = book.descriptor.release
    return Page(
        organisation.path,
        "organisation",
        templates.words("titles", "organisation_title", organisation.name, organisation.town),
        templates.words("titles", "organisation_description", organisation.name, organisation.town, release),
        organisation.name,
        contents,
        body,
    )


def sections_of(
    book: Book, organisation: Organisation, *, service_id: str | None = None
) -> tuple[Section, ...]:
    """Return an organisation's metrics by domain, of one service or all."""
    facts = book.facts_of(organisation.code)
    comments = comments_of(book, organisation.code)
    sections = []
    for domain in book.domains:
        # What belongs to one service stands together.
        of_service = list(dict.fromkeys(metric.service_id for metric in domain.metrics))
        cards = tuple(
            _card(book, organisation, metric, facts[metric.metric_id], comments)
            for metric in sorted(domain.metrics, key=lambda metric: of_service.index(metric.service_id))
            if facts.get(metric.metric_id, {}).get(ALL_PATIENTS)
            and (service_id is None or metric.service_id == service_id)
        )
        if cards:
            sections.append(Section(f"d-{domain.domain_id}", domain.title, domain.description, cards))
    return tuple(sections)


def _card(
    book: Book,
    organisation: Organisation,
    metric: Metric,
    facts: Mapping[str, Sequence[Fact]],
    comments: Sequence[Comment],
) -> MetricCard:
    history = _while_open(facts[ALL_PATIENTS])
    current = book.current(history)
    if not organisation.is_open:
        # Of a place that is gone people want the last figure there was; the table tells what came after it.
        current = next((fact for fact in reversed(history) if fact.has_value), current)
    is_past = current.result.period != book.latest.get(metric.metric_id)
    plates = book.plates.get(metric.metric_id)
    spread = benchmark = trend = None
    if plates and plates.spread and current.has_value and not is_past:
        # The plate shows how others do in the latest period: an earlier value has no place among them.
        spread = spread_mark(
            plates.spread,
            current.result.value,
            current.result.lower,
            current.result.upper,
            Judgement(current.result.judgement),
            is_provisional=current.result.submission == Submission.PROVISIONAL,
        )
        name = (
            plates.target_name
            if current.result.benchmark_kind == BenchmarkKind.TARGET
            else current.benchmark_name
        )
        benchmark = benchmark_mark(plates.spread, current.result.benchmark, name)
    if plates and plates.trend and any(fact.has_value for fact in history):
        trend = trend_mark(
            plates.trend,
            [_point(fact) for fact in history],
            Judgement(current.result.judgement),
            label=current.value,
        )
    return MetricCard(
        metric,
        current,
        history,
        is_past,
        groups_of(book, facts),
        tuple(comment for comment in comments if comment.metric_id == metric.metric_id),
        plates,
        spread,
        benchmark,
        trend,
        book.against(current, BenchmarkKind.PEERS),
        book.moves_of(current),
        next((row["title"] for row in book.rows_about("services", "service_id", metric.service_id)), ""),
    )


def comments_of(book: Book, code: str) -> tuple[Comment, ...]:
    """Return what an organisation says about its results."""
    return tuple(
        Comment(
            row["metric_id"],
            row["text"],
            row["role"],
            row["received_on"],
            book.periods[row["period"]].label if row["period"] else "",
        )
        for row in book.rows_about("comments", "organisation_code", code)
    )


def _while_open(history: Sequence[Fact]) -> tuple[Fact, ...]:
    """Return the history up to the last period the organisation saw: what follows only says it is closed."""
    end = len(history)
    while end > 1 and history[end - 1].result.absence == Absence.CLOSED:
        end -= 1
    return tuple(history[:end])


def _point(fact: Fact) -> TrendPoint:
    result = fact.result
    return TrendPoint(
        result.period, result.value, result.lower, result.upper, result.submission == Submission.PROVISIONAL
    )


def groups_of(book: Book, facts: Mapping[str, Sequence[Fact]]) -> tuple[Group, ...]:
    """Return the latest figures of each group of patients, by dimension."""
    if len(facts) < 2:
        return ()
    dimensions: dict[str, list[tuple[str, Fact]]] = {}
    for row in book.breakdowns:
        found = facts.get(row["breakdown_id"])
        if found:
            dimensions.setdefault(row["dimension"], []).append((row["title"], found[-1]))
    return tuple(Group(dimension, rows[0][1].period, tuple(rows)) for dimension, rows in dimensions.items())


def _shortlists(cards: Sequence[MetricCard]) -> tuple[Shortlist, ...]:
    lists = []
    for word in (Judgement.BETTER, Judgement.WORSE):
        chosen = tuple(card for card in cards if card.fact.has_value and card.fact.result.judgement == word)
        if chosen:
            lists.append(Shortlist(word, chosen))
    return tuple(lists)


def _standards(cards: Sequence[MetricCard]) -> Standards | None:
    """Return how many results meet the standard set for them, and which do not; None where none has one."""
    banded = [card for card in cards if card.fact.has_value and card.fact.is_banded]
    if not banded:
        return None
    counts = Counter(card.fact.result.band for card in banded)
    return Standards(
        counts[Band.GOOD],
        counts[Band.ACCEPTABLE],
        tuple(card for card in banded if card.fact.result.band == Band.BELOW_STANDARD),
    )


def _absences(facts: Sequence[Fact]) -> tuple[tuple[str, int], ...]:
    """Return why facts have no value, and how many of them for each reason, the most frequent first."""
    return tuple(Counter(fact.result.absence for fact in facts if not fact.has_value).most_common())


def _likeness(book: Book, code: str, cards: Sequence[MetricCard]) -> Likeness | None:
    """Return the organisations like this one; None where there are none."""
    peers = tuple(book.organisations[peer] for peer in book.peers.get(code, ()) if peer in book.organisations)
    if not peers:
        return None
    were_named = bool(book.rows_about("peers", "organisation_code", code))
    known = {row["characteristic_id"] for row in book.rows_about("context", "organisation_code", code)}
    chosen_by = () if were_named else tuple(
        row["title"]
        for row in book.rows_of("characteristics")
        if row["use_for_peers"] and row["characteristic_id"] in known
    )  # fmt: skip
    shown = [card for card in cards if card.fact.has_value]
    counts = signs_of([card.like for card in shown if card.like])
    by_name = tuple(sorted(peers, key=lambda peer: (peer.name.casefold(), peer.code)))
    return Likeness(by_name, chosen_by, counts)


def _benchmark_names(facts: Sequence[Fact]) -> tuple[str, ...]:
    """Return whom the judged facts are compared with, the most frequent first; a target has no name."""
    names = Counter(fact.benchmark_name for fact in facts if fact.has_value and fact.is_judged)
    return tuple(name for name, _ in names.most_common())


def _own_links(book: Book, templates: Templates, organisation: Organisation) -> tuple[tuple[str, str], ...]:
    """Return what a patient may do next here: only practices register patients and are booked directly.

    Where a practice has gone, its patients may have to register elsewhere.
    """
    register, book_it = (templates.words("places", name) for name in ("link_register", "link_book"))
    is_practice = organisation.kind == "practice"
    if not organisation.is_open:
        return tuple((label, href) for label, href in book.links.items() if is_practice and label == register)
    of_practices = () if is_practice else (register, book_it)
    return tuple((label, href) for label, href in book.links.items() if label not in of_practices)


@dataclass(frozen=True)
class Event:
    """Something that happened at an organisation, and the metric it may have moved (None: no single one)."""

    date: date
    label: str
    metric: Metric | None


def _events(book: Book, code: str, shown: Collection[str]) -> tuple[Event, ...]:
    """Return what happened at an organisation, the latest first; metrics without a card here stay unnamed.

    What bears on a metric that this audience may not see is left out.
    """
    rows = [
        row
        for row in book.rows_about("events", "organisation_code", code)
        if not row["metric_id"] or row["metric_id"] in book.metrics
    ]
    named = {metric_id: book.metrics[metric_id] for metric_id in shown}
    return tuple(
        Event(row["date"], row["label"], named.get(row["metric_id"]))
        for row in sorted(rows, key=lambda row: (row["date"], row["label"]), reverse=True)
    )


@dataclass(frozen=True)
class ContextRow:
    """One characteristic of the people served."""

    title: str
    text: str
    period: str


def _context(book: Book, code: str) -> tuple[ContextRow, ...]:
    titles = {row["characteristic_id"]: row for row in book.rows_of("characteristics")}
    latest: dict[str, Mapping[str, Any]] = {}
    for row in book.rows_about("context", "organisation_code", code):
        known = latest.get(row["characteristic_id"])
        if known is None or book.period_order[row["period"]] >= book.period_order[known["period"]]:
            latest[row["characteristic_id"]] = row
    return tuple(
        ContextRow(
            titles[key]["title"],
            _with_unit(_context_text(row["value"]), titles[key]["unit"]),
            book.periods[row["period"]].label,
        )
        for key, row in latest.items()
    )


def _context_text(value: float) -> str:
    return round_half_up(value, 0 if value.is_integer() else 1)


def _with_unit(text: str, unit: str) -> str:
    return f"{text}{unit}" if unit == "%" else f"{text} {unit}".strip()
