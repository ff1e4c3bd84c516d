"""What the strongest reader knows of one metric and period: all that is published, as limits of counts.

The reader has every release, knows who belongs where, who reported, by which rules counts are hidden and
rounded, and of each organisation's hidden counts whether they are small. See docs/methods/disclosure.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from generator.model.metric import Metric
from generator.model.policy import DisclosurePolicy, Rule
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import COUNTED_KINDS, Kind, Protection, Submission
from generator.statistics.adversary.attacked import COUNTS, AttackedRelease, Cell, Figures
from generator.statistics.adversary.published_rows import COMPLEMENT, CountedRow, RowReader
from generator.statistics.moves import SLACK, Sum
from generator.statistics.places import AREA, Places
from generator.statistics.worlds import Counts, add_sums, spans


@dataclass(frozen=True)
class Question:
    """A count whose values the reader should not be able to narrow down."""

    release: int
    """Place in the sequence of releases."""
    organisation: str
    breakdown: str
    count: str
    total: Sum
    is_small: bool
    is_untold: bool
    """Nothing tells the reader whether it is small: it is a sum, came late or changed while hidden."""


@dataclass(frozen=True)
class _Divided:
    """Counts divided into parts: those of all patients into groups, those of an area into organisations."""

    whole: tuple[str, str]
    """The organisation and dimension, or the area and breakdown, that is divided."""
    rests: list[Sum]
    """Each count of the whole, less those of the parts."""
    is_whole: bool
    """No part is missing."""


@dataclass(frozen=True)
class Knowledge:
    """What is known of the counts of one metric and period, and which of them should stay unknown."""

    counts: Counts
    questions: list[Question]


def gather_knowledge(
    releases: Sequence[AttackedRelease],
    metric_id: str,
    period: str,
    policy: DisclosurePolicy,
    *,
    is_linked: bool = True,
) -> Knowledge:
    """Return what these releases, oldest first, tell of one metric and period.

    `is_linked`: across trees and breakdowns; otherwise the main tree and each breakdown by itself.
    """
    return _Reader(releases, metric_id, period, policy, is_linked=is_linked).read()


class _Reader:
    """Reads what the releases tell of one metric and period."""

    def __init__(
        self,
        releases: Sequence[AttackedRelease],
        metric_id: str,
        period: str,
        policy: DisclosurePolicy,
        *,
        is_linked: bool,
    ) -> None:
        self.releases, self.key = releases, (metric_id, period)
        self.policy, self.is_linked = policy, is_linked
        self.counts = Counts()
        self.questions: list[Question] = []
        self.unseen: dict[tuple[int, str, str], list[tuple[Cell, CountedRow]]] = {}
        """The hidden rows in each sum, by release, organisation and breakdown."""
        self.open: set[tuple[int, str, str, str, float]] = set()
        """Counts that a release shows, with what they truly are."""
        self.divided: list[_Divided] = []
        self.untold: set[Cell] = set()
        """Of which nothing tells the reader whether they are small, in the release that is being read."""
        self.unseen_before: set[Cell] = set()
        """What the release before hides."""
        self.exact: list[tuple[int, Sum]] = []
        """Sums that are shown as they are, and the release."""
        self.known: list[tuple[dict[Cell, Figures], dict[Cell, dict[str, Sum]]]] = []
        self.whole = {
            name: all(
                float(figures.counts.get(name, 0.0)).is_integer()
                for release in releases
                for figures in release.raw.get(self.key, {}).values()
            )
            for name in COUNTS
        }
        self.rows = RowReader(self.counts, policy, self.whole)
        self.with_parts = {
            code
            for release in releases
            for code, breakdown in release.raw.get(self.key, {})
            if breakdown != ALL_PATIENTS
        }

    def read(self) -> Knowledge:
        drafts = []
        for number, release in enumerate(self.releases):
            metric = release.metrics.get(self.key)
            if metric is None or self.policy.rule_for(metric.disclosure) is Rule.OPEN:
                continue
            drafts.append((number, release, self._cells(number, release, metric)))
            if self.is_linked:
                self.divided += self._divide(release, drafts[-1][2])
        self._add_up()
        for number, _, cells in drafts:
            for (code, breakdown), cell in cells.items():
                self.open |= {
                    (number, code, breakdown, name, cell.truth[name]) for name in self.rows.open_counts(cell)
                }
                self.exact += [(number, total) for total in self.rows.exact_counts(cell)]
                knows_class = self._knows_class(code, breakdown, cell)
                self.rows.read(cell, knows_class=knows_class)
                self.questions += [
                    Question(number, code, breakdown, name, total, is_small, not knows_class)
                    for name, total, is_small in self.rows.secrets(cell)
                ]
        secrets = [each for each in self.questions if each.is_small or not self._is_open(each)]
        return Knowledge(self.counts, secrets)

    def _is_open(self, each: Question) -> bool:
        """Tell whether a count is no secret: other releases show it, or it is a sum of counts shown."""
        value = self.counts.value(each.total)
        if self._is_open_elsewhere(each, (each.organisation, each.breakdown), value):
            return True
        if value == 0 and self._is_open_elsewhere(each, (each.organisation, ALL_PATIENTS), value):
            return True
        parts = self.unseen.get((each.release, each.organisation, each.breakdown))
        if parts is not None and all(
            self._is_open_elsewhere(each, member, cell.truth.get(each.count, 0.0)) for member, cell in parts
        ):
            return True
        if not each.is_untold or not spans([total for _, total in self.exact], each.total):
            return False
        # Within one release what is hidden must not follow from what is shown.
        return not spans([total for release, total in self.exact if release == each.release], each.total)

    def _is_open_elsewhere(self, each: Question, place: Cell, value: float) -> bool:
        """Tell whether another release shows this value as the same count of a place."""
        return any(
            (number, *place, each.count, value) in self.open
            for number in range(len(self.releases))
            if number != each.release
        )

    def _cells(self, number: int, release: AttackedRelease, metric: Metric) -> dict[Cell, CountedRow]:
        """Return the counts of every organisation and group in one release."""
        raw = release.raw.get(self.key, {})
        published = release.published.get(self.key, {})
        places = release.places if self.is_linked else release.main_tree
        number_of = {code: number for number, code in enumerate(places.codes)}
        sums = self._own_counts(raw, metric)
        cells = {
            (code, breakdown): CountedRow(
                metric,
                own,
                is_group=bool(places.is_group[number_of[code]]),
                is_country=bool(places.is_country[number_of[code]]),
                is_of_some=bool(breakdown != ALL_PATIENTS),
                is_untold=(code, breakdown) in self.untold,
            )
            for (code, breakdown), own in sums.items()
        }
        for (group, breakdown), (held, total) in self._totals(release, places, metric, cells).items():
            members = len(held)
            hidden = [member for member in held if self._is_hidden(published.get(member))]
            self.unseen[number, group, breakdown] = [(member, cells[member]) for member in hidden]
            supplied = cells.get((group, breakdown))
            if supplied is None:
                cells[group, breakdown] = CountedRow(
                    metric,
                    total,
                    is_group=True,
                    is_country=bool(places.is_country[number_of[group]]),
                    is_of_some=bool(breakdown != ALL_PATIENTS),
                    reported=members,
                )
                continue
            supplied.reported = members
            # What the source supplied for the group itself covers at least those who reported.
            rests = [
                add_sums([(supplied.sums[name], 1), (total[name], -1)])
                for name in COUNTS
                if name in total.keys() & supplied.sums.keys()
            ]
            self.divided.append(_Divided((group, breakdown), rests, is_whole=True))
        for place, cell in cells.items():
            if metric.kind is Kind.PROPORTION and {"numerator", "denominator"} <= cell.sums.keys():
                cell.sums[COMPLEMENT] = add_sums(
                    [(cell.sums["denominator"], 1), (cell.sums["numerator"], -1)]
                )
            cell.truth = {name: self.counts.value(total) for name, total in cell.sums.items()}
            cell.published = published.get(place)
            cell.reported = release.reported.get((*self.key, *place), cell.reported)
        self.unseen_before = {place for place, cell in cells.items() if self._is_hidden(cell.published)}
        return cells

    def _is_hidden(self, published: Figures | None) -> bool:
        return published is not None and published.word == Protection.HIDDEN

    def _own_counts(self, raw: Mapping[Cell, Figures], metric: Metric) -> dict[Cell, dict[str, Sum]]:
        """Return each row's counts: the same unknowns as in an earlier release, unless revised since.

        Note whose counts have changed while hidden, which look as before; and groups of patients that come
        late: other rows of such an organisation are hidden as well.
        """
        sums: dict[Cell, dict[str, Sum]] = {}
        last = self.known[-1][0] if self.known else {}
        reporting = {code for code, _ in last}
        for place, figures in raw.items():
            for earlier, theirs in reversed(self.known):
                before = earlier.get(place)
                if before is None or before.counts != figures.counts:
                    continue
                # A mark that was there before tells of no further change.
                if figures.word != Submission.REVISED or before.word == figures.word:
                    sums[place] = dict(theirs[place])
                    break
            else:
                sums[place] = self._new_counts(figures, metric)
            is_late = place not in last and place[1] != ALL_PATIENTS and place[0] in reporting
            is_changed = place in self.unseen_before and last.get(place, figures).counts != figures.counts
            if is_late or is_changed:
                self.untold.add(place)
            elif place not in self.unseen_before:
                self.untold.discard(place)
        self.known.append((dict(raw), {place: dict(own) for place, own in sums.items()}))
        return sums

    def _new_counts(self, figures: Figures, metric: Metric) -> dict[str, Sum]:
        stated = dict(figures.counts)
        if metric.kind is Kind.COUNT and "value" in stated:
            stated.setdefault("numerator", stated["value"] / metric.multiplier)
        if metric.kind is Kind.RATIO:
            # What a model expects is no count of people.
            stated.pop("denominator", None)
        own = {
            name: self.counts.add(stated[name], whole=self.whole[name]) for name in COUNTS if name in stated
        }
        if metric.kind is Kind.PROPORTION and {"numerator", "denominator"} <= own.keys():
            rest = add_sums([(own["denominator"], 1), (own["numerator"], -1)])
            if self.counts.value(rest) >= 0:
                self.counts.limit(rest, 0.0, np.inf)
        return own

    def _totals(
        self, release: AttackedRelease, places: Places, metric: Metric, cells: Mapping[Cell, CountedRow]
    ) -> dict[Cell, tuple[list[Cell], dict[str, Sum]]]:
        """Return for every group the organisations in its totals, and the sums over them."""
        if metric.kind not in COUNTED_KINDS or metric.applies_to == AREA:
            return {}
        period = int(np.flatnonzero(release.calendar.names == self.key[1])[0])
        start, end = release.calendar.start[period], release.calendar.end[period]
        counted = places.is_open_between(start, end) & (places.kind == metric.applies_to)
        members = places.on(end).members
        number_of = {code: number for number, code in enumerate(places.codes)}
        raw = release.raw.get(self.key, {})
        within: dict[Cell, list[Cell]] = defaultdict(list)
        for code, breakdown in cells:
            number = number_of[code]
            if counted[number] and {"numerator", "denominator"} <= raw[code, breakdown].counts.keys():
                for group in members.indices[members.indptr[number] : members.indptr[number + 1]]:
                    within[places.codes[places.groups[group]], breakdown].append((code, breakdown))
        return {
            place: (
                held,
                {
                    name: add_sums([(cells[member].sums[name], 1) for member in held])
                    for name in COUNTS
                    if all(name in cells[member].sums for member in held)
                },
            )
            for place, held in within.items()
        }

    def _add_up(self) -> None:
        """Note that parts are the whole, or some of it.

        They are the whole where they add up in every release. Where one count adds up and another does not,
        or only before or after a correction, it does so by chance, and no reader can rely on it.
        """
        uneven = {
            each.whole
            for each in self.divided
            if not each.is_whole or any(abs(self.counts.value(rest)) > SLACK for rest in each.rests)
        }
        for each in self.divided:
            for rest in each.rests:
                if self.counts.value(rest) >= -SLACK:
                    self.counts.limit(rest, 0.0, np.inf if each.whole in uneven else 0.0)

    def _divide(self, release: AttackedRelease, cells: Mapping[Cell, CountedRow]) -> Iterator[_Divided]:
        """Yield each organisation's patients divided into the groups of a dimension."""
        raw = release.raw.get(self.key, {})
        given = {breakdown for _, breakdown in raw}
        for (code, breakdown), everyone in cells.items():
            if breakdown != ALL_PATIENTS or (code, breakdown) not in raw:
                # Sums over organisations follow from theirs.
                continue
            for dimension, names in release.dimensions.items():
                parts = [cells[code, name] for name in names if (code, name) in raw]
                rests = [
                    add_sums([(total, 1), *((part.sums[count], -1) for part in parts)])
                    for count, total in everyone.sums.items()
                    if all(count in part.sums for part in parts)
                ]
                # Where one count of the parts is more than that of all, they are no parts.
                if parts and all(self.counts.value(rest) >= -SLACK for rest in rests):
                    is_whole = len(parts) == sum(name in given for name in names)
                    yield _Divided((code, dimension), rests, is_whole)

    def _knows_class(self, code: str, breakdown: str, cell: CountedRow) -> bool:
        """Tell whether the reader is taken to know which of a cell's hidden counts are small.

        Not of sums: of one over three hidden counts, to know that it is small would give them away by itself,
        whatever else is hidden. Whether a sum was hidden for its own sake is nowhere published. Nor of counts
        that have changed while hidden, which look as before, and of groups of patients that come late.
        """
        return not (cell.is_group or cell.is_untold) and not (
            breakdown == ALL_PATIENTS and code in self.with_parts
        )
