"""Worlds that fit what is published: how low and how high each hidden count can be in any of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix

from generator.statistics.keys import Flags, Numbers, Positions
from generator.statistics.moves import SLACK, Problem, Sum, merge

__all__ = ["Asked", "Counts", "FalseKnowledgeError", "Range", "Sum", "add_sums", "find_ranges", "spans"]

REACH = 50.0
"""How far from the truth a count is allowed to move. Moves of 6 decide; the bound keeps problems small."""
ROUNDS = 4
"""How many times all open questions are pushed up and down together before each is asked alone."""


@dataclass
class Counts:
    """Unknown counts, and everything known of them and of their sums. The truth is one of the worlds."""

    truth: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    limits: dict[Sum, tuple[float, float]] = field(default_factory=dict)
    """The lowest and highest possible value of a sum, as known; of a single count too."""

    def add(self, truth: float, *, whole: bool) -> Sum:
        """Add a count, not negative, and return it as a sum."""
        self.truth.append(truth)
        self.whole.append(whole)
        count = ((len(self.truth) - 1, 1),)
        self.limit(count, 0.0, np.inf)
        return count

    def limit(self, total: Sum, low: float, high: float) -> None:
        """Note that a sum lies between these limits; what was known of it before still holds."""
        if total:
            known = self.limits.get(total, (-np.inf, np.inf))
            self.limits[total] = (max(low, known[0]), min(high, known[1]))

    def value(self, total: Sum) -> float:
        """Return what the sum truly is."""
        return sum(factor * self.truth[number] for number, factor in total)


def add_sums(terms: Iterable[tuple[Sum, int]]) -> Sum:
    """Return the sum of sums, each times a factor."""
    factors: dict[int, int] = defaultdict(int)
    for total, times in terms:
        for number, factor in total:
            factors[number] += times * factor
    return tuple(sorted((number, factor) for number, factor in factors.items() if factor))


def spans(known: Sequence[Sum], total: Sum) -> bool:
    """Tell whether a sum follows from sums that are known exactly, by adding and subtracting them alone."""
    numbers = {number for each in known for number, _ in each}
    if not {number for number, _ in total} <= numbers:
        return False
    place = {number: place for place, number in enumerate(sorted(numbers))}
    matrix, aim = np.zeros((len(place), len(known))), np.zeros(len(place))
    for column, each in enumerate(known):
        for number, factor in each:
            matrix[place[number], column] = factor
    for number, factor in total:
        aim[place[number]] = factor
    found = np.linalg.lstsq(matrix, aim, rcond=None)[0]
    return bool(np.abs(matrix @ found - aim).max() < SLACK)


@dataclass(frozen=True)
class Range:
    """The lowest and the highest value that were found possible."""

    low: float
    high: float
    is_undecided: bool
    """The search was given up: more may be possible."""

    @property
    def ends(self) -> tuple[float, float]:
        """Both."""
        return self.low, self.high


class FalseKnowledgeError(Exception):
    """What was taken as known does not hold for the true counts."""


@dataclass(frozen=True)
class Asked:
    """How wide the range of a sum has to be, and between which values; the rest does not count."""

    width: float
    low: float = -np.inf
    high: float = np.inf

    def is_met(self, low: float, high: float) -> bool:
        """Tell whether a range is wide enough."""
        return min(high, self.high) - max(low, self.low) >= self.width - SLACK


def find_ranges(counts: Counts, asked: Mapping[Sum, Asked], *, exactly: bool = True) -> dict[Sum, Range]:
    """Return the possible values of each sum asked for, searched until they are enough or all known.

    Each end was reached in a world of whole counts; a range narrower than what was asked for is complete,
    unless it need not be exactly so.

    Raises:
        FalseKnowledgeError: The truth is not among the worlds.
    """
    truth = np.array(counts.truth)
    low, high = np.full(len(truth), -REACH), np.full(len(truth), REACH)
    whole = np.array(counts.whole, dtype=np.bool_)
    wide = []
    for total, (least, most) in counts.limits.items():
        value = counts.value(total)
        if not least - SLACK <= value <= most + SLACK:
            raise FalseKnowledgeError
        if len(total) == 1 and total[0][1] == 1:
            number = total[0][0]
            low[number], high[number] = max(low[number], least - value), min(high[number], most - value)
        elif np.isfinite(least) or np.isfinite(most):
            wide.append((total, least - value, most - value))
    problem = Problem.of(wide, np.minimum(low, 0.0), np.maximum(high, 0.0), whole)
    return _Search(problem, counts, asked, exactly=exactly).run()


class _Search:
    """The search for the ranges of the sums asked for: all together, then those still open one by one."""

    def __init__(
        self, problem: Problem, counts: Counts, asked: Mapping[Sum, Asked], *, exactly: bool
    ) -> None:
        self.problem, self.asked, self.exactly = problem, list(asked), exactly
        self.truth = np.array([counts.value(total) for total in self.asked])
        self.width, self.least, self.most = (
            np.array([getattr(asked[total], name) for total in self.asked])
            for name in ("width", "low", "high")
        )
        self.least, self.most = self.least - self.truth, self.most - self.truth
        row = np.repeat(np.arange(len(self.asked)), [len(total) for total in self.asked])
        column = [number for total in self.asked for number, _ in total]
        factor = [float(factor) for total in self.asked for _, factor in total]
        self.aims = csr_matrix((factor, (row, column)), shape=(len(self.asked), len(problem.low)))
        self.seen = _Seen.of(len(self.asked))
        self.is_undecided = np.zeros(len(self.asked), dtype=np.bool_)

    def run(self) -> dict[Sum, Range]:
        count, part = self.problem.parts()
        self._look_around(np.flatnonzero(part >= 0))
        order = np.argsort(part, kind="stable")
        bounds = np.searchsorted(part[order], np.arange(count + 1))
        # What parts of the problem that have nothing to do with each other can do adds up.
        in_parts = _Seen.of(len(self.asked))
        touched = part[self.aims[np.flatnonzero(self._open())].indices]
        for number in np.unique(touched[touched >= 0]):
            self._ask_singly(order[bounds[number] : bounds[number + 1]], in_parts)
        self.seen.widen(in_parts.low, in_parts.high)
        low, high = self.truth + self.seen.low, self.truth + self.seen.high
        return {
            total: Range(low[place], high[place], bool(self.is_undecided[place]))
            for place, total in enumerate(self.asked)
        }

    def _open(self, *, besides: _Seen | None = None) -> Flags:
        """Tell which sums have not been seen to span their width; what parts add up to may do so too."""
        span = self._span(self.seen.low, self.seen.high)
        if besides is not None:
            span = np.maximum(span, self._span(besides.low, besides.high))
        return np.asarray(span < self.width - SLACK)

    def _span(self, low: Numbers, high: Numbers) -> Numbers:
        """Return how much of what counts lies between these ends."""
        return np.asarray(np.minimum(high, self.most) - np.maximum(low, self.least))

    def _look_around(self, columns: Positions) -> None:
        """Push all open sums up and down together, and see how far each comes."""
        touched = np.flatnonzero(np.diff(self.aims[:, columns].indptr))
        if not len(touched):
            return
        problem, aims = merge(self.problem.taking(columns), self.aims[touched][:, columns])
        signs = np.random.default_rng(len(columns))
        for turn in range(ROUNDS):
            before = self._open()[touched]
            if not before.any():
                return
            weight = before * (1.0 if turn == 0 else signs.choice([-1.0, 1.0], len(touched)))
            for sign in (1.0, -1.0):
                _, moves = problem.solve(np.asarray(sign * (weight @ aims)))
                if moves is not None:
                    self.seen.widen(*_at(touched, aims @ moves, len(self.asked)))
            if turn and self._open()[touched].sum() == before.sum():
                return

    def _ask_singly(self, columns: Positions, in_parts: _Seen) -> None:
        """Ask for the exact ends of each sum that is still open, as far as one part of the problem goes."""
        touched = np.flatnonzero(np.diff(self.aims[:, columns].indptr))
        touched = touched[self._open(besides=in_parts)[touched]]
        if not len(touched):
            return
        problem, aims = merge(self.problem.taking(columns), self.aims[touched][:, columns])
        here = _Seen.of(len(touched))
        for place, number in enumerate(touched.tolist()):
            aim = aims[[place]].toarray().ravel()
            ends: dict[float, float] = {}
            for sign in (1.0, -1.0):
                if self._is_met(number, in_parts, here, place):
                    break
                ends[sign], moves = problem.solve(sign * aim)
                if moves is not None:
                    ends.pop(sign)
                    here.widen(*(aims @ moves,) * 2)
            if not self.exactly and not self._may_be_met(number, in_parts, here, place, ends):
                continue
            for sign in ends:
                if self._is_met(number, in_parts, here, place):
                    break
                moves, is_best = problem.solve_whole(sign * aim, self._enough(number, sign))
                self.is_undecided[number] |= not is_best
                if moves is not None:
                    here.widen(*(aims @ moves,) * 2)
        in_parts.low[touched] += here.low
        in_parts.high[touched] += here.high

    def _enough(self, number: int, sign: float) -> float:
        """Return how far one sum need go in a direction, at most; more where that does not count at first."""
        ends = -self.least[number], self.most[number]
        before, end = ends if sign > 0 else ends[::-1]
        return float(max(min(self.width[number] + max(-before, 0.0), end), 0.0))

    def _is_met(self, number: int, in_parts: _Seen, here: _Seen, place: int) -> bool:
        """Tell whether a sum has been seen to span its width, with what parts of the problem add up to."""
        return self._may_be_met(number, in_parts, here, place, {})

    def _may_be_met(
        self, number: int, in_parts: _Seen, here: _Seen, place: int, ends: Mapping[float, float]
    ) -> bool:
        """Tell whether a sum may yet span its width, if in these directions it comes as far as they say."""
        low = in_parts.low[number] + min(here.low[place], -ends.get(-1.0, 0.0))
        high = in_parts.high[number] + max(here.high[place], ends.get(1.0, 0.0))
        low, high = min(low, self.seen.low[number]), max(high, self.seen.high[number])
        span = min(high, self.most[number]) - max(low, self.least[number])
        return bool(span >= self.width[number] - SLACK)


@dataclass(frozen=True)
class _Seen:
    """How far each of some sums was seen to fall and rise."""

    low: Numbers
    high: Numbers

    @classmethod
    def of(cls, count: int) -> _Seen:
        return cls(np.zeros(count), np.zeros(count))

    def widen(self, low: Numbers, high: Numbers) -> None:
        np.minimum(self.low, low, out=self.low)
        np.maximum(self.high, high, out=self.high)


def _at(places: Positions, values: Numbers, count: int) -> tuple[Numbers, Numbers]:
    """Return the values at their places among so many zeros, as low and as high ends."""
    ends = np.zeros(count)
    ends[places] = values
    return ends, ends
