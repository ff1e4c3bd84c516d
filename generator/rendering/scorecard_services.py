"""What a scorecard says of the services that an organisation provides, each with a profile of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.rendering.book import Book
from generator.rendering.facts import Fact, signs_of
from generator.rendering.services import Flags, is_not_sent


@dataclass(frozen=True)
class ProvidedService:
    """One service of an organisation, with what its profile comes to."""

    title: str
    href: str
    """Address of its profile, from the scorecard."""
    measures: int
    counts: Mapping[str, int]
    """How many results are better, similar, worse and so on: see signs_of."""
    flags: Flags
    is_checked: bool
    """Whether any result was held against the limits of chance."""
    absences: tuple[tuple[str, int], ...]
    """Why figures are missing, and how many for each reason, the most frequent first."""
    not_sent: int
    """How many of these should have been sent."""

    @property
    def stands_out(self) -> bool:
        """Whether a reader of the scorecard should hear of it at once."""
        return bool(self.flags.total or self.not_sent)


def provided_services(book: Book, code: str, facts: Sequence[Fact]) -> tuple[ProvidedService, ...]:
    """Return the services with a profile, in the order of the release; `facts` are those of the scorecard."""
    provided = {row["service_id"] for row in book.rows_about("provisions", "organisation_code", code)}
    if not provided:
        return ()
    measured = {metric.service_id for metric in book.metrics.values()}
    return tuple(
        _provided(
            row["service_id"],
            row["title"],
            [fact for fact in facts if fact.metric.service_id == row["service_id"]],
        )
        for row in book.rows_of("services")
        if row["service_id"] in provided and row["service_id"] in measured
    )


def _provided(service_id: str, title: str, facts: Sequence[Fact]) -> ProvidedService:
    absences = Counter(fact.result.absence for fact in facts if not fact.has_value)
    return ProvidedService(
        title,
        f"services/{service_id}/",
        len(facts),
        signs_of(facts),
        Flags.of(facts),
        any(fact.result.outlier for fact in facts),
        tuple(absences.most_common()),
        sum(map(is_not_sent, facts)),
    )
