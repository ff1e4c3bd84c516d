"""Moves of counts away from the truth that leave everything known of them as it is, as a linear programme."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import highspy
import numpy as np
from scipy.sparse import csr_matrix, vstack
from scipy.sparse.csgraph import connected_components

from generator.statistics.keys import Flags, Numbers, Positions

Sum = tuple[tuple[int, int], ...]
"""A sum of counts: pairs of a count's number and its factor, sorted by number."""

SLACK = 1e-6
"""Solvers are exact to this."""
NODES = 500
"""Steps of the search for whole moves; the answer to a question that takes more is taken as it is."""
TIES = 8
"""How many times whole moves are looked for among those that reach the same, before that search."""
SLIGHT = 0.01
"""A preference that decides between moves that reach the same."""


PRIMAL_SIMPLEX = 4
"""The end of one question is a start for the next: another aim leaves it possible, so the primal goes on."""


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

    def solve(self, aim: Numbers) -> tuple[float, Numbers | None]:
        """Return how large aim @ moves can be at most, and moves that make it so.

        The moves are None if those found are not whole: whole ones may make it less.
        """
        top, moves = self._best(aim)
        chance = np.random.default_rng(len(aim))
        for _ in range(TIES):
            if moves is not None or np.isinf(top):
                break
            # Many moves reach the same; another preference among them is likely to find whole ones.
            _, other = self._best(aim + chance.uniform(-SLIGHT, SLIGHT, len(aim)))
            if other is not None and aim @ other > top - SLACK:
                moves = other
        return top, moves

    def solve_whole(self, aim: Numbers, enough: float = np.inf) -> tuple[Numbers | None, bool]:
        """Return whole moves that make aim @ moves as large as can be, or `enough`, and whether they do.

        They may be less than the best, or None, where the search is given up after a number of steps: it has
        the same answer on every machine.
        """
        # A bound that is reached at once saves the search for what is not asked.
        aims = [csr_matrix(aim)] if np.isfinite(enough) else []
        solver = _solver(
            vstack([self.matrix, *aims]).tocsr(),
            np.append(self.least, [-np.inf] * len(aims)),
            np.append(self.most, [enough] * len(aims)),
            self.low,
            self.high,
        )
        solver.setOptionValue("mip_max_nodes", NODES)
        solver.setOptionValue("mip_rel_gap", 0.0)
        columns = np.arange(len(aim), dtype=np.int32)
        solver.changeColsCost(len(aim), columns, aim)
        solver.changeColsIntegrality(len(aim), columns, self.whole.astype(np.uint8))
        solver.run()
        found = solver.getSolution()
        moves = self._as_whole(np.array(found.col_value)) if found.value_valid else None
        return moves, solver.getModelStatus() == highspy.HighsModelStatus.kOptimal

    def _best(self, aim: Numbers) -> tuple[float, Numbers | None]:
        """Return how large aim @ moves can be at most, and the moves that make it so, if those are whole."""
        solver = self._solver
        solver.changeColsCost(len(aim), np.arange(len(aim), dtype=np.int32), aim)
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return np.inf, None
        moves = np.array(solver.getSolution().col_value)
        return float(aim @ moves), self._as_whole(moves)

    @cached_property
    def _solver(self) -> highspy.Highs:
        """The problem with the end of the last question in it."""
        solver = _solver(self.matrix, self.least, self.most, self.low, self.high)
        solver.setOptionValue("presolve", "off")
        solver.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
        return solver

    def _as_whole(self, found: Numbers) -> Numbers | None:
        """Return moves as whole numbers, if they are and are possible."""
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


def _solver(matrix: csr_matrix, least: Numbers, most: Numbers, low: Numbers, high: Numbers) -> highspy.Highs:
    """Return a solver that makes something of moves as large as can be; of what is not said yet."""
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = matrix.shape
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.zeros(len(low))
    model.col_lower_, model.col_upper_ = low, high
    model.row_lower_, model.row_upper_ = least, most
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_ = matrix.indptr, matrix.indices
    model.a_matrix_.value_ = matrix.data
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    return solver


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
