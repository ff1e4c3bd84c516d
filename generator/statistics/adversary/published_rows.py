"""What a published row tells of its counts, by the rules under which it was hidden or rounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.vocabulary import DisclosureClass, Kind, Protection
from generator.statistics.adversary.attacked import Figures
from generator.statistics.moves import SLACK, Sum
from generator.statistics.worlds import Counts

COMPLEMENT = "complement"
"""Denominator minus numerator of a proportion."""
REASONS = ("numerator", COMPLEMENT, "denominator", "base")
"""Counts for which a row is hidden, in the order in which the reader thinks of them."""
TOTALS_FROM = 50
"""A country's totals over this many organisations are rounded to significant digits instead of steps."""
DIGITS = (4, 3, 2, 1)


@dataclass
class CountedRow:
    """The counts of one organisation or group and breakdown in one release, and what is published of them."""

    metric: Metric
    sums: dict[str, Sum]
    is_group: bool = False
    is_country: bool = False
    is_of_some: bool = False
    """Whether it is about a group of patients, not all."""
    is_untold: bool = False
    """Whether it came late, or changed while hidden, so that nobody is told that it is small."""
    reported: float = 0
    """How many organisations of a group reported."""
    published: Figures | None = None
    truth: dict[str, float] = field(default_factory=dict)


class RowReader:
    """Notes what published rows tell."""

    def __init__(self, counts: Counts, policy: DisclosurePolicy, whole: Mapping[str, bool]) -> None:
        """Note it among these counts; `whole`: which kinds of counts are whole numbers."""
        self.counts, self.policy, self.whole = counts, policy, whole

    def read(self, row: CountedRow, *, knows_class: bool) -> None:
        """Note what the published row tells of its counts.

        `knows_class`: the reader is taken to know of a row that is hidden for its own sake which count is the
        reason. Of its other counts, and of rows that are hidden for others' sake, nothing is known.
        """
        published = row.published
        if published is None:
            return
        if published.word == Protection.HIDDEN:
            reason = next((name for name in REASONS if self._is_small(row, name)), None)
            if knows_class and reason is not None:
                self._limit_small(reason, row.sums[reason])
            return
        shown = dict(published.counts)
        if row.metric.kind is Kind.COUNT and "value" in shown:
            shown.setdefault("numerator", shown["value"] / row.metric.multiplier)
        has_both = COMPLEMENT in row.sums and {"numerator", "denominator"} <= shown.keys()
        if published.word == Protection.NONE:
            for name in shown.keys() & row.sums.keys():
                self.counts.limit(row.sums[name], shown[name], shown[name])
            return
        digits = self._digits(row, shown) if row.is_country else 0
        for name, total in row.sums.items():
            if name in shown:
                self.counts.limit(total, *self._bin(row, name, shown[name], digits))
            elif name == "excluded" and knows_class and not row.is_of_some and self._is_small(row, name):
                # Those of groups of patients are withheld whatever they are.
                self._limit_small(name, total)
        if has_both and not digits and not self._rounds_all(row):
            some = shown["numerator"] != shown["denominator"]
            least = self._small_below(COMPLEMENT) if some else 0.0
            self.counts.limit(row.sums[COMPLEMENT], least, np.inf if some else 0.0)
        persons = row.sums.get("denominator")
        is_of_events = row.metric.disclosure is DisclosureClass.EVENTS
        if persons and not digits and is_of_events and "denominator" in shown:
            self.counts.limit(persons, 0.0, self.policy.events_open_from - SLACK)

    def _is_small(self, row: CountedRow, name: str) -> bool:
        return 0 < row.truth.get(name, 0.0) < self._small_below(name)

    def _limit_small(self, name: str, total: Sum) -> None:
        below = self._small_below(name)
        if self._is_whole(name):
            self.counts.limit(total, 1.0, below - 1.0)
        else:
            self.counts.limit(total, SLACK, below - SLACK)

    def open_counts(self, row: CountedRow) -> Iterator[str]:
        """Yield the names of the counts that are shown."""
        if row.published is not None and row.published.word != Protection.HIDDEN:
            yield from (name for name in row.published.counts if name in row.sums)
            if COMPLEMENT in row.sums and {"numerator", "denominator"} <= row.published.counts.keys():
                yield COMPLEMENT

    def exact_counts(self, row: CountedRow) -> Iterator[Sum]:
        """Yield the sums that are shown as they are."""
        if row.published is not None and row.published.word == Protection.NONE:
            yield from (row.sums[name] for name in row.published.counts if name in row.sums)

    def secrets(self, row: CountedRow) -> Iterator[tuple[str, Sum, bool]]:
        """Yield name and sum of each count that is hidden, or small, and whether it is small."""
        published = row.published
        if published is None or self._is_of_many(row):
            return
        for name, total in row.sums.items():
            is_small = self._is_small(row, name)
            # Exclusions that are not small are no secret: they are withheld so that others can be.
            is_hidden = published.word == Protection.HIDDEN and name != "excluded"
            if total and (is_hidden or (is_small and not self._is_open_country(row))):
                yield name, total, is_small

    def _rounds_all(self, row: CountedRow) -> bool:
        """Tell whether small counts are shown rounded instead of hidden."""
        return self.policy.rule_for(row.metric.disclosure) is Rule.ROUND_ALL

    def _is_of_many(self, row: CountedRow) -> bool:
        """Tell whether a row of events is over so many persons that it is open."""
        if row.published is None or row.metric.disclosure is not DisclosureClass.EVENTS:
            return False
        persons = row.published.counts.get("denominator", 0.0)
        return row.published.word == Protection.NONE and persons >= self.policy.events_open_from

    def _small_below(self, name: str) -> float:
        """Return the count from which one of this name is not small."""
        return float(self.policy.minimum_base if name == "base" else self.policy.hide_up_to + 1)

    def _is_whole(self, name: str) -> bool:
        parts = ("numerator", "denominator") if name == COMPLEMENT else (name,)
        return all(self.whole[part] for part in parts)

    def _is_open_country(self, row: CountedRow) -> bool:
        """Tell whether a cell is a country's total over so many organisations that its size hides nothing."""
        return row.is_country and row.reported >= TOTALS_FROM

    def _digits(self, row: CountedRow, shown: Mapping[str, float]) -> int:
        """Return to how many digits a country's counts are rounded: the most that fit; 0 if to steps."""
        if not self._is_open_country(row):
            return 0
        for digits in DIGITS:
            bins = {
                name: self._bin(row, name, shown[name], digits) for name in shown.keys() & row.sums.keys()
            }
            if all(low - SLACK <= row.truth[name] <= high + SLACK for name, (low, high) in bins.items()):
                return digits
        return 0

    def _bin(self, row: CountedRow, name: str, shown: float, digits: int) -> tuple[float, float]:
        """Return between which counts one lies that is shown rounded to digits or, if 0, to a step."""
        if shown == 0:
            return 0.0, 0.0
        above = below = self.policy.round_to / 2
        least = self._small_below(name)
        if digits:
            above = below = 10.0 ** (np.floor(np.log10(shown)) - digits + 1) / 2
            if np.log10(shown) % 1 == 0:
                # Below a power of ten numbers have a digit more after the point.
                below /= 10
            least = 0.0
        low, high = shown - below, shown + above
        if not digits and name != "base" and self._rounds_all(row) and shown == self.policy.round_to:
            # Small counts are shown as one step.
            low, least, high = SLACK, 0.0, max(high, self.policy.hide_up_to + 1.0)
        if self.whole[name]:
            low, high = np.ceil(low), np.ceil(high) - 1
        return max(low, least), high
