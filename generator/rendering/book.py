"""The book of one release: everything pages are made from, indexed once so that a page costs milliseconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from generator.model.tables import ALL_PATIENTS, RESULTS
from generator.model.vocabulary import BenchmarkKind, Change
from generator.rendering.control_lines import ControlLines
from generator.rendering.facts import Fact, Moved, Result
from generator.rendering.records import MetricPeriod, Plates
from generator.rendering.register import Register

ROWS_AT_MOST = 200
"""How many organisations a page about a metric in an area lists."""


class _Held(NamedTuple):
    """HELD_COMPARISONS by column, sorted by the place of the result compared."""

    compared: np.ndarray[Any, np.dtype[np.int64]]
    kinds: Any
    codes: Any
    benchmarks: Any
    comparisons: Any
    judgements: Any


@dataclass(frozen=True)
class Book(Register):
    """One release with its results, indexed. Nothing is calculated here: rows are only found and arranged."""

    plates: Mapping[str, Plates] = field(default_factory=dict)
    """By metric_id."""
    peer_names: Mapping[str, str] = field(default_factory=dict)
    """What organisations like one's own are called, by their kind."""

    def with_plates(self, plates: Mapping[str, Plates]) -> Book:
        """Return the same book with its plates. The indexes made so far go along."""
        book = replace(self, plates=plates)
        made = {name: value for name, value in vars(self).items() if name not in Book.__dataclass_fields__}
        vars(book).update(made)
        return book

    @cached_property
    def latest(self) -> dict[str, str]:
        """Each metric's own latest period: the last for which anybody has a value."""
        shown = self._results[self._results["value"].notna().to_numpy()]
        pairs = shown[["metric_id", "period"]].drop_duplicates()
        latest: dict[str, str] = {}
        for metric_id, period in zip(pairs["metric_id"], pairs["period"], strict=True):
            known = latest.get(metric_id)
            if known is None or self.period_order[period] > self.period_order[known]:
                latest[metric_id] = period
        return latest

    @cached_property
    def _places(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Where the results of the metrics shown stand in RESULTS; sorted as `_results` are."""
        results = self.publication.tables.results
        shown = np.flatnonzero(results["metric_id"].isin(list(self.metrics)).to_numpy())
        results = results.iloc[shown]
        order = pd.Series(self.period_order)
        place = results["period"].astype(str).map(order).to_numpy()
        keys = (
            place,
            results["breakdown_id"].astype(str).to_numpy(),
            results["metric_id"].astype(str).to_numpy(),
            results["organisation_code"].astype(str).to_numpy(),
        )
        return np.asarray(shown[np.lexsort(keys)], dtype=np.int64)

    @cached_property
    def _results(self) -> pd.DataFrame:
        """RESULTS of the metrics shown, by organisation, metric, breakdown, then time."""
        return self.publication.tables.results.iloc[self._places].reset_index(drop=True)

    @cached_property
    def _columns(self) -> tuple[tuple[Any, Any], ...]:
        """Each column of the results as (codes or numbers, categories or None): quick to slice into rows."""
        columns: list[tuple[Any, Any]] = []
        for name in RESULTS.column_names:
            column = self._results[name]
            if isinstance(column.dtype, pd.CategoricalDtype):
                columns.append((column.cat.codes.to_numpy(), [*map(str, column.cat.categories), ""]))
            elif column.dtype.kind == "f":
                columns.append((column.to_numpy(), None))
            else:
                coded = pd.Categorical(column.astype(object).fillna(""))
                columns.append((coded.codes, [*map(str, coded.categories), ""]))
        return tuple(columns)

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """First and last row of each organisation."""
        codes = self._results["organisation_code"].astype(str).to_numpy()
        if not len(codes):
            return {}
        changes = np.flatnonzero(codes[1:] != codes[:-1]) + 1
        starts, ends = np.r_[0, changes], np.r_[changes, len(codes)]
        return {str(codes[start]): (int(start), int(end)) for start, end in zip(starts, ends, strict=True)}

    @cached_property
    def _latest_rows(self) -> dict[str, dict[str, int]]:
        """By metric: the row of each organisation for everybody in the metric's latest period."""
        results = self._results
        everyone = (results["breakdown_id"] == ALL_PATIENTS).to_numpy()
        latest = results["metric_id"].astype(str).map(self.latest).to_numpy()
        rows = np.flatnonzero(everyone & (results["period"].astype(str).to_numpy() == latest))
        found: dict[str, dict[str, int]] = {metric_id: {} for metric_id in self.metrics}
        metric_ids = results["metric_id"].astype(str).to_numpy()[rows]
        codes = results["organisation_code"].astype(str).to_numpy()[rows]
        for row, metric_id, code in zip(rows.tolist(), metric_ids.tolist(), codes.tolist(), strict=True):
            found[metric_id][code] = row
        return found

    def fact(self, result: Result, place: int = -1) -> Fact:
        """Return the result as a fact; `place` is where it stands in RESULTS."""
        metric = self.metrics[result.metric_id]
        if result.benchmark_kind == BenchmarkKind.PEERS:
            name = self.peer_names.get(metric.applies_to, "")
        else:
            benchmark = self.organisations.get(result.benchmark_code)
            name = benchmark.name if benchmark else ""
        return Fact(result, metric, self.periods[result.period], name, place)

    def against(self, fact: Fact, kind: BenchmarkKind) -> Fact | None:
        """Return the fact compared with another benchmark: country, parent, peers or target; None: with none.

        Only facts of an organisation's own pages know their place among the results.
        """
        if fact.result.benchmark_kind == kind:
            return fact if fact.has_benchmark else None
        held = self._held
        first = int(np.searchsorted(held.compared, fact.place)) if fact.place >= 0 else len(held.compared)
        for row in range(first, len(held.compared)):
            if held.compared[row] != fact.place:
                break
            if held.kinds[row] == kind:
                found = fact.result._replace(
                    benchmark_kind=kind,
                    benchmark_code=str(held.codes[row]),
                    benchmark=float(held.benchmarks[row]),
                    comparison=str(held.comparisons[row]),
                    judgement=str(held.judgements[row]),
                )
                return self.fact(found, fact.place)
        return None

    @cached_property
    def _held(self) -> _Held:
        tables = self.publication.tables
        columns = ("benchmark_kind", "benchmark_code", "benchmark", "comparison", "judgement")
        return _Held(tables.compared, *(tables.held_comparisons[name].array for name in columns))

    @cached_property
    def peers(self) -> dict[str, tuple[str, ...]]:
        """Whom each organisation is like, by code: the organisations that are compared with as its peers."""
        table = self.publication.tables.peers
        found: dict[str, list[str]] = defaultdict(list)
        for code, peer in zip(table["organisation_code"], table["peer_code"], strict=True):
            found[str(code)].append(str(peer))
        return {code: tuple(peers) for code, peers in found.items()}

    @cached_property
    def earlier_periods(self) -> dict[tuple[str, str], tuple[str, str]]:
        """By metric and period: the period before of the same frequency, and that of a year before.

        These are what a change is counted from; empty where there is none.
        """
        frequency = dict(
            zip(*(self.directory["periods"][name] for name in ("period", "frequency")), strict=True)
        )
        pairs = self._results[["metric_id", "period"]].drop_duplicates()
        used: dict[tuple[str, str], list[str]] = defaultdict(list)
        for metric_id, period in sorted(
            zip(pairs["metric_id"].astype(str), pairs["period"].astype(str), strict=True),
            key=lambda pair: self.period_order[pair[1]],
        ):
            used[metric_id, frequency[period]].append(period)
        found: dict[tuple[str, str], tuple[str, str]] = {}
        for (metric_id, _), periods in used.items():
            ends = [self.period_ends[period] for period in periods]
            months = {(end.year, end.month): period for end, period in zip(ends, periods, strict=True)}
            for period, before, end in zip(periods, ["", *periods], ends, strict=False):
                found[metric_id, period] = before, months.get((end.year - 1, end.month), "")
        return found

    def moves_of(self, fact: Fact) -> tuple[Moved, ...]:
        """Return what is told of the fact's change: at most one move, or two that differ.

        The move since a year before comes first, since seasons play no part in it. Then that since the period
        before is told only if it was clear, and another.
        """
        result, moves = fact.result, []
        before, year_before = self.earlier_periods.get((result.metric_id, result.period), ("", ""))
        for word, period, is_year in (
            (result.change_year, year_before, True),
            (result.change, before, False),
        ):
            if period and word not in ("", Change.NOT_COMPARABLE):
                is_other = self.period_ends[period].month != self.period_ends[result.period].month
                moves.append(
                    Moved(word, self.periods[period], is_year_before=is_year, is_of_another_season=is_other)
                )
        if len(moves) > 1 and moves[1].word in (moves[0].word, Change.NO_CLEAR_CHANGE):
            moves.pop()
        return tuple(moves)

    def facts_of(self, code: str) -> dict[str, dict[str, list[Fact]]]:
        """Return an organisation's facts: by metric, then breakdown, in time order."""
        found: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
        span = slice(*self._spans.get(code, (0, 0)))
        for place, result in zip(self._places[span].tolist(), self._pick(span), strict=True):
            found[result.metric_id][result.breakdown_id].append(self.fact(result, place))
        return found

    def history_of(self, metric_id: str, code: str) -> list[Fact]:
        """Return one organisation's facts of one metric for everybody, in time order."""
        start, end = self._spans.get(code, (0, 0))
        is_asked = np.ones(end - start, dtype=np.bool_)
        for name, wanted in (("metric_id", metric_id), ("breakdown_id", ALL_PATIENTS)):
            codes, words = self._columns[RESULTS.column_names.index(name)]
            is_asked &= codes[start:end] == words.index(wanted)
        return [self.fact(result) for result in self._pick(start + np.flatnonzero(is_asked))]

    @cached_property
    def country_facts(self) -> dict[str, dict[str, list[Fact]]]:
        """The country's facts: by metric, then breakdown, in time order; none without a country."""
        return self.facts_of(self.country.code) if self.country else {}

    def current(self, history: Sequence[Fact]) -> Fact:
        """Return the fact that pages lead with, of one organisation's facts in time order.

        The last one, but for periods in which nobody has a value: those are still on their way.
        """
        latest = self.latest.get(history[-1].result.metric_id)
        if latest is None:
            return history[-1]
        until = self.period_order[latest]
        arrived = [fact for fact in history if self.period_order[fact.result.period] <= until]
        return arrived[-1] if arrived else history[-1]

    def latest_facts(self, metric_id: str, codes: Iterable[str]) -> list[Fact]:
        """Return the facts of these organisations in the metric's latest period; others are left out."""
        rows = self._latest_rows[metric_id]
        chosen = np.array([rows[code] for code in codes if code in rows], dtype=np.int64)
        return [self.fact(result) for result in self._pick(chosen)]

    def reporters(self, metric_id: str) -> list[str]:
        """Return who has a row in the metric's latest period, areas left out."""
        return [
            code
            for code in self._latest_rows[metric_id]
            if code in self.organisations and not self.organisations[code].is_area
        ]

    def results_of(self, metric_id: str, *, latest: bool = False) -> Iterator[Result]:
        """Yield everybody's results for one metric, by organisation, breakdown and time."""
        chosen = (self._results["metric_id"] == metric_id).to_numpy()
        if latest:
            chosen = chosen & (self._results["period"] == self.latest.get(metric_id)).to_numpy()
        return self._pick(np.flatnonzero(chosen))

    def _pick(self, rows: slice | np.ndarray[Any, np.dtype[np.int64]]) -> Iterator[Result]:
        columns = [
            values[rows].tolist() if words is None else [words[code] for code in values[rows].tolist()]
            for values, words in self._columns
        ]
        return (Result(*row) for row in zip(*columns, strict=True))

    @cached_property
    def group_periods(self) -> dict[tuple[str, str], dict[str, MetricPeriod]]:
        """METRIC_PERIODS for everybody: by (metric_id, group_code), then by period in time order."""
        table = self.publication.tables.metric_periods
        table = table[(table["breakdown_id"] == ALL_PATIENTS).to_numpy()]
        found: dict[tuple[str, str], dict[str, MetricPeriod]] = defaultdict(dict)
        order = table["period"].astype(str).map(self.period_order).to_numpy()
        table = table.iloc[np.argsort(order, kind="stable")]
        for row in zip(
            table["metric_id"].astype(str).tolist(),
            table["group_code"].astype(str).tolist(),
            table["period"].astype(str).tolist(),
            table["numerator"].tolist(),
            table["denominator"].tolist(),
            table["value"].tolist(),
            table["reported"].tolist(),
            table["expected"].tolist(),
            table["phi"].tolist(),
            table["tau2"].tolist(),
            table["limits_used"].astype(str).tolist(),
            table["flagged"].tolist(),
            table["flagged_by_chance"].tolist(),
            strict=True,
        ):
            metric_id, group, period, numerator, denominator, value, reported, expected, *outliers = row
            found[metric_id, group][period] = MetricPeriod(
                numerator, denominator, value, int(reported), int(expected), *outliers
            )
        return found

    @cached_property
    def control_lines(self) -> ControlLines:
        """The lines and targets of control charts, by organisation and metric."""
        shown = list(self.metrics)
        tables = self.publication.tables
        return ControlLines.of(tables.spc, tables.held_comparisons, tables.results, shown, self.period_order)

    def reporting_in(self, metric_id: str, code: str) -> list[str]:
        """Return who in the area has a row in the metric's latest period, by name."""
        rows = self._latest_rows[metric_id]
        return [item.code for item in self.inside(code) if item.code in rows]

    @cached_property
    def area_pages(self) -> dict[str, tuple[str, ...]]:
        """By metric: the areas that have a page about it.

        Those of the main tree in which somebody, and at most 200, reports it. Levels of more than 200 areas
        (primary care networks) have none, so that pages stay in proportion to results.
        """
        crowded = {level.level for level in self.area_levels if len(level.areas) > ROWS_AT_MOST}
        candidates = [
            area.code for area in self.areas if area.code in self.main_tree and area.level not in crowded
        ]
        return {
            metric_id: tuple(
                code for code in candidates if 0 < len(self._inside[code] & rows.keys()) <= ROWS_AT_MOST
            )
            for metric_id, rows in self._latest_rows.items()
        }

    def country_periods(self, metric_id: str) -> pd.DataFrame:
        """Return the country's METRIC_PERIODS of one metric, for everybody."""
        table = self.publication.tables.metric_periods
        chosen = (
            (table["metric_id"] == metric_id)
            & (table["breakdown_id"] == ALL_PATIENTS)
            & (table["group_code"] == (self.country.code if self.country else ""))
        )
        return table[chosen.to_numpy()]
