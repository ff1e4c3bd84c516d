"""The rows of one metric as arrays of places by columns, and the columns that may move together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, islice, product

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS
from generator.statistics.absence import has_counts
from generator.statistics.disclosure.nesting import Nesting, nesting_of, spread
from generator.statistics.disclosure.patterns import Pattern, Patterns
from generator.statistics.keys import Flags, Positions
from generator.statistics.periods import Calendar
from generator.statistics.places import AREA, Places

MOST_PATTERNS = 64
"""Patterns of breakdowns that are tried for one period."""
INSIDE, GROUP = 0, 2
"""Which of a block's arrays is that of organisations in totals, and which that of groups."""


@dataclass(frozen=True)
class Block:
    """The rows of the periods that share one nesting, as arrays of places by columns.

    A column is one breakdown in one period; a row position is -1 where there is no row.
    """

    nesting: Nesting
    breakdown: Positions
    period: Positions
    inside: Positions
    """Rows of the organisations of the nesting that are in its totals."""
    beside: Positions
    """Rows of other organisations, a line each, that are in no total."""
    group: Positions
    """Rows of groups, in the order of places.groups."""
    patterns: tuple[Pattern, ...]
    dimensions: tuple[tuple[int, tuple[int, ...]], ...]
    """For each period and dimension the column of all patients, and those of the groups of patients."""

    @property
    def parts(self) -> tuple[Positions, Positions, Positions]:
        """The three arrays of rows."""
        return self.inside, self.beside, self.group

    @cached_property
    def rows(self) -> Positions:
        """All rows of the block."""
        return np.flatnonzero(self._cells[0] >= 0)

    @cached_property
    def linked(self) -> Patterns:
        """All patterns."""
        return Patterns.of(self.patterns, len(self.breakdown))

    @cached_property
    def alone(self) -> Patterns:
        """Only those of one column."""
        single = tuple(pattern for pattern in self.patterns if len(pattern) == 1)
        return Patterns.of(single, len(self.breakdown))

    def find(self, rows: Positions) -> tuple[Positions, Positions, Positions]:
        """Return in which of the three arrays each row is (-1: in none), its place there and its column."""
        part, place, column = self._cells[:, np.minimum(rows, self._cells.shape[1] - 1)]
        return part, place, column

    @cached_property
    def _cells(self) -> Positions:
        """By row what `find` returns; the last one is in none."""
        last = max((int(rows.max(initial=-1)) for rows in self.parts), default=-1)
        found = np.full((3, last + 2), -1, dtype=np.int64)
        for number, rows in enumerate(self.parts):
            place, column = np.nonzero(rows >= 0)
            found[:, rows[place, column]] = np.full(len(place), number), place, column
        return found

    def only(self, columns: Positions) -> Block:
        """Return the block with these columns alone; patterns need all of a period's."""
        place = {column: number for number, column in enumerate(columns.tolist())}
        return Block(
            self.nesting,
            self.breakdown[columns],
            self.period[columns],
            self.inside[:, columns],
            self.beside[:, columns],
            self.group[:, columns],
            tuple(
                tuple((place[column], sign) for column, sign in pattern)
                for pattern in self.patterns
                if all(column in place for column, _ in pattern)
            ),
            tuple(
                (place[everyone], tuple(place[column] for column in parts))
                for everyone, parts in self.dimensions
                if everyone in place
            ),
        )


