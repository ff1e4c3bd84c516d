"""Moves of counts away from the truth that leave everything known of them as it is, as a linear programme."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_matrix, vstack
from scipy.sparse.csgraph import connected_components

from generator.statistics.keys import Flags, Numbers, Positions

Sum = tuple[tuple[int, int], ...]
"""A sum of counts: pairs of a count's number and its factor, sorted by number."""

SLACK = 1e-6
"""Solvers are exact to this."""
NODES = 500
"""Steps of the search for whole moves; the answer to a question that takes more is taken as it is."""


@dataclass(frozen=True)
class Problem:
    """Moves away from the truth: limits of each, and of sums of them. No move at all is always possible."""

    matrix: csr_matrix
    least: Numbers
    most: Numbers
    low: Numbers
    high: Numbers
    whole: Flags

    @classmethod
    def of(cls, sums: list[tuple[Sum, float, float]], low: Numbers, high: Numbers, whole: Flags) -> Problem:
        """Return the problem of moves within low and high, and of sums of them with their limits."""
        row = np.repeat(np.arange(len(sums)), [len(total) for total, _, _ in sums])
        column = np.array([number for total, _, _ in sums for number, _ in total], dtype=np.int64)
        factor = np.array([factor for total, _, _ in sums for _, factor in total], dtype=np.float64)
        matrix = csr_matrix((factor, (row, column)), shape=(len(sums), len(low)))
        least = np.minimum(np.array([least for _, least, _ in sums]), 0.0)
        most = np.maximum(np.array([most for _, _, most in sums]), 0.0)
        return cls(matrix, least, most, low, high, whole).tightened()

    def tightened(self) -> Problem:
        """Return the problem with limits drawn as close as single sums allow, and idle sums left out."""
        problem = self
        for _ in range(4):
            entries = problem.matrix.tocoo()
            rising = entries.data > 0
            ends = entries.data * np.where(rising, problem.low[entries.col], problem.high[entries.col])
            tops = entries.data * np.where(rising, problem.high[entries.col], problem.low[entries.col])
            rows = problem.matrix.shape[0]
            bottom, top = (np.bincount(entries.row, part, rows) for part in (ends, tops))
            first = (problem.most[entries.row] - (bottom[entries.row] - ends)) / entries.data
            second = (problem.least[entries.row] - (top[entries.row] - tops)) / entries.data
            low, high = problem.low.copy(), problem.high.copy()
            np.minimum.at(high, entries.col, np.where(rising, first, second))
            np.maximum.at(low, entries.col, np.where(rising, second, first))
            high = np.where(problem.whole, np.floor(high + SLACK), high)
            low = np.where(problem.whole, np.ceil(low - SLACK), low)
            low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)
            busy = (bottom < problem.least - SLACK) | (top > problem.most + SLACK)
            same = bool((low == problem.low).all() and (high == problem.high).all() and busy.all())
            problem = Problem(
                problem.matrix[busy], problem.least[busy], problem.most[busy], low, high, problem.whole
            )
            if same:
                break
        return problem

    def parts(self) -> tuple[int, Positions]:
        """Return how many parts of the problem have nothing to do with each other, and the part of each move.

        A move that is not possible belongs to no part: -1.
        """
        free = self.high > self.low
        rows, columns = self.matrix.shape
        entries = self.matrix[:, free].tocoo()
        numbers = np.flatnonzero(free)
        links = csr_matrix(
            (np.ones(entries.nnz), (entries.row, rows + numbers[entries.col])),
            shape=(rows + columns, rows + columns),
        )
        _, label = connected_components(links, directed=False)
        part = np.full(columns, -1, dtype=np.int64)
        used, part[free] = np.unique(label[rows:][free], return_inverse=True)
        return len(used), part

    def solve(self, aim: Numbers, enough: float = np.inf) -> tuple[float, Numbers | None]:
        """Return how large aim @ moves can be at most, not more than `enough`, and moves that make it so.

        The moves are None if those found are not whole: whole ones may make it less.
        """
        found = self._solve(aim, np.zeros(len(aim)), enough)
        return (-found.fun, self._whole(found.x)) if found.status == 0 else (np.inf, None)

    def solve_whole(self, aim: Numbers, enough: float = np.inf) -> tuple[Numbers | None, bool]:
        """Return whole moves that make aim @ moves as large as can be, or `enough`, and whether they do.

        They may be less than the best, or None, where the search is given up after a number of steps: it has
        the same answer on every machine.
        """
        found = self._solve(aim, self.whole, enough)
        return self._whole(found.x), found.status == 0

    def _solve(self, aim: Numbers, whole: Numbers | Flags, enough: float) -> OptimizeResult:
        limits = [LinearConstraint(self.matrix, self.least, self.most)]
        if np.isfinite(enough):
            # A bound that is reached at once saves the search for what is not asked.
            limits.append(LinearConstraint(csr_matrix(aim), -np.inf, enough))
        return milp(
            -aim,
            constraints=limits,
            bounds=Bounds(self.low, self.high),
            integrality=whole,
            options={"node_limit": NODES, "mip_rel_gap": 0.0},
        )

    def _whole(self, found: Numbers | None) -> Numbers | None:
        """Return moves as whole numbers, if they are and are possible."""
        if found is None:
            return None
        moves = np.where(self.whole, np.rint(found), found)
        reached = self.matrix @ moves
        is_possible = (reached >= self.least - SLACK).all() and (reached <= self.most + SLACK).all()
        return np.asarray(moves) if is_possible and (np.abs(moves - found) < SLACK * 10).all() else None

    def taking(self, columns: Positions) -> Problem:
        """Return the problem of these moves alone; the others stay at the truth."""
        matrix = self.matrix[:, columns]
        rows = np.flatnonzero(np.diff(matrix.indptr))
        return Problem(
            matrix[rows],
            self.least[rows],
            self.most[rows],
            self.low[columns],
            self.high[columns],
            self.whole[columns],
        )


def merge(problem: Problem, aims: csr_matrix) -> tuple[Problem, csr_matrix]:
    """Return problem and aims with moves that do the same everywhere taken as one."""
    stacked = vstack([problem.matrix, aims]).tocsc()
    stacked.sort_indices()
    places: dict[tuple[bytes, bytes, bool], int] = {}
    place = np.empty(stacked.shape[1], dtype=np.int64)
    for column in range(stacked.shape[1]):
        start, end = stacked.indptr[column], stacked.indptr[column + 1]
        key = (
            stacked.indices[start:end].tobytes(),
            stacked.data[start:end].tobytes(),
            bool(problem.whole[column]),
        )
        place[column] = places.setdefault(key, len(places))
    first = np.zeros(len(places), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    merged = Problem(
        problem.matrix[:, first],
        problem.least,
        problem.most,
        np.bincount(place, problem.low).astype(np.float64),
        np.bincount(place, problem.high).astype(np.float64),
        problem.whole[first],
    )
    return merged, aims[:, first]
