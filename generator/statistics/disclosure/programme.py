"""One small linear programme: counts of some organisations in one period, and all that is known of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from generator.model.vocabulary import Kind
from generator.statistics.disclosure.blocks import Block
from generator.statistics.disclosure.forest import UNLIMITED
from generator.statistics.disclosure.leeway import COMPLEMENT, Sight
from generator.statistics.keys import Flags, Numbers
from generator.statistics.worlds import (
    Asked,
    Counts,
    FalseKnowledgeError,
    Sum,
    add_sums,
    find_ranges,
)

CORRECTED = 20.0
"""By how much a count may have been corrected that looks the same as before."""

Limit = tuple[float, float]


class Programme:
    """Counts that may move, and the limits of their sums; all that is not in it stays at the truth."""

    def __init__(self, block: Block, sight: Sight, near: Flags, still: Flags) -> None:
        """Prepare for one period's block and its near organisations; rows to be `still` do not move."""
        self.block, self.sight, self.near, self.still = block, sight, near, still
        self.counts = Counts()
        is_ratio = sight.metric.kind is Kind.RATIO
        self.names = [
            name for name in sight.raw if name != COMPLEMENT and not (is_ratio and name == "denominator")
        ]
        self.limits = {name: sight.limits(name) for name in sight.raw}
        self.sums: dict[int, dict[str, Sum]] = {}
        """Of each row in the programme its counts."""

    def add_rows(self, asked: Iterable[int]) -> None:
        """Add the counts of near organisations and the sums of their groups, as they are published."""
        block = self.block
        near = np.flatnonzero(self.near)
        for row in block.inside[near][block.inside[near] >= 0].tolist():
            self._add_count(row)
        lonely = np.isin(block.beside, list(asked)).any(axis=1)
        for row in block.beside[lonely][block.beside[lonely] >= 0].tolist():
            self._add_count(row)
        members = block.nesting.members[near]
        for group in np.unique(members.indices).tolist():
            own = near[members[:, [group]].nonzero()[0]]
            for column in np.flatnonzero(block.group[group] >= 0).tolist():
                rows = block.inside[own, column]
                parts = [self.sums[row] for row in rows[rows >= 0].tolist()]
                names = [name for name in self.names if parts and all(name in part for part in parts)]
                totals = {name: add_sums([(part[name], 1) for part in parts]) for name in names}
                row = int(block.group[group, column])
                self.sums[row] = self._with_complement(totals)
                self._limit(row)

    def add_breakdowns(self) -> None:
        """Note that the groups of patients of a dimension are all patients, or some of them."""
        for everyone, columns in self.block.dimensions:
            for part in (self.block.inside, self.block.beside):
                for place in np.flatnonzero(part[:, everyone] >= 0).tolist():
                    whole = self.sums.get(int(part[place, everyone]), {})
                    rows = part[place, list(columns)]
                    parts = [self.sums.get(row, {}) for row in rows[rows >= 0].tolist()]
                    for name, total in whole.items():
                        if parts and all(name in each for each in parts):
                            self._add_rest(add_sums([(total, 1), *((each[name], -1) for each in parts)]))

    def safe(self, rows: Sequence[int], needs: Mapping[str, Numbers]) -> set[int]:
        """Return which of these rows have values enough for each of their counts."""
        try:
            wanted: dict[int, dict[Sum, Asked]] = {row: {} for row in rows}
            for row in rows:
                for name, need in needs.items():
                    if need[row] > 0 and name in self.sums.get(row, {}):
                        total = self.sums[row][name]
                        wanted[row][total] = self._asked(self.counts.value(total), name, row)
            questions: dict[Sum, Asked] = {}
            for each in wanted.values():
                for total, asked in each.items():
                    known = questions.get(total)
                    questions[total] = asked if known is None or asked.width > known.width else known
            ranges = find_ranges(self.counts, questions, exactly=False)
        except FalseKnowledgeError:
            return set()
        return {
            row
            for row, each in wanted.items()
            if all(asked.is_met(ranges[total].low, ranges[total].high) for total, asked in each.items())
        }

    def _asked(self, count: float, name: str, row: int) -> Asked:
        """Return which values a count must be able to have: a small one most small values, others any two."""
        up_to = float(self.sight.small_up_to(name))
        if not 0 < count < up_to + 1:
            return Asked(1.0)
        return Asked(up_to - 2, 1.0, up_to) if self.sight.is_known[row] else Asked(up_to - 2)

    def _add_count(self, row: int) -> None:
        found = {}
        for name in self.names:
            truth = float(self.sight.raw[name][row])
            if not np.isnan(truth):
                found[name] = self.counts.add(truth, whole=truth.is_integer())
        self.sums[row] = self._with_complement(found)
        self._limit(row)

    def _with_complement(self, sums: dict[str, Sum]) -> dict[str, Sum]:
        if COMPLEMENT in self.sight.raw and {"numerator", "denominator"} <= sums.keys():
            return {**sums, COMPLEMENT: add_sums([(sums["denominator"], 1), (sums["numerator"], -1)])}
        return sums

    def _limit(self, row: int) -> None:
        """Note by how much the counts of a row may move."""
        for name, total in self.sums[row].items():
            if not total:
                continue
            value = self.counts.value(total)
            fall, rise = (0.0 if self.still[row] else float(side[row]) for side in self.limits[name])
            low = value + fall if fall > -UNLIMITED / 2 else -np.inf
            high = value + rise if rise < UNLIMITED / 2 else np.inf
            self.counts.limit(total, low, high)

    def _add_rest(self, rest: Sum) -> None:
        left = self.counts.value(rest)
        if rest and left > -1e-9:
            self.counts.limit(rest, 0.0, 0.0 if left < 1e-9 else np.inf)
