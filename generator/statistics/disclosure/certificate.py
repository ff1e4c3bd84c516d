"""Proof that hidden counts stay hidden: other worlds in which all that is published is just the same.

A range is certified from within. Start from the truth, let few counts move and hold all others fixed, so that
every published figure stays: each value that a hidden count reaches so is possible, whatever else readers may
reckon. The proof can miss a world, never invent one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice, product

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS, Kind
from generator.statistics.absence import has_counts
from generator.statistics.disclosure.leeway import (
    COMPLEMENT,
    COORDINATES,
    PROPORTION,
    Coordinates,
    Sight,
    share_out,
)
from generator.statistics.disclosure.nesting import (
    UNLIMITED,
    Nesting,
    Range,
    World,
    expand,
    nesting_of,
    spread,
)
from generator.statistics.disclosure.protection import is_small
from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.periods import Calendar
from generator.statistics.places import AREA, Places

MOST_PATTERNS = 64
"""Patterns of breakdowns that are tried for one period."""

Pattern = tuple[tuple[int, float], ...]
"""Columns of a block that move together, each with its sign."""


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
    is_own = places.kind[organisation] == metric.applies_to
    opened, closed = places.opened_on[organisation], places.closed_on[organisation]
    is_open = (np.isnat(opened) | (opened <= calendar.end[period])) & (
        np.isnat(closed) | (closed >= calendar.start[period])
    )
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


def needed_values(sight: Sight) -> dict[str, Numbers]:
    """Return how many values each count must be able to have that is not shown; 0 where it is shown.

    A small count needs all small values but one, any other two values.
    """
    is_ratio = sight.metric.kind is Kind.RATIO
    needs = {}
    for name, count in sight.raw.items():
        if is_ratio and name == "denominator":
            continue
        up_to = sight.small_up_to(name)
        need = np.where(is_small(count, up_to), float(max(up_to - 1, 1)), 2.0)
        need[~sight.is_blank(name) | np.isnan(count)] = 0
        needs[name] = need
    return needs


class Certificate:
    """What has been proved of one metric as it is published."""

    def __init__(self, sight: Sight, *, linked: bool = True) -> None:
        """Prepare the proof; without `linked`, each tree and breakdown is looked at by itself."""
        self.sight, self.linked = sight, linked
        self.needs = needed_values(sight)
        self._limits = {name: sight.limits(name) for name in sight.raw}
        self._leeway: dict[Coordinates, dict[str, Range]] = {}
        self._still = np.zeros(0, dtype=np.int64)
        self._gates: dict[tuple[int, str, bool], tuple[Block, list[Range]]] = {}
        """What `_gate` has found; the truth does not change. Each keeps its block, and so its number."""

    def hold_still(self, rows: Positions) -> None:
        """Let no count of these rows move: earlier releases tell of them what this proof does not look at."""
        self._still = rows
        for leeway in self._leeway.values():
            self._stop(leeway)

    def _stop(self, leeway: dict[str, Range]) -> None:
        for low, high in leeway.values():
            low[self._still] = high[self._still] = 0

    def look_again(self, sight: Sight, rows: Positions) -> None:
        """Go on with what is published now, which differs in these rows alone."""
        self.sight = sight
        changed = sight.take(rows)
        for name, need in needed_values(changed).items():
            self.needs[name][rows] = need
        limits = {name: changed.limits(name) for name in changed.raw}
        renewed = [(self._limits, limits)]
        renewed += [(leeway, share_out(limits, pair)) for pair, leeway in self._leeway.items()]
        for arrays, values in renewed:
            for name, (low, high) in values.items():
                arrays[name][0][rows], arrays[name][1][rows] = low, high
        for leeway in self._leeway.values():
            self._stop(leeway)

    def unsafe_rows(
        self,
        block: Block,
        *,
        among: Positions | None = None,
        worlds: Sequence[World] | None = None,
        free: bool = False,
    ) -> Positions:
        """Return the rows of a block with a count for which too few values are proved possible.

        `among` names the rows that are looked at, all unless given; `worlds` are those
        of the block's nesting, or others; `free`: as if no totals were published.
        """
        within = () if free else worlds or block.nesting.worlds
        names = list(self.needs)
        missing: dict[str, Positions] | None = None
        for pair in COORDINATES if COMPLEMENT in self.sight.raw else COORDINATES[:1]:
            found = self._missing(block, within, pair, names, among)
            missing = (
                found
                if missing is None
                else {name: np.intersect1d(rows, found[name]) for name, rows in missing.items()}
            )
            among = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *missing.values()]))
            if not len(among):
                break
        return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(missing or {}).values()]))

    def leeway(self, pair: Coordinates) -> dict[str, Range]:
        """Return by how much each count may move."""
        if pair not in self._leeway:
            shared = share_out(self._limits, pair)
            self._leeway[pair] = {name: (low.copy(), high.copy()) for name, (low, high) in shared.items()}
            self._stop(self._leeway[pair])
        return self._leeway[pair]

    def _missing(
        self,
        block: Block,
        worlds: Sequence[World],
        pair: Coordinates,
        names: Sequence[str],
        among: Positions | None,
    ) -> dict[str, Positions]:
        """Return by count the rows that have too few values."""
        leeway = self.leeway(pair)
        needed = np.logical_or.reduce([self.needs[name] > 0 for name in names])
        if among is not None:
            chosen = np.zeros_like(needed)
            chosen[among] = needed[among]
            needed = chosen
        places = [np.nonzero((rows >= 0) & spread(needed, 0.0, rows).astype(bool)) for rows in block.parts]
        rows = np.concatenate([part[place] for part, place in zip(block.parts, places, strict=True)])
        if not len(rows):
            return dict.fromkeys(names, rows)
        reached: dict[str, Range] = {}
        for name in leeway:
            if self._matters(name, rows, names):
                reached[name] = self._reached(block, places, leeway[name], name, pair, worlds)
        ranges = self._within_rows(rows, reached)
        return {
            name: rows[self._values_of(name, rows, ranges[name]) < self.needs[name][rows]]
            if name in ranges
            else rows[:0]
            for name in names
        }

    def _values_of(self, name: str, rows: Positions, moves: Range) -> Numbers:
        """Return how many values each count is proved to have; of a small one those that are small."""
        count, up_to = self.sight.raw[name][rows], self.sight.small_up_to(name)
        # That a sum is small nobody knows who sees that it is hidden: its other values count as well.
        small = is_small(count, up_to) & self.sight.is_known[rows]
        low = np.where(small, np.maximum(moves[0], 1 - count), moves[0])
        high = np.where(small, np.minimum(moves[1], up_to - count), moves[1])
        return np.asarray(high - low + 1)

    def _matters(self, name: str, rows: Positions, asked: Sequence[str]) -> bool:
        follows = name in PROPORTION and COMPLEMENT in self.needs
        names = PROPORTION if follows else (name,)
        return any(bool((self.needs[each][rows] > 0).any()) for each in names if each in asked)

    def _reached(
        self,
        block: Block,
        places: list[tuple[Positions, ...]],
        leeway: Range,
        name: str,
        pair: Coordinates,
        worlds: Sequence[World],
    ) -> Range:
        """Return by how much the counts of this name at these places may move, each for itself."""
        patterns = tuple(pattern for pattern in block.patterns if self.linked or len(pattern) == 1)
        gate = self._gate(block, name, pair) if self.linked else None
        parts = [
            (spread(leeway[0], -blank, rows), spread(leeway[1], blank, rows))
            for rows, blank in zip(block.parts, (0.0, 0.0, UNLIMITED), strict=True)
        ]
        joint = [_joint(part, patterns) for part in parts]
        if gate is not None:
            joint = [_within(both, bounds) for both, bounds in zip(joint, gate, strict=True)]
        uses = _uses(patterns, len(block.breakdown))
        cells = [uses.cells(*place) for place in places]
        inside, beside, group = cells
        answers = [[_free(each)] for each in cells]
        if worlds:
            leaf_cells, group_cells = (inside.place, inside.pattern), (group.place, group.pattern)
            found = [world.reach(joint[0], joint[2], leaf_cells, group_cells) for world in worlds]
            answers = [[each[0] for each in found], [_free(beside)], [each[1] for each in found]]
        moved = [(np.zeros(len(place[0])), np.zeros(len(place[0]))) for place in places]
        for number, each in enumerate(cells):
            bounds = uses.others(each, parts[number])
            if gate is not None:
                here = each.place, each.pattern
                bounds = _within(bounds, (gate[number][0][here], gate[number][1][here]))
            turned = each.sign < 0
            for answer in answers[number]:
                low, high = _within(answer, bounds)
                np.minimum.at(moved[number][0], each.target, np.where(turned, -high, low))
                np.maximum.at(moved[number][1], each.target, np.where(turned, -low, high))
        return np.concatenate([side[0] for side in moved]), np.concatenate([side[1] for side in moved])

    def _gate(self, block: Block, name: str, pair: Coordinates) -> list[Range] | None:
        """Return by how much a column may move without the others of its organisation.

        The groups of patients of a dimension make up all patients, or some of them where others are left.
        None where there are no breakdowns.
        """
        if not block.dimensions:
            return None
        is_share = name in pair and COMPLEMENT not in pair
        key = (id(block), name, is_share)
        if key in self._gates:
            return self._gates[key][1]
        count = self.sight.raw[name]
        complement = self.sight.raw.get(COMPLEMENT) if is_share else None
        found = []
        for rows in block.parts:
            low = np.full((len(rows), len(block.patterns)), -UNLIMITED)
            high = np.full((len(rows), len(block.patterns)), UNLIMITED)
            others = None if complement is None else spread(complement, np.nan, rows)
            left = _left_over(spread(count, np.nan, rows), others, block, is_numerator=name == "numerator")
            for sheet in _sheets(block.patterns)[:1]:
                # The patterns of one column come first.
                low[:, sheet.number] = left[0][:, sheet.columns[:, 0]]
                high[:, sheet.number] = left[1][:, sheet.columns[:, 0]]
            found.append((low, high))
        self._gates[key] = (block, found)
        return found

    def _within_rows(self, rows: Positions, reached: dict[str, Range]) -> dict[str, Range]:
        """Return how far each count may move, given what its own row is and what the others make up for."""
        found = {}
        for name, (low, high) in reached.items():
            own = self._limits[name]
            found[name] = np.maximum(low, own[0][rows]), np.minimum(high, own[1][rows])
        if COMPLEMENT not in self._limits or "numerator" not in found:
            return found
        for name in PROPORTION:
            low, high = self._limits[name]
            found.setdefault(name, (low[rows], high[rows]))
        (n_low, n_high), (d_low, d_high) = found["numerator"], found["denominator"]
        c_low, c_high = found[COMPLEMENT]
        found["numerator"] = np.maximum(n_low, d_low - c_high), np.minimum(n_high, d_high - c_low)
        found["denominator"] = np.maximum(d_low, n_low + c_low), np.minimum(d_high, n_high + c_high)
        found[COMPLEMENT] = np.maximum(c_low, d_low - n_high), np.minimum(c_high, d_high - n_low)
        return found


@dataclass(frozen=True)
class _Sheet:
    """The patterns of one length, as arrays."""

    number: Positions
    """The place of each among all patterns."""
    columns: Positions
    """A line for each pattern."""
    signs: Numbers

    def signed(self, part: Range) -> Range:
        """Return by how much each column of each pattern may move, seen with its sign."""
        low, high = part[0][:, self.columns], part[1][:, self.columns]
        if (self.signs > 0).all():
            return low, high
        return np.where(self.signs > 0, low, -high), np.where(self.signs > 0, high, -low)


@lru_cache(maxsize=64)
def _sheets(patterns: tuple[Pattern, ...]) -> tuple[_Sheet, ...]:
    """Return the patterns by length."""
    sheets = []
    for length in sorted({len(pattern) for pattern in patterns}):
        number = [place for place, pattern in enumerate(patterns) if len(pattern) == length]
        both = np.array([patterns[place] for place in number], dtype=np.float64)
        sheets.append(_Sheet(np.array(number), both[:, :, 0].astype(np.int64), both[:, :, 1]))
    return tuple(sheets)


def _joint(part: Range, patterns: tuple[Pattern, ...]) -> Range:
    """Return by how much the columns of each pattern may move together."""
    shape = (len(part[0]), len(patterns))
    low, high = np.empty(shape), np.empty(shape)
    for sheet in _sheets(patterns):
        signed = sheet.signed(part)
        low[:, sheet.number] = signed[0].max(axis=2)
        high[:, sheet.number] = signed[1].min(axis=2)
    return low, high


@dataclass(frozen=True)
class _Cells:
    """Cells that are asked for, once for each pattern that moves them."""

    target: Positions
    """Which of the cells asked for."""
    place: Positions
    column: Positions
    pattern: Positions
    sign: Numbers


@dataclass(frozen=True)
class _Uses:
    """Which patterns move each column."""

    columns: Positions
    """Patterns by their columns, -1 where a pattern has fewer."""
    signs: Numbers
    pattern: Positions
    """Patterns in the order of the columns that they move; `bounds` tells where each column's begin."""
    sign: Numbers
    bounds: Positions

    def cells(self, place: Positions, column: Positions) -> _Cells:
        """Return these cells with every pattern that moves them."""
        target, use = expand(self.bounds, column)
        return _Cells(target, place[target], column[target], self.pattern[use], self.sign[use])

    def others(self, cells: _Cells, part: Range) -> Range:
        """Return by how much the pattern may move going by its other columns at the same place."""
        low, high = _free(cells)
        for number in range(self.columns.shape[1] if len(cells.place) else 0):
            column = self.columns[cells.pattern, number]
            other = (column >= 0) & (column != cells.column)
            here = cells.place[other], column[other]
            turned = self.signs[cells.pattern[other], number] < 0
            fall, rise = part[0][here], part[1][here]
            low[other] = np.maximum(low[other], np.where(turned, -rise, fall))
            high[other] = np.minimum(high[other], np.where(turned, -fall, rise))
        return low, high


