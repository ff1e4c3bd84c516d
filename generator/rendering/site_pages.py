"""The pages about the publication itself: home, everybody from A to Z, data."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.rendering.book import Book
from generator.rendering.facts import Fact
from generator.rendering.records import Domain, Organisation
from generator.rendering.release_package import package_path
from generator.rendering.services import programmes
from generator.rendering.templates import Templates


@dataclass(frozen=True)
class Letter:
    """The organisations whose names begin with one letter."""

    letter: str
    fragment: str
    organisations: tuple[Organisation, ...]


@dataclass(frozen=True)
class Topic:
    """One domain on the home page, with the metrics named as examples."""

    domain: Domain
    examples: tuple[tuple[Metric, Fact | None], ...]


def home_page(book: Book, templates: Templates) -> Page:
    """Return the front page: find, topics, areas, what this is."""
    country = book.country
    topics = tuple(
        Topic(domain, tuple((metric, _country_fact(book, metric)) for metric in domain.metrics[:3]))
        for domain in book.domains
    )
    levels = [level for level in book.area_levels if len(level.areas) <= 60][:3]
    services = len(book.rows_of("services"))
    body = templates.page(
        "home",
        {
            "root": "./",
            "country": country,
            "topics": topics,
            "levels": levels,
            "kinds": _kind_counts(book),
            "metric_count": len(book.metrics),
            "services": services,
            "programmes": programmes(book),
            "release": book.descriptor,
        },
    )
    name = country.name if country else ""
    title = templates.words("titles", "home_title", name)
    return Page(
        "",
        "home",
        title,
        templates.words("titles", "home_description", name),
        title,
        _headings(templates, ("find", "topics", *(["specialised"] if services else []), "areas", "about")),
        body,
    )


def all_page(book: Book, templates: Templates) -> Page:
    """Return everybody, from A to Z, areas included by level."""
    letters: dict[str, list[Organisation]] = defaultdict(list)
    for organisation in book.scorecards:
        letters[first_letter(organisation.name)].append(organisation)
    groups = tuple(
        Letter(letter, f"letter-{letter.lower() if letter.isalpha() else 'other'}", tuple(letters[letter]))
        for letter in sorted(letters, key=lambda letter: (not letter.isalpha(), letter))
    )
    body = templates.page(
        "all",
        {"root": "../", "letters": groups, "levels": book.area_levels, "release": book.descriptor},
    )
    title = templates.words("titles", "all_title")
    return Page(
        "organisations/",
        "all",
        title,
        templates.words("titles", "all_description", f"{len(book.scorecards):,}"),
        title,
        (
            *(Heading(group.fragment, group.letter) for group in groups),
            *_headings(templates, ("areas",)),
        ),
        body,
    )


def data_page(book: Book, templates: Templates) -> Page:
    """Return every download, the sources and the licence."""
    body = templates.page(
        "data",
        {
            "root": "../",
            "domains": book.domains,
            "release": book.descriptor,
            "package": package_path(book),
            "example": _example(book),
        },
    )
    title = templates.words("titles", "data_title")
    return Page(
        "data/",
        "data",
        title,
        templates.words("titles", "data_description"),
        title,
        _headings(templates, ("downloads", "sources", "checks")),
        body,
    )


def first_letter(name: str) -> str:
    """Return the letter a name is listed under: A to Z without accents, or # for everything else."""
    letter = unicodedata.normalize("NFKD", name.strip()[:1]).upper()[:1]
    return letter if "A" <= letter <= "Z" else "#"


def _country_fact(book: Book, metric: Metric) -> Fact | None:
    facts = book.latest_facts(metric.metric_id, [book.country.code]) if book.country else []
    return facts[0] if facts else None


def _kind_counts(book: Book) -> tuple[tuple[str, int, int], ...]:
    """Return each kind with a scorecard, with how many are open and how many are not."""
    counts = Counter((organisation.kind, organisation.is_open) for organisation in book.scorecards)
    kinds = {kind for kind, _ in counts}
    order = {"practice": 0, "provider": 1, "site": 2}
    return tuple(
        (kind, counts[kind, True], counts[kind, False])
        for kind in sorted(kinds, key=lambda kind: (order.get(kind, 3), kind))
    )


def _example(book: Book) -> str:
    """Return the arguments of a `candour trace` that works on this release."""
    for metric_id in book.metrics:
        for fact in book.latest_facts(metric_id, book.reporters(metric_id)[:50]):
            if fact.has_value:
                return fact.address
    return ""


def _headings(templates: Templates, names: tuple[str, ...]) -> tuple[Heading, ...]:
    return tuple(
        Heading(name.replace("_", "-"), templates.words("titles", "section", name)) for name in names
    )