def lay_out(
    rows: pd.DataFrame,
    metric: Metric,
    places: Places,
    calendar: Calendar,
    dimension: Positions,
    periods: Positions,
) -> list[Block]:
    """Return the rows of these periods as blocks; `rows` are raw, with one row for each key."""
    organisation, breakdown, period = (
        rows[name].to_numpy(np.int64) for name in ("organisation", "breakdown", "period")
    )
    is_own = (places.kind == metric.applies_to)[organisation]
    is_open = places.through(calendar).is_open[period, organisation]
    is_inside = is_own & is_open & has_counts(rows)
    is_group = places.is_group[organisation] & ~is_own
    has_totals = metric.kind in COUNTED_KINDS and metric.applies_to != AREA
    group_place = np.full(len(places), -1, dtype=np.int64)
    group_place[places.groups] = np.arange(len(places.groups))

    by_nesting: dict[int, tuple[Nesting, list[int]]] = {}
    for number in periods.tolist():
        nesting = nesting_of(places, metric.applies_to, calendar.end[number])
        by_nesting.setdefault(id(nesting), (nesting, []))[1].append(number)
    blocks = []
    for nesting, numbers in by_nesting.values():
        here = np.flatnonzero(np.isin(period, numbers))
        column_key = period[here] << 20 | breakdown[here]
        keys, column = np.unique(column_key, return_inverse=True)
        line = np.full(len(places), -1, dtype=np.int64)
        line[nesting.organisations] = np.arange(len(nesting.organisations))
        inside = np.full((len(nesting.organisations), len(keys)), -1, dtype=np.int64)
        group = np.full((len(places.groups), len(keys)), -1, dtype=np.int64)
        for chosen, array, place in (
            (is_inside[here], inside, line),
            (is_group[here], group, group_place),
        ):
            array[place[organisation[here[chosen]]], column[chosen]] = here[chosen]
        apart = _is_apart(rows, nesting, inside, group) if has_totals else group >= 0
        is_beside = ~is_inside & ~is_group
        is_beside[group[apart]] = True
        group[apart] = -1
        chosen = is_beside[here]
        beside_of, beside_line = np.unique(organisation[here[chosen]], return_inverse=True)
        beside = np.full((len(beside_of), len(keys)), -1, dtype=np.int64)
        beside[beside_line, column[chosen]] = here[chosen]
        breakdowns, at = keys & ((1 << 20) - 1), keys >> 20
        dimensions = list(_dimensions(breakdowns, at, dimension))
        patterns = tuple(_patterns(len(keys), dimensions))
        used = tuple((everyone, parts) for everyone, parts in dimensions if everyone >= 0)
        blocks.append(Block(nesting, breakdowns, at, inside, beside, group, patterns, used))
    return blocks


def _is_apart(rows: pd.DataFrame, nesting: Nesting, inside: Positions, group: Positions) -> Flags:
    """Tell which groups' figures, supplied by the source, are less than the sum: they tell nothing of it."""
    apart = np.zeros(group.shape, dtype=np.bool_)
    for name in ("numerator", "denominator"):
        count = rows[name].to_numpy(np.float64)
        total = nesting.members.T @ np.nan_to_num(spread(count, 0.0, inside))
        apart |= spread(count, np.nan, group) < total - 1e-6
    return apart & (group >= 0)


def _dimensions(
    breakdown: Positions, period: Positions, dimension: Positions
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield for each period and dimension the column of all patients (-1: none) and those of its groups."""
    for number in np.unique(period).tolist():
        columns = np.flatnonzero(period == number)
        kind = dimension[breakdown[columns]]
        everyone = int(columns[kind < 0][0]) if (kind < 0).any() else -1
        for found in np.unique(kind[kind >= 0]).tolist():
            yield everyone, tuple(columns[kind == found].tolist())


def _patterns(count: int, dimensions: Sequence[tuple[int, tuple[int, ...]]]) -> Iterator[Pattern]:
    """Yield the sets of columns that may move together so that the other breakdowns' sums stay."""
    for column in range(count):
        yield ((column, 1.0),)
    of_period: dict[int, list[tuple[int, ...]]] = {}
    for everyone, columns in dimensions:
        for first, second in combinations(columns, 2):
            yield ((first, 1.0), (second, -1.0))
        if everyone >= 0:
            of_period.setdefault(everyone, []).append(columns)
    for everyone, parts in of_period.items():
        for chosen in islice(product(*parts), MOST_PATTERNS):
            yield ((everyone, 1.0), *((column, 1.0) for column in chosen))