@lru_cache(maxsize=64)
def _uses(patterns: tuple[Pattern, ...], count: int) -> _Uses:
    """Return how so many columns are used."""
    longest = max((len(pattern) for pattern in patterns), default=1)
    columns = np.full((len(patterns), longest), -1, dtype=np.int64)
    signs = np.ones((len(patterns), longest))
    for number, pattern in enumerate(patterns):
        columns[number, : len(pattern)] = [column for column, _ in pattern]
        signs[number, : len(pattern)] = [sign for _, sign in pattern]
    which, place = np.nonzero(columns >= 0)
    used = columns[which, place]
    order = np.argsort(used, kind="stable")
    bounds = np.searchsorted(used[order], np.arange(count + 1))
    return _Uses(columns, signs, which[order], signs[which, place][order], bounds)


def _free(cells: _Cells) -> Range:
    return np.full(len(cells.place), -UNLIMITED), np.full(len(cells.place), UNLIMITED)


def _left_over(count: Numbers, complement: Numbers | None, block: Block, *, is_numerator: bool) -> Range:
    """Return by how much each column may move by itself, by place and column.

    Not at all where the groups of patients of a dimension make up all patients; else until nobody is left.
    What is left over of a proportion is shared between its counts.
    """
    low, high = np.full(count.shape, -UNLIMITED), np.full(count.shape, UNLIMITED)
    for everyone, columns in block.dimensions:
        left = _rest(count, everyone, columns)
        may_fall, may_rise = np.floor(left + 1e-9), np.full_like(left, UNLIMITED)
        if complement is not None:
            others = _rest(complement, everyone, columns)
            half = np.floor((others + 1e-9) / 2)
            none = (others >= -1e-9) & (others < 1e-9)
            if is_numerator:
                may_rise = np.where(others >= -1e-9, half, may_rise)
            else:
                may_fall = np.where(others >= -1e-9, np.fmin(may_fall, half), may_fall)
            may_fall = np.where(none, 0, may_fall)
            may_rise = np.where(none, 0, may_rise)
        may_rise = np.where((left >= -1e-9) & (left < 1e-9), 0, may_rise)
        may_fall = np.where(left >= -1e-9, may_fall, UNLIMITED)
        # What a group of patients gains is lost to those left over, and the other way round for all patients.
        for column in columns:
            there = ~np.isnan(count[:, column])
            low[:, column] = np.where(there, np.maximum(low[:, column], -may_rise), low[:, column])
            high[:, column] = np.where(there, np.minimum(high[:, column], may_fall), high[:, column])
        low[:, everyone] = np.maximum(low[:, everyone], -may_fall)
        high[:, everyone] = np.minimum(high[:, everyone], may_rise)
    return low, high


def _rest(count: Numbers, everyone: int, columns: Sequence[int]) -> Numbers:
    """Return how many of all patients are in none of the columns; NaN where that is not known."""
    parts = count[:, columns]
    rest = count[:, everyone] - np.nansum(parts, axis=1)
    return np.where(np.isnan(parts).all(axis=1), np.nan, rest)


def _within(moves: Range, bounds: Range) -> Range:
    return np.maximum(moves[0], bounds[0]), np.minimum(moves[1], bounds[1])
