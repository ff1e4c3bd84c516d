"""The page about releases: what was published when, what may still change, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from generator.model.metric import Metric
from generator.model.pages import Heading, Page
from generator.model.vocabulary import Submission
from generator.rendering.book import Book
from generator.rendering.period_names import PeriodName
from generator.rendering.release_package import package_path
from generator.rendering.templates import Templates


@dataclass(frozen=True)
class Deadline:
    """When the figures of one period can be sent in, and when they are published."""

    period: PeriodName
    opens: date | None
    closes: date | None
    published: date | None


@dataclass(frozen=True)
class Unsettled:
    """How many figures of one metric in one period are not as they were, or not final."""

    metric: Metric
    period: PeriodName
    provisional: int
    revised: int


def releases_page(book: Book, templates: Templates) -> Page:
    """Return what was published when, and what comes next."""
    unsettled = _unsettled(book)
    coming, past = _deadlines(book)
    body = templates.page(
        "releases",
        {
            "root": "../",
            "current": book.descriptor,
            "package": package_path(book),
            "earlier": book.publication.earlier,
            "coming": coming,
            "past": past,
            "unsettled": unsettled,
            "provisional": sum(item.provisional for item in unsettled),
            "revised": sum(item.revised for item in unsettled),
        },
    )
    title = templates.words("titles", "releases_title")
    present = [("releases", True), ("unsettled", unsettled), ("deadlines", True)]
    return Page(
        "releases/",
        "releases",
        title,
        templates.words("titles", "releases_description"),
        title,
        tuple(
            Heading(name, templates.words("home", "releases_section", name))
            for name, is_there in present
            if is_there
        ),
        body,
    )


def _unsettled(book: Book) -> tuple[Unsettled, ...]:
    """Return the metrics and periods with provisional or revised figures that this audience may see.

    By metric as on scorecards, the latest period first.
    """
    results = book.publication.tables.results
    words = (Submission.PROVISIONAL, Submission.REVISED)
    chosen = results[
        results["submission"].isin([str(word) for word in words]).to_numpy()
        & results["metric_id"].isin(list(book.metrics)).to_numpy()
    ]
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for metric_id, period, word in zip(
        chosen["metric_id"].astype(str),
        chosen["period"].astype(str),
        chosen["submission"].astype(str),
        strict=True,
    ):
        found = counts.setdefault((metric_id, period), dict.fromkeys(map(str, words), 0))
        found[word] += 1
    place = {metric_id: number for number, metric_id in enumerate(book.metrics)}
    ordered = sorted(counts, key=lambda key: (place[key[0]], -book.period_order[key[1]]))
    return tuple(
        Unsettled(
            book.metrics[metric_id],
            book.periods[period],
            counts[metric_id, period][Submission.PROVISIONAL],
            counts[metric_id, period][Submission.REVISED],
        )
        for metric_id, period in ordered
    )


def _deadlines(book: Book) -> tuple[tuple[Deadline, ...], tuple[Deadline, ...]]:
    """Return the dates still to come at the day of this release, the next first, and those gone by."""
    found = [
        Deadline(book.periods[row["period"]], row["opens"], row["closes"], row["published"])
        for row in book.rows_of("deadlines")
        if row["period"] in book.periods
    ]
    today = book.descriptor.publication_date

    def when(item: Deadline) -> tuple[date, date]:
        return (item.published or date.max, item.closes or date.max)

    coming = sorted((item for item in found if when(item)[0] > today), key=when)
    past = sorted((item for item in found if when(item)[0] <= today), key=when, reverse=True)
    return tuple(coming), tuple(past)
