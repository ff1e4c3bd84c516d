"""Proof that hidden counts stay hidden: other worlds in which all that is published is just the same.

A range is certified from within. Start from the truth, let few counts move and hold all others fixed, so that
every published figure stays: each value that a hidden count reaches so is possible, whatever else readers may
reckon. The proof can miss a world, never invent one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from generator.model.vocabulary import Kind
from generator.statistics.disclosure.blocks import GROUP, Block
from generator.statistics.disclosure.forest import UNLIMITED, Question, Range, World
from generator.statistics.disclosure.leeway import (
    COMPLEMENT,
    COORDINATES,
    PROPORTION,
    Coordinates,
    Sight,
    share_out,
)
from generator.statistics.disclosure.nesting import spread
from generator.statistics.disclosure.patterns import Cells, Moves, Patterns
from generator.statistics.disclosure.protection import is_small
from generator.statistics.keys import Numbers, Positions

FEW_NODES = 2
"""So many nodes of a group are looked at first: mostly they prove enough."""


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
        rows = block.rows if among is None else among
        missing: dict[str, Positions] | None = None
        for pair in COORDINATES if COMPLEMENT in self.sight.raw else COORDINATES[:1]:
            found = self._missing(block, within, pair, rows)
            missing = (
                found
                if missing is None
                else {name: np.intersect1d(each, found[name]) for name, each in missing.items()}
            )
            rows = np.unique(np.concatenate([rows[:0], *missing.values()]))
            if not len(rows):
                break
        return rows

    def leeway(self, pair: Coordinates) -> dict[str, Range]:
        """Return by how much each count may move."""
        if pair not in self._leeway:
            shared = share_out(self._limits, pair)
            self._leeway[pair] = {name: (low.copy(), high.copy()) for name, (low, high) in shared.items()}
            self._stop(self._leeway[pair])
        return self._leeway[pair]

    def _missing(
        self, block: Block, worlds: Sequence[World], pair: Coordinates, among: Positions
    ) -> dict[str, Positions]:
        """Return by count which of these rows have too few values."""
        found = self._missing_in(block, worlds, pair, among, most_nodes=FEW_NODES)
        rows = np.unique(np.concatenate([among[:0], *found.values()]))
        # What some of its nodes prove of a group need not be looked for in the others.
        groups = rows[block.find(rows)[0] == GROUP]
        if not worlds or not len(groups):
            return found
        again = self._missing_in(block, worlds, pair, groups)
        return {name: np.union1d(np.setdiff1d(each, groups), again[name]) for name, each in found.items()}

    def _missing_in(
        self,
        block: Block,
        worlds: Sequence[World],
        pair: Coordinates,
        among: Positions,
        *,
        most_nodes: int | None = None,
    ) -> dict[str, Positions]:
        """Return the same, if only the first so many nodes of a group are looked at."""
        leeway = self.leeway(pair)
        part, place, column = block.find(among)
        needed = np.logical_or.reduce([need[among] > 0 for need in self.needs.values()]) & (part >= 0)
        numbers = [np.flatnonzero(needed & (part == number)) for number in range(len(block.parts))]
        rows = among[np.concatenate(numbers)]
        if not len(rows):
            return dict.fromkeys(self.needs, rows)
        patterns = block.linked if self.linked else block.alone
        cells = [patterns.cells(place[each], column[each]) for each in numbers]
        inside, _, group = cells
        questions = [
            world.ask((inside.place, inside.pattern), (group.place, group.pattern), most_nodes=most_nodes)
            for world in worlds
        ]
        reached: dict[str, Range] = {}
        for name in leeway:
            if self._matters(name, rows):
                moves = self._moves(block, patterns, leeway[name], name, pair)
                reached[name] = _reached(moves, cells, questions, [len(each) for each in numbers])
        ranges = self._within_rows(rows, reached)
        return {
            name: rows[self._values_of(name, rows, ranges[name]) < need[rows]] if name in ranges else rows[:0]
            for name, need in self.needs.items()
        }

    def _values_of(self, name: str, rows: Positions, moves: Range) -> Numbers:
        """Return how many values each count is proved to have; of a small one those that are small."""
        count, up_to = self.sight.raw[name][rows], self.sight.small_up_to(name)
        # That a sum is small nobody knows who sees that it is hidden: its other values count as well.
        small = is_small(count, up_to) & self.sight.is_known[rows]
        low = np.where(small, np.maximum(moves[0], 1 - count), moves[0])
        high = np.where(small, np.minimum(moves[1], up_to - count), moves[1])
        return np.asarray(high - low + 1)

    def _matters(self, name: str, rows: Positions) -> bool:
        follows = name in PROPORTION and COMPLEMENT in self.needs
        names = PROPORTION if follows else (name,)
        return any(bool((self.needs[each][rows] > 0).any()) for each in names if each in self.needs)

    def _moves(
        self, block: Block, patterns: Patterns, leeway: Range, name: str, pair: Coordinates
    ) -> list[Moves]:
        """Return by how much the counts of this name may move, in each of the three arrays of the block."""
        gates = self._gate(block, name, pair) if self.linked else None
        return [
            Moves(rows, leeway, unbound, patterns, gate)
            for rows, unbound, gate in zip(
                block.parts, (0.0, 0.0, UNLIMITED), gates or (None, None, None), strict=True
            )
        ]

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
            # The patterns of one column come first, one for each column.
            low[:, : len(block.breakdown)] = left[0]
            high[:, : len(block.breakdown)] = left[1]
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


def _reached(
    moves: Sequence[Moves], cells: Sequence[Cells], questions: Sequence[Question], counts: Sequence[int]
) -> Range:
    """Return by how much the counts at the cells asked for may move, each for itself.

    `counts` tells how many cells of each array are asked for.
    """
    answers = [[_free(each)] for each in cells]
    if questions:
        inside, _, group = moves
        found = [question.answer(inside.together, group.together) for question in questions]
        answers = [[each[0] for each in found], [_free(cells[1])], [each[1] for each in found]]
    reached = [(np.zeros(count), np.zeros(count)) for count in counts]
    for number, each in enumerate(cells):
        bounds = moves[number].others(each)
        turned = each.sign < 0
        for answer in answers[number]:
            low, high = _within(answer, bounds)
            np.minimum.at(reached[number][0], each.target, np.where(turned, -high, low))
            np.maximum.at(reached[number][1], each.target, np.where(turned, -low, high))
    return np.concatenate([side[0] for side in reached]), np.concatenate([side[1] for side in reached])


def _free(cells: Cells) -> Range:
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
